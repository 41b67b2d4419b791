"""The door every message comes through: people in danger first, then limits, crash guard, dialogue."""

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.dialogue import Dialogue, Handled
from bot.limits import Limits, Verdict
from bot.turn import Services
from errors import SendError, StoreError
from knowledge import crisis
from knowledge.language import spoken
from store.database import Database
from store.messages import ChatRef, Incoming, Outgoing
from store.speakers import speaker_of

# Says something at once, past the outbox; nothing of it is kept.
Speak = Callable[[Outgoing], Awaitable[None]]


class Door:
    """One per transport. `come_in` returns when the message may be acknowledged to the platform."""

    def __init__(
        self,
        dialogue: Dialogue,
        services: Services,
        database: Database,
        speak: Speak,
        guard: "CrashGuard",
        limits: Limits | None = None,
    ) -> None:
        self._dialogue = dialogue
        self._services = services
        self._database = database
        self._speak = speak
        self._guard = guard
        self._limits = limits

    async def come_in(self, incoming: Incoming) -> Handled:
        """Handle one message. Raises StoreError when it could not be handled: it must come again."""
        incoming = storable(incoming)
        need = crisis.check(incoming.text) if incoming.press is None else None
        if need is not None and not self._goes_on(incoming):
            await self._help(incoming, need)
            return Handled()
        if self._limits is not None:
            verdict = self._limits.take(incoming.sender, str(incoming.chat.room))
            if verdict is not Verdict.ANSWER:
                return await self._turn_away(incoming, verdict)
        return await self._handle(incoming)

    def _goes_on(self, incoming: Incoming) -> bool:
        """Whether alarming words only ask on, and the answer shown before, with its help line, tells."""
        if not crisis.asks_of_breach(incoming.text):
            return False
        answerer, recall = self._services.answerer, self._services.wisdom.recall
        shown = answerer.library.get(recall.last(incoming.chat, incoming.received_at) or "")
        return bool(shown and shown.helpline and answerer.follow(incoming.text, shown).text)

    async def _handle(self, incoming: Incoming) -> Handled:
        fresh = self._guard.enter(self._dialogue.mark(incoming.key))
        try:
            if fresh:
                return await self._dialogue.handle(incoming)
            await self._dialogue.skip(incoming)
            return Handled()
        finally:
            # Whatever failed, the program still runs: only what ends it counts against a message.
            self._guard.leave()

    async def _turn_away(self, incoming: Incoming, verdict: Verdict) -> Handled:
        """Say once that it is too much, past the store; then nothing."""
        if verdict is Verdict.SAY_SO:
            language, easy, _ = await self._manner(incoming)
            helpline = crisis.footer(language, easy)
            sentence = self._services.texts.get(language, "limits.enough", helpline=helpline)
            with suppress(SendError):
                await self._speak(Outgoing(key="", chat=incoming.chat, body=sentence))
        return Handled()

    async def _help(self, incoming: Incoming, need: crisis.Need) -> None:
        """Answer with the fixed text. No row, no log, no trace; a failing store does not stop it."""
        self._services.wisdom.recall.hush(incoming.chat, incoming.received_at)
        language, easy, form = await self._manner(incoming)
        # Help is read in a hurry: it comes in the language of the cry, whatever the chat is set to.
        language = spoken(incoming.text) or language
        audience: crisis.Audience = "private" if incoming.private else "group"
        body = crisis.text_for(need, audience, language, easy)
        if form and incoming.private:
            body += "\n\n" + self._services.texts.get(language, "form.still_open")
        try:
            await self._speak(Outgoing(key="", chat=incoming.chat, body=body))
        except SendError:
            # Once more, briefly: a lost answer here is worse than one that comes twice.
            await self._speak(Outgoing(key="", chat=incoming.chat, body=body))

    async def _manner(self, incoming: Incoming) -> tuple[str, bool, bool]:
        """Language, easy language, and whether a form is open: read, never written."""
        try:
            known = await self._database.read(lambda tx: speaker_of(tx, incoming, incoming.received_at))
            language = known.chat.language or self._services.config.language
            return language, known.chat.easy, known.form is not None
        except StoreError:
            return self._services.config.language, False, False


def storable(incoming: Incoming) -> Incoming:
    """A message whose ids any store can take: halves of characters in them become question marks."""
    chat = incoming.chat
    return replace(
        incoming,
        chat=ChatRef(chat.platform, _whole(chat.chat), _whole(chat.thread)),
        key=_whole(incoming.key),
        sender=_whole(incoming.sender),
        message_id=_whole(incoming.message_id),
        reply_to=_whole(incoming.reply_to),
    )


def _whole(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


class CrashGuard:
    """Knows after a crash which message was being handled; one that ended the program twice is skipped.

    The file is not synced: it must outlive the process, not the machine.
    """

    TIMES = 2

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        said = os.pread(self._file, 64, 0).split()
        self._mark = said[0] if len(said) == 2 else b""
        self._count = int(said[1]) if self._mark and said[1].isdigit() else 0

    def enter(self, mark: bytes) -> bool:
        """Note that a message is being handled; False if it should be skipped."""
        name = mark.hex().encode()
        self._count = self._count + 1 if name == self._mark else 1
        self._mark = name
        self._write(b"%s %d" % (name, self._count))
        return self._count <= self.TIMES

    def leave(self) -> None:
        """Note that it was handled."""
        self._mark, self._count = b"", 0
        self._write(b"")

    def _write(self, said: bytes) -> None:
        # On a full disk the guard knows nothing; whether the message can be handled is for the store to say.
        with suppress(OSError):
            os.pwrite(self._file, said.ljust(64), 0)

    def close(self) -> None:
        os.close(self._file)
