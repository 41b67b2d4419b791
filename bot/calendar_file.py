"""Debates as an .ics file that calendars subscribe to or take in. Pure; times in UTC."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from knowledge.places import Places
from scheduler.reminders import over_at
from store import chats, debates
from store.chats import EVERYWHERE, Subscription
from store.database import Transaction
from store.debates import Debate

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Saeulenbot//DE"
NAME = "Haushaltsdebatten"
ASKED_EVERY = timedelta(hours=6)


def calendar_of(known: Iterable[Debate], zone: ZoneInfo, now: datetime) -> bytes:
    """An iCalendar file (RFC 5545) of debates; a cancelled one is there as cancelled."""
    import icalendar  # takes a tenth of a second, and most starts never draw a calendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", NAME)
    # How often programs that subscribe to it should ask (RFC 7986).
    calendar.add("refresh-interval", ASKED_EVERY, parameters={"VALUE": "DURATION"})
    for one in known:
        calendar.add_component(_event(one, zone, now))
    file: bytes = calendar.to_ical()
    return file


def _event(debate: Debate, zone: ZoneInfo, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"debate-{debate.id}@saeulenbot")
    event.add("dtstamp", now)
    event.add("sequence", debate.version - 1)
    event.add("summary", f"{debate.place}: {debate.title}")
    if debate.time_known:
        event.add("dtstart", debate.starts)
        event.add("dtend", over_at(debate))
    else:
        day = debate.starts.astimezone(zone).date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    where = ", ".join(part for part in (debate.council, debate.location) if part)
    if where:
        event.add("location", where)
    if debate.url:
        event.add("url", debate.url)
    event.add("status", "CANCELLED" if debate.state == "cancelled" else "CONFIRMED")
    return event


def subscribed(tx: Transaction, chat: int, thread: str, places: Places, now: datetime) -> list[Debate]:
    """The coming debates that a chat is subscribed to; all of them where it has no subscriptions."""
    mine = chats.subscriptions_of(tx, chat, thread) if chat else []
    known = debates.between(tx, now - timedelta(days=1), None, None, ("planned", "cancelled"))
    return [one for one in known if one.announced and (not mine or _is_wanted(mine, one, places))]


def _is_wanted(mine: Iterable[Subscription], debate: Debate, places: Places) -> bool:
    place = places.get(debate.place)
    return any(
        one.wants(debate.level)
        and (one.place in (EVERYWHERE, debate.place) or (one.towns and place and place.district == one.place))
        for one in mine
    )


def drawn(
    tx: Transaction, arguments: Mapping[str, str], places: Places, zone: ZoneInfo, now: datetime
) -> bytes:
    """The file that the recipe "calendar" asks for: of one `debate`, or of what a `chat` subscribes to."""
    number = arguments.get("debate", "")
    if number:
        one = debates.get(tx, int(number))
        return calendar_of([one] if one else [], zone, now)
    chat = int(arguments.get("chat", "0"))
    return calendar_of(subscribed(tx, chat, arguments.get("thread", ""), places, now), zone, now)
