"""What organisers and representatives are told or asked in private without having said anything."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.config_model import Config
from bot.markup import Markup, escape
from bot.outcomes import OUTCOMES
from bot.reach import organisers, private_chats
from bot.reasons import why
from bot.texts import Texts
from bot.wisdom import Wisdom
from knowledge.places import Places
from knowledge.relevance import Level
from scheduler.agendas.configured import News
from scheduler.calendar import after_quiet, local_day
from scheduler.dates import show_when
from scheduler.followups import Question
from scheduler.reminders import Planner
from store import chats, followups, outbox
from store.database import Transaction
from store.debates import Debate
from store.messages import ChatRef, Choice, Kind, Outgoing

# More hits than that in one run become one line, not a list.
MOST_LISTED = 20
MOST_SINGLE = 5
MONEY = (Level.SHELTER_MONEY, Level.SHELTER, Level.BUDGET)
# How often organisers are told which places have no budget date.
MONTH = timedelta(days=30)
TOLD_PLACES = "places without debates"
TOLD_REVIEWS = "reviews due"


class Herald:
    """Writes to people in private, in their language, and not at night."""

    def __init__(
        self, texts: Texts, config: Config, planner: Planner, places: Places, wisdom: Wisdom
    ) -> None:
        self._texts = texts
        self._wisdom = wisdom
        self._config = config
        self._planner = planner
        self._places = places

    # --- sources -------------------------------------------------------------------------------------

    def tell_source(self, tx: Transaction, news: News, now: datetime) -> None:
        """What a source brought, for organisers to accept with one tap; and that it is silent."""
        for ref in self._organisers(tx, now):
            if news.done.proposed:
                self._proposals(tx, news, ref, now)
            if news.trouble:
                self._trouble(tx, news, ref, now)

    def _proposals(self, tx: Transaction, news: News, ref: ChatRef, now: datetime) -> None:
        found = news.done.proposed
        numbers = " ".join(str(one.id) for one in found)
        details = {"place": news.source.place, "source": news.source.name}
        if len(found) > MOST_LISTED:
            body = self._count(tx, ref, "news.many", len(found), **details)
            choices = [self._choice(tx, ref, "news.show", "/termin vorschläge")]
        else:
            lines = Markup("\n".join(f"- {self._line(tx, ref, one)}" for one in found))
            body = self._count(tx, ref, "news.found", len(found), lines=lines, **details)
            choices = [*self._decisions(tx, ref, found, numbers)]
        self._send(tx, f"news:{news.source.name}:{now.isoformat()}:{ref}", ref, body, choices, now)

    def _decisions(
        self, tx: Transaction, ref: ChatRef, found: list[Debate], numbers: str
    ) -> Iterator[Choice]:
        yield self._choice(
            tx, ref, "news.accept" if len(found) == 1 else "news.accept_all", f"/termin ja {numbers}"
        )
        if len(found) == 1:
            yield self._choice(tx, ref, "news.refuse", f"/termin weg {numbers}")
            return
        for one in found[:MOST_SINGLE]:
            yield self._choice(tx, ref, "news.refuse_one", f"/termin weg {one.id}", number=one.id)

    def _line(self, tx: Transaction, ref: ChatRef, debate: Debate) -> str:
        when = show_when(debate.starts, debate.time_known, self._config.zone, self._language(tx, ref))
        telling = [item.title for item in debate.items if item.level == debate.level][:2]
        why = f" ({'; '.join(telling)})" if telling else ""
        return escape(f"Nr. {debate.id}: {when}, {debate.place}: {debate.title}{why}")

    def _trouble(self, tx: Transaction, news: News, ref: ChatRef, now: datetime) -> None:
        state, language = news.state, self._language(tx, ref)
        last = state.last_success
        ended = (
            show_when(last, True, self._config.zone, language) if last else self._say(tx, ref, "news.never")
        )
        key = "news.closed" if state.paused_until else "news.silent"
        body = self._say(tx, ref, key, place=news.source.place, source=news.source.name, last=ended)
        self._send(tx, f"trouble:{news.source.name}:{now.isoformat()}:{ref}", ref, body, [], now)

    # --- after a debate ------------------------------------------------------------------------------

    def ask(self, tx: Transaction, question: Question, now: datetime) -> bool:
        """ "Wie ging es aus?", with one choice for each outcome; False if the person cannot be reached."""
        refs = private_chats(tx, question.person)
        for ref in refs:
            debate = question.debate
            when = show_when(debate.starts, debate.time_known, self._config.zone, self._language(tx, ref))
            key = (
                "followup.again" if question.again else "followup.alone" if question.alone else "followup.ask"
            )
            body = self._say(tx, ref, key, title=debate.title, place=debate.place, when=when)
            name = f"followup:{debate.id}:{'again' if question.again else 'first'}:{ref}"
            self._send(tx, name, ref, body, self._outcomes(tx, ref, debate), now, asked=question.person)
        return bool(refs)

    def _outcomes(self, tx: Transaction, ref: ChatRef, debate: Debate) -> list[Choice]:
        about = f"{debate.place} 2.1" if debate.level in MONEY else debate.place
        choices = [
            self._choice(tx, ref, f"outcome.{one.key}", f"/bericht Termin {debate.id} {about} {one.name}")
            for one in OUTCOMES
        ]
        return [
            *choices,
            self._choice(tx, ref, "followup.unknown", f"/bericht Termin {debate.id} weiß nicht"),
        ]

    # --- once a month --------------------------------------------------------------------------------

    def tell_missing(self, tx: Transaction, now: datetime) -> None:
        """Once a month: for which of the larger places nobody knows a budget date."""
        before = chats.setting(tx, TOLD_PLACES)
        if before is not None and now - datetime.fromisoformat(before) < MONTH:
            return
        chats.set_setting(tx, TOLD_PLACES, now.isoformat())
        # At first that is no news: nobody has entered anything yet.
        watched = [
            place.name for place in self._places.all if place.kind in ("landkreis", "kreisfreie_stadt")
        ]
        missing = followups.silent_places(tx, watched, now)
        if before is None or not missing:
            return
        for ref in self._organisers(tx, now):
            names = ", ".join(missing[:MOST_LISTED])
            body = self._say(tx, ref, "news.missing", names=names)
            self._send(tx, f"missing:{now.isoformat()}:{ref}", ref, body, [], now)

    def tell_reviews(self, tx: Transaction, now: datetime) -> None:
        """At most once a month: which entries have to be read again since the last time."""
        told = chats.setting(tx, TOLD_REVIEWS)
        before = datetime.fromisoformat(told) if told else None
        if before and now - before < MONTH:
            return
        zone = self._config.zone
        fresh = [
            entry
            for entry in self._wisdom.answerer.library.due(local_day(now, zone))
            if not before or (entry.review_by and entry.review_by > local_day(before, zone))
        ]
        refs = list(self._organisers(tx, now)) if fresh else []
        if not refs:
            return
        chats.set_setting(tx, TOLD_REVIEWS, now.isoformat())
        lines = Markup("\n".join(f"- {escape(one.title)} ({escape(one.id)})" for one in fresh[:MOST_LISTED]))
        for ref in refs:
            body = self._count(tx, ref, "news.reviews", len(fresh), lines=lines)
            choices = [self._choice(tx, ref, "wissen.faellig", "/wissen faellig")]
            self._send(tx, f"reviews:{now.isoformat()}:{ref}", ref, body, choices, now)

    # --- what was set aside ----------------------------------------------------------------------------

    def tell_set_aside(self, tx: Transaction, error: str, now: datetime) -> None:
        """That a platform does not take some message, however often it is tried."""
        for ref in self._organisers(tx, now):
            body = self._say(tx, ref, "news.set_aside", reason=self._say(tx, ref, why(error)))
            self._send(tx, f"aside:{error}:{now.isoformat()}:{ref}", ref, body, [], now)

    def _organisers(self, tx: Transaction, now: datetime) -> Iterator[ChatRef]:
        for person in organisers(tx, self._config, now):
            yield from private_chats(tx, person)

    # --- words ---------------------------------------------------------------------------------------

    def _language(self, tx: Transaction, ref: ChatRef) -> str:
        return chats.find(tx, ref).language or self._config.language

    def _say(self, tx: Transaction, ref: ChatRef, key: str, /, **details: object) -> str:
        shown = {name: escape(value) for name, value in details.items()}
        return self._texts.get(self._language(tx, ref), key, **shown)

    def _count(self, tx: Transaction, ref: ChatRef, key: str, n: int, /, **details: object) -> str:
        shown = {name: escape(value) for name, value in details.items()}
        return self._texts.plural(self._language(tx, ref), key, n, **shown)

    def _choice(self, tx: Transaction, ref: ChatRef, key: str, sentence: str, /, **details: object) -> Choice:
        return Choice(self._texts.get(self._language(tx, ref), key, **details), sentence)

    def _send(
        self,
        tx: Transaction,
        key: str,
        ref: ChatRef,
        body: str,
        choices: list[Choice],
        now: datetime,
        asked: str = "",
    ) -> None:
        at = after_quiet(now, self._planner.zone, self._planner.quiet)
        message = Outgoing(key, ref, body, Kind.NOTICE, tuple(choices), asked=asked, not_before=at)
        outbox.put(tx, message, now)
