"""Reading OParl 1.0 and 1.1 servers: from a system, a body or a meeting list to the meetings behind it."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from errors import Problem, SourceClosed, SourceError
from scheduler.agendas.fetch import Fetcher
from scheduler.agendas.meetings import FoundMeeting, Harvest, UnusableError
from scheduler.agendas.oparljson import Object, Page, kind_of, many, read_page, text_of, truth
from scheduler.agendas.oparlobjects import (
    Around,
    embedded,
    found_meeting,
    key_of,
    location_of,
    name_of,
    starts_of,
)

MOST_PAGES = 200
MOST_BODIES = 50
MOST_PROBLEMS = 200
# Linked things (items, councils, rooms) are fetched only for meetings still to come.
MOST_LINKED = 300
MOST_REREAD = 100
# After that many unreadable pages one after another, a list is given up.
MOST_BROKEN = 3
_UNREADABLE = Page((), is_list=True, torn=True)

# Told after every page: how many meetings were read, and how many there are if the server says so.
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class _List:
    """A list of meetings, and the municipality it belongs to if that is known."""

    url: str
    place: str | None
    first: Page | None = None


@dataclass
class OparlReader:
    """One run over one server. Naive times are of `zone`; `since` asks only for what changed after it."""

    fetcher: Fetcher
    name: str
    zone: ZoneInfo
    now: datetime
    since: datetime | None = None
    progress: Progress | None = None
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True
    _meetings: dict[str, FoundMeeting] = field(default_factory=dict)
    _gone: dict[str, None] = field(default_factory=dict)
    _linked: dict[str, Object | None] = field(default_factory=dict)
    _bodies: dict[str, str | None] = field(default_factory=dict)

    async def read(self, url: str, reread: Iterable[str] = ()) -> Harvest:
        """Everything behind a system, body or meeting-list address, and the meetings `reread` by id.

        Raises SourceClosed, and SourceError when not even the first page can be read.
        """
        page = await self._page(url)
        if page is None:
            raise self._nothing()
        closed = None
        try:
            for one in await self._lists(url, page):
                await self._read_list(one)
            for key in list(reread)[:MOST_REREAD]:
                await self._reread(key)
        except SourceClosed as error:
            closed = error
            self._miss(url, error.key, **{**error.details, "name": self.name})
        found = tuple(self._meetings.values())
        return Harvest(found, tuple(self.problems), tuple(self._gone), self.complete, closed)

    async def _lists(self, url: str, page: Page) -> list[_List]:
        kinds = {kind_of(one) for one in page.objects}
        if "System" in kinds:
            return await self._of_systems(page.objects)
        if "Body" in kinds:
            return self._of_bodies([*page.objects, *[one async for one in self._more(page)]])
        if "Meeting" in kinds or (page.is_list and kinds <= {""}):
            return [_List(url, None, page)]
        raise SourceError("agendas.oparl_no_meetings", name=self.name)

    async def _of_systems(self, systems: Iterable[Object]) -> list[_List]:
        bodies: list[Object] = []
        for system in systems:
            here, there = embedded(system.get("body"))
            bodies += here
            for address in there[:MOST_BODIES]:
                page = await self._page(address)
                if page is not None:
                    bodies += [*page.objects, *[one async for one in self._more(page)]]
        return self._of_bodies(bodies)

    async def _more(self, page: Page) -> AsyncIterator[Object]:
        seen: set[str] = set()
        while page.next and page.next not in seen and len(seen) < MOST_PAGES:
            seen.add(page.next)
            following = await self._page(page.next)
            if following is None:
                return
            for one in following.objects:
                yield one
            page = following

    def _of_bodies(self, bodies: list[Object]) -> list[_List]:
        lists = []
        for body in bodies[:MOST_BODIES]:
            place = name_of(body)
            here, there = embedded(body.get("meeting"))
            lists += [_List(address, place) for address in there]
            if here:
                lists.append(_List("", place, Page(tuple(here), is_list=True)))
        if not lists:
            raise SourceError("agendas.oparl_no_meetings", name=self.name)
        return lists

    async def _read_list(self, listed: _List) -> None:
        """Follow a list to its end; what comes round again, or never ends, is cut off and said."""
        url, page = listed.url, listed.first
        if self.since is not None and url:
            page = await self._changed(url, self.since)
        elif page is None:
            page = await self._page(url)
        addresses, contents, broken = {url}, set[str](), 0
        for _ in range(MOST_PAGES):
            broken = broken + 1 if page is None else 0
            if page is None:
                page = _UNREADABLE
            elif (mark := page.content()) in contents and page.objects:
                return self._miss(url, "agendas.oparl_loop")
            else:
                contents.add(mark)
            await self._take_page(page, listed.place)
            following = page.following(url) if broken < MOST_BROKEN else None
            if following is None:
                return None
            if following in addresses:
                return self._miss(following, "agendas.oparl_loop")
            addresses.add(following)
            try:
                following = self.fetcher.origin.absolute(following, url)
            except SourceError as error:
                return self._miss(following, error.key, **{**error.details, "name": self.name})
            url, page = following, await self._page(following)
        return self._miss(url, "agendas.oparl_too_many_pages", limit=MOST_PAGES)

    async def _changed(self, url: str, since: datetime) -> Page | None:
        """The first page of what changed since; servers disagree on how that must be asked."""
        moment = since.astimezone(UTC).replace(microsecond=0)
        joint = "&" if "?" in url else "?"
        plain = f"{url}{joint}modified_since={moment:%Y-%m-%dT%H:%M:%SZ}"
        encoded = f"{url}{joint}modified_since={quote(moment.isoformat())}"
        for address in (plain, encoded):
            try:
                # 404 on a filtered list means that nothing changed (SD.NET, code 802).
                answer = await self.fetcher.get(address)
            except SourceClosed:
                raise
            except SourceError:
                continue
            if answer.status == 404:
                return Page((), is_list=True)
            page = read_page(answer.body)
            if page is not None and not page.is_error():
                return page
        return await self._page(url)

    async def _page(self, url: str) -> Page | None:
        """A page; None, with the reason noted, when it cannot be read."""
        try:
            answer = await self.fetcher.get(url)
        except SourceClosed:
            raise
        except SourceError as error:
            self._miss(url, error.key, **{**error.details, "name": self.name})
            return None
        page = read_page(answer.body) if answer.status == 200 else None
        if page is None or page.is_error():
            self._miss(url, "agendas.oparl_missing" if answer.status == 404 else "agendas.oparl_no_json")
            return None
        if page.torn:
            self._miss(url, "agendas.oparl_torn", kept=len(page.objects))
        if page.foreign:
            self._miss(url, "agendas.oparl_no_objects", count=page.foreign)
        return page

    async def _take_page(self, page: Page, place: str | None) -> None:
        for one in page.objects:
            await self._take(one, place)
        if self.progress is not None:
            self.progress(len(self._meetings), page.total)

    async def _take(self, meeting: Object, place: str | None) -> None:
        key = key_of(meeting)
        # Deleted objects often carry nothing but their id.
        if truth(meeting.get("deleted")) is True:
            self._gone[key] = None
            self._meetings.pop(key, None)
            return
        try:
            if kind_of(meeting) not in ("Meeting", ""):
                raise UnusableError("agendas.oparl_no_meeting", kind=text_of(meeting.get("type"), 80))
            found = found_meeting(meeting, await self._around(meeting, place), self.zone)
        except UnusableError as reason:
            self._note(key, reason.key, **reason.details)
            return
        self._gone.pop(key, None)
        self._meetings[key] = found

    async def _around(self, meeting: Object, place: str | None) -> Around:
        coming = starts_of(meeting, self.zone) > self.now - timedelta(days=1)
        items, linked = embedded(meeting.get("agendaItem"))
        councils = [await self._whole(one, coming) for one in many(meeting.get("organization"))[:3]]
        names = [text_of(one.get("name")) or text_of(one.get("shortName")) for one in councils if one]
        where = await self._whole(meeting.get("location"), coming)
        for address in linked if coming else ():
            items += await self._linked_items(address)
        town = place if place is not None else await self._town(meeting)
        return Around(items, ", ".join(dict.fromkeys(filter(None, names)))[:200], location_of(where), town)

    async def _linked_items(self, address: str) -> list[Object]:
        """One linked agenda item, or a whole list of them."""
        whole = await self._whole(address, True)
        items = [] if whole is None else many(whole["data"]) if "data" in whole else [whole]
        return [one for one in items if isinstance(one, dict)]

    async def _whole(self, value: object, fetch: bool) -> Object | None:
        """An embedded object, or the one behind a link, asked for once."""
        if isinstance(value, dict):
            return value
        if not isinstance(value, str) or not value.startswith("http"):
            return None
        if value not in self._linked and fetch and len(self._linked) < MOST_LINKED:
            page = await self._page(value)
            whole = page.objects[0] if page and page.objects and not page.is_list else None
            if page is not None and page.is_list:
                whole = {"data": list(page.objects)}
            self._linked[value] = whole
        return self._linked.get(value)

    async def _town(self, meeting: Object) -> str | None:
        """The municipality of a list that was named directly: its meetings may name their body."""
        address = meeting.get("body")
        if not isinstance(address, str):
            return None
        if address not in self._bodies:
            body = await self._whole(address, True)
            self._bodies[address] = name_of(body) if body else None
        return self._bodies[address]

    async def _reread(self, key: str) -> None:
        """Read one known meeting again: changes of its items do not show in the list's dates."""
        if key in self._meetings or key in self._gone or not key.startswith("http"):
            return
        try:
            answer = await self.fetcher.get(key)
        except SourceClosed:
            raise
        except SourceError:
            # Some servers know their objects by other addresses than their ids; the list is enough then.
            return
        page = read_page(answer.body) if answer.status == 200 else None
        if page is not None and not page.is_list and key_of(page.objects[0]) == key:
            await self._take(page.objects[0], None)

    def _nothing(self) -> SourceError:
        """Why not even the first page could be read."""
        reason = self.problems[-1]
        if reason.key in ("agendas.oparl_missing", "agendas.oparl_no_json"):
            return SourceError("agendas.oparl_nothing", name=self.name)
        return SourceError(reason.key, (), **reason.details)

    def _miss(self, url: str, key: str, **details: object) -> None:
        """Note that a page is missing: the next run must ask for the same span of time again."""
        self.complete = False
        self._note(url, key, **details)

    def _note(self, where: str, key: str, **details: object) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.name, where[:200], key, {"name": self.name, **details}))
