"""What organisers read of a broadcast: how it goes, and what became of it in each chat."""

from dataclasses import dataclass
from datetime import timedelta

from bot.config_model import Config
from bot.markup import Markup, escape
from bot.reasons import why
from bot.texts import Texts
from knowledge.places import Places
from scheduler.broadcasts import Course, Shown
from store import chats, circulation
from store.broadcasts import Broadcast
from store.circulation import Delivered, Reached
from store.database import Transaction
from store.messages import Choice

MOST_LINES, MOST_SINGLE = 15, 5
PAGE = 40


def reached(tx: Transaction, places: Places, served: frozenset[str], one: Broadcast) -> list[Reached]:
    """Whom a broadcast is for: groups of these places, and of all towns of a district."""
    towns = [town.name for name in one.places for town in places.within(name)]
    platforms = served.intersection(one.platforms) if one.platforms else served
    return circulation.reached(tx, [*one.places, *towns], platforms)


@dataclass(frozen=True)
class Posts:
    """Writes in the language of the chat in which the author spoke."""

    texts: Texts
    config: Config

    def show(self, tx: Transaction, course: Course) -> Shown:
        """How a broadcast goes, or what became of it."""
        language = chats.find(tx, course.broadcast.chat).language or self.config.language
        paused = chats.setting(tx, chats.PAUSE) is not None
        return _Writer(self.texts, language, course).shown(tx, paused)

    def page(self, tx: Transaction, one: Broadcast, language: str, page: int) -> str:
        """All chats with what became of it in each, so many a page; empty beyond the last."""
        states = ("waiting", "held", "sent", "failed", "unknown", "recalled")
        rows = circulation.delivered(tx, one.id, states)[(page - 1) * PAGE : page * PAGE]
        writer = _Writer(self.texts, language, Course(one, {}))
        return "\n".join(f"- {writer.line(row)}" for row in rows)


class _Writer:
    """Writes about one broadcast in one language."""

    def __init__(self, texts: Texts, language: str, course: Course) -> None:
        self._texts = texts
        self._language = language
        self._course = course
        self._one = course.broadcast

    def shown(self, tx: Transaction, paused: bool) -> Shown:
        if self._one.cancelled:
            return Shown(self._say("rundruf.is_cancelled", number=self._one.id), ())
        if self._one.state == "done":
            return self._report(tx)
        stopped = self._one.state == "stopped"
        key = "rundruf.is_stopped" if stopped else "rundruf.is_paused" if paused else "rundruf.is_running"
        parts = [self._say(key, number=self._one.id), self._numbers(), self._left(stopped or paused)]
        word = "go_on" if stopped else "stop"
        sentence = f"/rundruf {'weiter' if stopped else 'anhalten'} {self._one.id}"
        choices = [Choice(self._say(f"rundruf.{word}"), sentence)]
        if stopped:
            choices.append(self._choice("rundruf.take_back", f"zurückrufen {self._one.id}"))
        return Shown("\n".join(part for part in parts if part), tuple(choices))

    def _numbers(self) -> str:
        tally = self._course.tally
        waiting = tally.get("waiting", 0) + tally.get("held", 0)
        names = ("sent", "failed", "unknown", "recalled")
        counts = {name: tally.get(name, 0) for name in names}
        counts |= {"waiting": waiting, "following": self._course.following}
        shown = [
            name for name in ("sent", "waiting", "failed", "unknown", "recalled", "following") if counts[name]
        ]
        return ", ".join(self._say(f"rundruf.n_{name}", n=counts[name]) for name in shown or ["sent"])

    def _left(self, stands: bool) -> str:
        left = self._course.left
        if stands or left is None:
            return ""
        minutes = -(-left // timedelta(minutes=1))
        return self._texts.plural(self._language, "rundruf.left", minutes)

    def _report(self, tx: Transaction) -> Shown:
        rows = circulation.delivered(tx, self._one.id, ("failed", "unknown"))
        lines = [f"- {self.line(row)}" for row in rows[:MOST_LINES]]
        if len(rows) > MOST_LINES:
            lines.append(self._say("rundruf.more", n=len(rows) - MOST_LINES, number=self._one.id))
        head = self._say("rundruf.is_done" if self._one.chats else "rundruf.nobody", number=self._one.id)
        parts = [f"{head}\n{self._numbers()}" if self._one.chats else head, "\n".join(lines), *self._undone()]
        return Shown("\n\n".join(part for part in parts if part), tuple(self._again(rows)))

    def _undone(self) -> list[str]:
        """Where it could not be corrected or taken back."""
        counts = {"not_edited": self._course.not_edited, "not_deleted": self._course.not_deleted}
        return [
            self._texts.plural(self._language, f"rundruf.{name}", count)
            for name, count in counts.items()
            if count
        ]

    def _again(self, rows: list[Delivered]) -> list[Choice]:
        number = self._one.id
        choices = []
        for state, word in (("failed", "fehlgeschlagen"), ("unknown", "unklar")):
            if any(row.state == state for row in rows):
                choices.append(self._choice(f"rundruf.again_{state}", f"nochmal {number} {word}"))
        single = [row for row in rows[:MOST_SINGLE] if row.chat] if len(rows) > 1 else []
        choices += [
            self._choice("rundruf.again_one", f"nochmal {number} {row.chat}", chat=row.chat) for row in single
        ]
        if self._course.tally.get("sent"):
            choices.append(self._choice("rundruf.correct", f"korrigieren {number}"))
            choices.append(self._choice("rundruf.take_back", f"zurückrufen {number}"))
        return [*choices, self._choice("rundruf.all_chats", f"bericht {number} 1")]

    def line(self, row: Delivered) -> str:
        """A chat by number, platform and place, and what became of it there."""
        place = row.place or self._say("chats.no_place")
        reason = f" ({self._say(why(row.error))})" if row.error else ""
        state = self._say(f"rundruf.state_{row.state}")
        return f"**{row.chat or '?'}** {escape(row.platform)}, {escape(place)}: {state}{reason}"

    def _say(self, key: str, /, **details: object) -> Markup:
        return Markup(self._texts.get(self._language, key, **details))

    def _choice(self, key: str, sentence: str, /, **details: object) -> Choice:
        return Choice(self._texts.get(self._language, key, **details), f"/rundruf {sentence}")
