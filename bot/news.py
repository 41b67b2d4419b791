"""What organisers and representatives are told or asked in private without having said anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.groups import LARGE
from bot.markup import Markup, bullets, escape
from bot.outcomes import OUTCOMES
from bot.reach import organisers, private_chats
from bot.reasons import why
from bot.turn import Services
from bot.voice import Speech
from knowledge.relevance import Level
from scheduler.agendas.configured import News
from scheduler.calendar import after_quiet, local_day
from scheduler.followups import Question
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


@dataclass(frozen=True)
class Herald:
    """Writes to people in private, in their language, and not at night."""

    services: Services

    # --- sources -------------------------------------------------------------------------------------

    def tell_source(self, tx: Transaction, news: News, now: datetime) -> None:
        """What a source brought, for organisers to accept with one tap; and that it is silent."""
        for ref, voice in self._organisers(tx, now):
            if news.done.proposed:
                body, choices = _proposals(voice, news)
                self._send(tx, f"news:{news.source.name}:{now.isoformat()}", ref, body, now, choices)
            if news.trouble:
                self._send(
                    tx, f"trouble:{news.source.name}:{now.isoformat()}", ref, _trouble(voice, news), now
                )

    # --- after a debate ------------------------------------------------------------------------------

    def ask(self, tx: Transaction, question: Question, now: datetime) -> bool:
        """ "Wie ging es aus?", with one choice for each outcome; False if the person cannot be reached."""
        refs, debate = private_chats(tx, question.person), question.debate
        again, alone = question.again, question.alone
        for ref in refs:
            voice = self._voice(tx, ref)
            when = voice.when(debate.starts, debate.time_known)
            key = "followup.again" if again else "followup.alone" if alone else "followup.ask"
            body = voice.text(key, title=debate.title, place=debate.place, when=when)
            name = f"followup:{debate.id}:{'again' if again else 'first'}"
            self._send(tx, name, ref, body, now, _outcomes(voice, debate), asked=question.person)
        return bool(refs)

    # --- once a month --------------------------------------------------------------------------------

    def tell_missing(self, tx: Transaction, now: datetime) -> None:
        """Once a month: for which of the larger places nobody knows a budget date."""
        before = chats.setting(tx, TOLD_PLACES)
        if before is not None and now - datetime.fromisoformat(before) < MONTH:
            return
        chats.set_setting(tx, TOLD_PLACES, now.isoformat())
        # At first that is no news: nobody has entered anything yet.
        watched = [one.name for one in self.services.places.all if one.kind in LARGE]
        missing = followups.silent_places(tx, watched, now)
        if before is None or not missing:
            return
        for ref, voice in self._organisers(tx, now):
            body = voice.text("news.missing", names=", ".join(missing[:MOST_LISTED]))
            self._send(tx, f"missing:{now.isoformat()}", ref, body, now)

    def tell_reviews(self, tx: Transaction, now: datetime) -> None:
        """At most once a month: which entries have to be read again since the last time."""
        told = chats.setting(tx, TOLD_REVIEWS)
        before = datetime.fromisoformat(told) if told else None
        if before and now - before < MONTH:
            return
        zone = self.services.zone
        fresh = [
            entry
            for entry in self.services.answerer.library.due(local_day(now, zone))
            if not before or (entry.review_by and entry.review_by > local_day(before, zone))
        ]
        to = list(self._organisers(tx, now)) if fresh else []
        if not to:
            return
        chats.set_setting(tx, TOLD_REVIEWS, now.isoformat())
        lines = bullets(f"{escape(one.title)} ({escape(one.id)})" for one in fresh[:MOST_LISTED])
        for ref, voice in to:
            body = voice.count("news.reviews", len(fresh), lines=lines)
            choices = [voice.choice("wissen.faellig", "/wissen faellig")]
            self._send(tx, f"reviews:{now.isoformat()}", ref, body, now, choices)

    # --- what was set aside ----------------------------------------------------------------------------

    def tell_set_aside(self, tx: Transaction, error: str, now: datetime) -> None:
        """That a platform does not take some message, however often it is tried."""
        for ref, voice in self._organisers(tx, now):
            body = voice.text("news.set_aside", reason=voice.text(why(error)))
            self._send(tx, f"aside:{error}:{now.isoformat()}", ref, body, now)

    def _organisers(self, tx: Transaction, now: datetime) -> Iterator[tuple[ChatRef, Speech]]:
        for person in organisers(tx, self.services.config, now):
            for ref in private_chats(tx, person):
                yield ref, self._voice(tx, ref)

    def _voice(self, tx: Transaction, ref: ChatRef) -> Speech:
        return self.services.voice(chats.find(tx, ref).language)

    def _send(
        self,
        tx: Transaction,
        name: str,
        ref: ChatRef,
        body: str,
        now: datetime,
        choices: Sequence[Choice] = (),
        asked: str = "",
    ) -> None:
        at = after_quiet(now, self.services.zone, self.services.planner.quiet)
        key = f"{name}:{ref}"
        message = Outgoing(key, ref, body, Kind.NOTICE, tuple(choices), asked=asked, not_before=at)
        outbox.put(tx, message, now)


def _proposals(voice: Speech, news: News) -> tuple[Markup, list[Choice]]:
    found = news.done.proposed
    details = {"place": news.source.place, "source": news.source.name}
    if len(found) > MOST_LISTED:
        body = voice.count("news.many", len(found), **details)
        return body, [voice.choice("news.show", "/termin vorschläge")]
    lines = bullets(_line(voice, one) for one in found)
    return voice.count("news.found", len(found), lines=lines, **details), [*_decisions(voice, found)]


def _decisions(voice: Speech, found: list[Debate]) -> Iterator[Choice]:
    numbers = " ".join(str(one.id) for one in found)
    if len(found) == 1:
        yield voice.choice("news.accept", f"/termin ja {numbers}")
        yield voice.choice("news.refuse", f"/termin weg {numbers}")
        return
    yield voice.choice("news.accept_all", f"/termin ja {numbers}")
    for one in found[:MOST_SINGLE]:
        yield voice.choice("news.refuse_one", f"/termin weg {one.id}", number=one.id)


def _line(voice: Speech, debate: Debate) -> str:
    when = voice.when(debate.starts, debate.time_known)
    telling = [item.title for item in debate.items if item.level == debate.level][:2]
    why = f" ({'; '.join(telling)})" if telling else ""
    number = voice.label("debate.number", number=debate.id)
    return escape(f"{number}: {when}, {debate.place}: {debate.title}{why}")


def _trouble(voice: Speech, news: News) -> Markup:
    last = voice.when(news.state.last_success) if news.state.last_success else voice.text("news.never")
    key = "news.closed" if news.state.paused_until else "news.silent"
    return voice.text(key, place=news.source.place, source=news.source.name, last=last)


def _outcomes(voice: Speech, debate: Debate) -> list[Choice]:
    about = f"{debate.place} 2.1" if debate.level in MONEY else debate.place
    choices = [
        voice.choice(f"outcome.{one.key}", f"/bericht Termin {debate.id} {about} {one.name}")
        for one in OUTCOMES
    ]
    return [*choices, voice.choice("followup.unknown", f"/bericht Termin {debate.id} weiß nicht")]
