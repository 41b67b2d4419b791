"""What the clock says: reminders, and news of a debate that moved, was cancelled or was a mistake."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.commands.debates import host
from bot.config_model import Config
from bot.markup import Markup, escape
from bot.texts import Texts
from knowledge.relevance import TOLD_LEVELS, Level
from scheduler.calendar import holiday, local_day
from scheduler.dates import show_when
from scheduler.reminders import DISCOVERED, Composed, Composer, Note, Post
from store import chats
from store.database import Transaction
from store.debates import Debate
from store.messages import Choice, Who

# More debates than that in one post get one line each.
MOST_IN_FULL, MOST_LINES = 5, 20
CHANGES = ("moved", "cancelled", "wrong", "again")


def composer(texts: Texts, config: Config, now: Callable[[], datetime]) -> Composer:
    """The function that puts posts into words, in each chat's own language."""

    def compose(tx: Transaction, post: Post) -> Composed:
        chat = chats.find(tx, post.chat, private=False)
        return _Writer(texts, config, chat.language or config.language, now(), chat.private).write(post)

    return compose


class _Writer:
    """Writes one post in one language."""

    def __init__(self, texts: Texts, config: Config, language: str, now: datetime, private: bool) -> None:
        self._texts = texts
        self._config = config
        self._language = language
        self._now = now
        self._private = private

    def write(self, post: Post) -> Composed:
        if len(post.notes) > MOST_IN_FULL:
            return self._digest(post)
        parts: list[str] = [self._note(note) for note in post.notes]
        if len(parts) > 1:
            parts.insert(0, self._text("post.several"))
        relevant = [note for note in post.notes if note.offset not in CHANGES]
        choices = (self._ask_choice(), *self._about(relevant)) if relevant else ()
        return Composed("\n\n".join(parts), choices)

    def _digest(self, post: Post) -> Composed:
        """Many at once: one line each, and the way to all of them."""
        lines = [
            self._text("post.digest", soon=self._soon(note), place=note.debate.place, title=note.debate.title)
            for note in post.notes[:MOST_LINES]
        ]
        if len(post.notes) > MOST_LINES:
            lines.append(self._text("dates.more", n=len(post.notes) - MOST_LINES))
        late = [self._text("post.late")] if any(note.late for note in post.notes) else []
        body = "\n\n".join([self._text("post.several"), "\n".join(lines), *late])
        all_of_them = Choice(self._text("post.all_dates"), "/termine", Who.ALL)
        return Composed(body, (self._ask_choice(), all_of_them))

    def _text(self, key: str, /, **details: object) -> Markup:
        shown = {name: escape(value) for name, value in details.items()}
        return Markup(self._texts.get(self._language, key, **shown))

    def _note(self, note: Note) -> str:
        key = note.offset if note.offset in CHANGES else "new" if note.offset == DISCOVERED else "coming"
        lines = [
            self._text(f"post.{key}", title=note.debate.title, soon=self._soon(note)),
            self._text("post.late") if note.late else "",
            self._before(note),
            *self._facts(note.debate, key),
            self._then(note),
        ]
        return "\n".join(line for line in lines if line)

    def _soon(self, note: Note) -> str:
        """How far off it is now: in hours where it was asked for by the hour, else by the calendar."""
        zone = self._config.zone
        days = (local_day(note.debate.starts, zone) - local_day(self._now, zone)).days
        # A reminder may have waited for the morning: what counts is the time that is left.
        hours = round((note.debate.starts - self._now) / timedelta(hours=1))
        if note.offset.endswith("h") and hours > 0:
            return self._texts.plural(self._language, "post.in_hours", hours)
        if days <= 1:
            return self._texts.get(self._language, "post.today" if days <= 0 else "post.tomorrow")
        return self._texts.plural(self._language, "post.in_days", days)

    def _then(self, note: Note) -> str:
        """The further meetings of an item that wanders through committees."""
        lines = [f"{self._when(one)}, {one.council or one.title}" for one in note.then[:MOST_IN_FULL]]
        return self._text("post.then", meetings="; ".join(lines)) if lines else ""

    def _before(self, note: Note) -> str:
        before, after = note.before, note.debate
        if note.offset != "moved" or before is None or before.starts == after.starts:
            return ""
        return self._text("post.was", when=self._when(before))

    def _facts(self, debate: Debate, key: str) -> list[str]:
        where = ", ".join(part for part in (debate.council, debate.place, debate.location) if part)
        lines: list[str] = [
            self._text("debate.when", when=self._when(debate)),
            self._text("debate.where", place=where),
        ]
        if key in ("cancelled", "wrong"):
            return lines
        free = holiday(local_day(debate.starts, self._config.zone), "MV")
        lines.append(self._text("post.holiday", name=free) if free else "")
        lines += self._agenda(debate)
        if debate.url:
            lines.append(self._text("debate.link", url=Markup(debate.url), host=host(debate.url)))
        return lines

    def _agenda(self, debate: Debate) -> list[str]:
        telling = [item for item in debate.items if item.level != Level.NONE][:5]
        items = "; ".join(escape(f"{item.number} {item.title}".strip()) for item in telling)
        why = self._text("debate.why") if debate.level in TOLD_LEVELS else ""
        return ["" if not items else self._text("debate.items", items=Markup(items)), why]

    def _when(self, debate: Debate) -> str:
        return show_when(debate.starts, debate.time_known, self._config.zone, self._language)

    def _ask_choice(self) -> Choice:
        label = self._texts.get(self._language, "post.what_to_ask")
        return Choice(label, "/frage #fragen-im-ausschuss", Who.ALL)

    def _about(self, relevant: list[Note]) -> list[Choice]:
        """For one debate everything one can do with it; for several, the way to each."""
        if len(relevant) != 1:
            return [self._more(note) for note in relevant[:4]]
        number = relevant[0].debate.id
        snooze = Choice(self._text("post.snooze"), f"/spaeter {number}", Who.ALL)
        return [
            Choice(self._text("post.going"), f"/dabei {number}", Who.ALL),
            Choice(self._text("post.calendar"), f"/kalender {number}", Who.ALL),
            self._more(relevant[0]),
            Choice(self._text("post.mute"), f"/stumm {number}", Who.ADMINS),
            *([snooze] if self._private else []),
        ]

    def _more(self, note: Note) -> Choice:
        label = self._texts.get(self._language, "post.details", title=note.debate.title[:40])
        return Choice(label, f"/termine {note.debate.id}", Who.ALL)
