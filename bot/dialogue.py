"""From a message to everything that follows from it, in one transaction."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.commands.command import Commands
from bot.hashes import keyed_hash
from bot.rights import Place, Role, Standing
from bot.routing import Router
from bot.turn import Services, Turn
from errors import StoreError
from knowledge.answer import Answer
from scheduler.alarm import Alarm
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from store import chats, people
from store.chats import Chat
from store.database import Database, Transaction
from store.messages import Incoming
from store.speakers import speaker_of

log = logging.getLogger(__name__)

ROLES = {"member": Role.MEMBER, "representative": Role.REPRESENTATIVE, "organiser": Role.ORGANISER}


@dataclass(frozen=True)
class Handled:
    """What a transport needs to know: a refusal is shown as a toast where there are toasts."""

    refused: str = ""
    replanned: bool = False
    after: tuple[Callable[[], None], ...] = ()


class Dialogue:
    """Handles messages exactly once: what was seen before changes nothing."""

    def __init__(
        self,
        database: Database,
        services: Services,
        clock: Clock,
        delivery: Delivery,
        alarm: Alarm,
        commands: Commands,
    ) -> None:
        self._database = database
        self._services = services
        self._clock = clock
        self._delivery = delivery
        self._alarm = alarm
        self.router = Router(commands)

    def mark(self, key: str) -> bytes:
        """The keyed hash under which a message is remembered: nobody can tell from it what it was."""
        return keyed_hash(self._services.key, "", key)[:16]

    async def handle(self, incoming: Incoming) -> Handled:
        """Answer one message. Returns when its effects are durable; raises StoreError if they are not.

        A command that fails is rolled back, and the person gets an apology instead.
        """
        found = self._search_ahead(incoming)
        try:
            handled = await self._database.write(lambda tx: self._take(tx, incoming, found, self.router.take))
        except StoreError:
            raise
        except Exception as error:
            log.error("a command failed: %s", type(error).__name__, exc_info=error)
            handled = await self._database.write(lambda tx: self._take(tx, incoming, found, apologise))
        for do in handled.after:
            do()
        if handled.replanned:
            await self._alarm.look()
        await self._delivery.wake()
        return handled

    async def skip(self, incoming: Incoming) -> None:
        """Answer a message that ended the program twice with an apology only."""
        found = self._search_ahead(incoming)
        await self._database.write(lambda tx: self._take(tx, incoming, found, apologise))
        await self._delivery.wake()

    def _search_ahead(self, incoming: Incoming) -> Callable[[str], Answer]:
        """Search before the transaction begins, so that nobody waits for it."""
        answers: dict[str, Answer] = {}
        ask = self._services.answerer.ask
        if incoming.text and incoming.text[0] not in "/!":
            answers[incoming.text] = ask(incoming.text)

        def found(question: str) -> Answer:
            known = answers.get(question)
            return ask(question) if known is None else known

        return found

    def _take(
        self,
        tx: Transaction,
        incoming: Incoming,
        found: Callable[[str], Answer],
        take: Callable[[Turn], None],
    ) -> Handled:
        mark, now = self.mark(incoming.key), self._clock.now()
        if not people.see(tx, mark, now):
            return Handled()
        known = speaker_of(tx, incoming, now)
        chat = known.chat
        back = bool(chat.id) and not chat.active
        if back:
            chats.change(tx, chat.id, active=True)
        standing = self._standing(incoming, chat, known.roles)
        asked = standing.role >= Role.REPRESENTATIVE and incoming.press is None
        if incoming.private and not chat.id and asked:
            # They are asked in private how a debate went, which needs a chat that is known.
            chat = chats.keep(tx, incoming.chat.room, True, incoming.sender, now)
        turn = Turn(tx, self._services, incoming, now, chat, standing, mark.hex(), found, known.form)
        if back:
            # What was announced while it could not be reached is reminded of, too.
            turn.plan_chat(chat.id)
        take(turn)
        return Handled(turn.refused, turn.replanned, tuple(turn.after))

    def _standing(self, incoming: Incoming, chat: Chat, roles: list[tuple[str, str]]) -> Standing:
        where = Place.PRIVATE if incoming.private else Place.GROUP if chat.admitted else Place.FOREIGN
        if incoming.sender in self._services.config.organisers:
            return Standing(Role.ORGANISER, where, incoming.admin, frozenset("*"))
        role = max((ROLES[name] for name, _ in roles), default=Role.ANYONE)
        places = frozenset(place for name, place in roles if ROLES[name] is role)
        if role is Role.ANYONE and chat.admitted:
            role = Role.MEMBER
        return Standing(role, where, incoming.admin, places)


def apologise(turn: Turn) -> None:
    """Say that something went wrong, without saying what."""
    turn.say("reply.failed")
