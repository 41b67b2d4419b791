"""What the clock says: reminders, and news of a debate that moved, was cancelled or was a mistake."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.debates import agenda, telling, when_and_where
from bot.config_model import Config
from bot.texts import Texts
from bot.voice import Speech
from scheduler.calendar import holiday, local_day
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
        voice = Speech(texts, chat.language or config.language, config.zone)
        return _Writer(voice, now(), chat.private).write(post)

    return compose


@dataclass(frozen=True)
class _Writer:
    """Writes one post in one language."""

    voice: Speech
    now: datetime
    private: bool

    def write(self, post: Post) -> Composed:
        if len(post.notes) > MOST_IN_FULL:
            return self._digest(post)
        parts: list[str] = [self._note(note) for note in post.notes]
        if len(parts) > 1:
            parts.insert(0, self.voice.text("post.several"))
        relevant = [note for note in post.notes if note.offset not in CHANGES]
        choices = (self._ask_choice(), *self._about(relevant)) if relevant else ()
        return Composed("\n\n".join(parts), choices)

    def _digest(self, post: Post) -> Composed:
        """Many at once: one line each, and the way to all of them."""
        lines = [
            self.voice.text(
                "post.digest", soon=self._soon(note), place=note.debate.place, title=note.debate.title
            )
            for note in post.notes[:MOST_LINES]
        ]
        if len(post.notes) > MOST_LINES:
            lines.append(self.voice.text("dates.more", n=len(post.notes) - MOST_LINES))
        late = [self.voice.text("post.late")] if any(note.late for note in post.notes) else []
        body = "\n\n".join([self.voice.text("post.several"), "\n".join(lines), *late])
        all_of_them = self.voice.choice("post.all_dates", "/termine", Who.ALL)
        return Composed(body, (self._ask_choice(), all_of_them))

    def _note(self, note: Note) -> str:
        key = note.offset if note.offset in CHANGES else "new" if note.offset == DISCOVERED else "coming"
        lines = [
            self.voice.text(f"post.{key}", title=note.debate.title, soon=self._soon(note)),
            self.voice.text("post.late") if note.late else "",
            self._before(note),
            *self._facts(note.debate, key),
            self._then(note),
        ]
        return "\n".join(line for line in lines if line)

    def _soon(self, note: Note) -> str:
        """How far off it is now: in hours where it was asked for by the hour, else by the calendar."""
        zone = self.voice.zone
        days = (local_day(note.debate.starts, zone) - local_day(self.now, zone)).days
        # A reminder may have waited for the morning: what counts is the time that is left.
        hours = round((note.debate.starts - self.now) / timedelta(hours=1))
        if note.offset.endswith("h") and hours > 0:
            return self.voice.count("post.in_hours", hours)
        if days <= 1:
            return self.voice.label("post.today" if days <= 0 else "post.tomorrow")
        return self.voice.count("post.in_days", days)

    def _then(self, note: Note) -> str:
        """The further meetings of an item that wanders through committees."""
        lines = [
            f"{self.voice.when(one.starts, one.time_known)}, {one.council or one.title}"
            for one in note.then[:MOST_IN_FULL]
        ]
        return self.voice.text("post.then", meetings="; ".join(lines)) if lines else ""

    def _before(self, note: Note) -> str:
        before, after = note.before, note.debate
        if note.offset != "moved" or before is None or before.starts == after.starts:
            return ""
        return self.voice.text("post.was", when=self.voice.when(before.starts, before.time_known))

    def _facts(self, debate: Debate, key: str) -> list[str]:
        lines = when_and_where(self.voice, debate)
        if key in ("cancelled", "wrong"):
            return lines
        free = holiday(local_day(debate.starts, self.voice.zone), "MV")
        lines.append(self.voice.text("post.holiday", name=free) if free else "")
        return lines + agenda(self.voice, debate, telling(debate))

    def _ask_choice(self) -> Choice:
        return self.voice.choice("post.what_to_ask", "/frage #fragen-im-ausschuss", Who.ALL)

    def _about(self, relevant: list[Note]) -> list[Choice]:
        """For one debate everything one can do with it; for several, the way to each."""
        if len(relevant) != 1:
            return [self._more(note) for note in relevant[:4]]
        number = relevant[0].debate.id
        snooze = self.voice.choice("post.snooze", f"/spaeter {number}", Who.ALL)
        return [
            self.voice.choice("post.going", f"/dabei {number}", Who.ALL),
            self.voice.choice("post.calendar", f"/kalender {number}", Who.ALL),
            self._more(relevant[0]),
            self.voice.choice("post.mute", f"/stumm {number}", Who.ADMINS),
            *([snooze] if self.private else []),
        ]

    def _more(self, note: Note) -> Choice:
        title = note.debate.title[:40]
        return self.voice.choice("post.details", f"/termine {note.debate.id}", Who.ALL, title=title)
