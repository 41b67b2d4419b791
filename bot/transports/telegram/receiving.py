"""The receiving half: our own long polling. An update is confirmed only when it was handled for good.

Telegram keeps what is not confirmed for a day and hands it out again, so what a crash interrupts comes
again; the dialogue knows what it has seen.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from telegram.error import NetworkError, TelegramError

from bot.app import App
from bot.door import Door
from bot.transports.telegram import events
from bot.transports.telegram.admins import Admins
from bot.transports.telegram.api import POLL_SECONDS, Account, Api
from bot.transports.telegram.buttons import left_over, remaining
from bot.transports.telegram.events import PLATFORM
from bot.transports.telegram.failures import receive_error
from bot.transports.telegram.updates import (
    CallbackQuery,
    MemberChange,
    Message,
    Update,
    number_of,
    read_update,
)
from errors import ChatGone, NotNow, PlatformError, Refused, SendError, StoreError
from store import outbox
from store.messages import ChatRef, Press

log = logging.getLogger(__name__)

# A poll that fails once or twice is nothing worth telling.
QUIET_FAILURES = 2
PAUSE_SECONDS = 1.0
LONGEST_TOAST = 200
# Behind everything that is said.
TIDY_PRIORITY = 9
# How long a crisis answer is tried again before the messages of others are looked at.
HELP_PAUSES = (1.0, 2.0, 4.0, 8.0)


class Receiver:
    """Takes updates one after the other, in their order."""

    def __init__(self, app: App, api: Api, account: Account, door: Door) -> None:
        self._app = app
        self._api = api
        self._account = account
        self._door = door
        self._admins = Admins(app, api)
        self._aside: set[asyncio.Task[None]] = set()

    async def receive(self) -> None:
        """Receive until cancelled. Raises PlatformError, or StoreError when nothing can be kept."""
        offset = 0
        try:
            while True:
                for raw in await self._poll(offset):
                    number = number_of(raw)
                    await self._take_raw(raw)
                    offset = offset if number is None else number + 1
        finally:
            for task in self._aside:
                task.cancel()

    async def _poll(self, offset: int) -> list[Any]:
        for left in reversed(range(QUIET_FAILURES + 1)):
            try:
                updates = await self._api.raw_updates(offset, POLL_SECONDS)
                self._app.services.pulse.hear(PLATFORM, self._app.clock.now())
                return updates
            except TelegramError as error:
                if not left or not isinstance(error, NetworkError):
                    raise receive_error(error) from None
            await self._app.clock.pause(PAUSE_SECONDS)
        return []

    async def _take_raw(self, raw: object) -> None:
        update = read_update(raw)
        if update is None:
            log.warning("telegram: an update that cannot be read was skipped")
            await self._app.clock.pause(0)
            return
        try:
            await self._take_persistently(update)
        except (StoreError, PlatformError):
            raise
        except Exception as error:  # noqa: BLE001 - one update must not keep all later ones from coming
            log.error("telegram: an update could not be handled: %s", type(error).__name__)

    async def _take_persistently(self, update: Update) -> None:
        """Take an update; an answer to somebody in danger that does not get through is tried again.

        Nothing of it is kept but the update itself, which stays with Telegram until it is confirmed.
        """
        for pause in (*HELP_PAUSES, None):
            try:
                return await self._take(update)
            except (ChatGone, Refused):
                return None
            except SendError as error:
                if pause is None and isinstance(error, NotNow) and error.outage:
                    raise PlatformError("telegram.unreachable") from None
                if pause is None:
                    log.error("telegram: an answer past the outbox was given up: %s", error.key)
                    return None
                await self._app.clock.pause(pause)
        return None

    async def _take(self, update: Update) -> None:
        if update.message is not None:
            await self._message(update.message)
        elif update.edited_message is not None:
            await self._edited(update.edited_message)
        elif update.callback_query is not None:
            await self._press(update.callback_query)
        elif update.my_chat_member is not None:
            await self._member(update.my_chat_member)

    async def _message(self, message: Message) -> None:
        here = str(message.chat.id)
        if message.migrate_to_chat_id is not None:
            await self._moved(here, str(message.migrate_to_chat_id))
        elif message.migrate_from_chat_id is not None:
            await self._moved(str(message.migrate_from_chat_id), here)
        elif message.said or (message.wordless and events.is_private(message)):
            await self._said(message)

    async def _edited(self, message: Message) -> None:
        """Only written reports are amended; the dialogue knows which those are."""
        if message.said and message.edit_date:
            await self._said(message)

    async def _said(self, message: Message) -> None:
        sender = events.author(message)
        if sender is None or not events.is_for(self._account, message):
            return
        admin = events.is_anonymous(message) or await self._admins.includes(message, sender)
        now = self._app.clock.now()
        await self._door.come_in(events.incoming(self._account, message, sender, now, admin))

    async def _press(self, query: CallbackQuery) -> None:
        message = query.message
        if message is None:
            await self._answer(query, self._expired())
            return
        admin = await self._admins.includes(message, events.person(query.sender.id))
        pressed = events.press(query, message, self._app.clock.now(), admin)
        if pressed is None or pressed.press is None:
            await self._answer(query, self._expired())
            return
        handled = await self._door.come_in(pressed)
        self._beside(self._answer(query, handled.refused))
        if not handled.refused:
            self._beside(self._tidy_buttons(message, pressed.press))

    def _expired(self) -> str:
        services = self._app.services
        return services.texts.get(services.config.language, "press.expired")

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nothing else waits for."""
        task = asyncio.create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _answer(self, query: CallbackQuery, toast: str) -> None:
        try:
            await self._api.answer_callback_query(query.id, text=toast[:LONGEST_TOAST] or None)
        except TelegramError:
            log.debug("telegram: a press could not be answered")

    async def _tidy_buttons(self, message: Message, press: Press) -> None:
        """Edit away what was pressed."""
        now = self._app.clock.now()
        try:
            offer = await self._app.database.read(lambda tx: outbox.offer(tx, press.row, now))
            if offer is None or message.reply_markup is None:
                return
            shown = [button.callback_data for row in message.reply_markup.inline_keyboard for button in row]
            numbers = left_over(offer.choices, press, shown)
            if numbers is not None:
                pace = self._app.delivery.pace(PLATFORM)
                if pace is not None:
                    await pace.admitted(TIDY_PRIORITY)
                await self._api.edit_message_reply_markup(
                    message.chat.id,
                    message.message_id,
                    reply_markup=remaining(press.row, offer.choices, numbers),
                )
        except (TelegramError, StoreError):
            log.debug("telegram: buttons could not be edited away")

    async def _moved(self, old: str, new: str) -> None:
        await self._app.admission.moved(ChatRef(PLATFORM, old), ChatRef(PLATFORM, new))
        await self._app.delivery.wake()

    async def _member(self, change: MemberChange) -> None:
        """The bot was added, thrown out, blocked, or unblocked."""
        chat = ChatRef(PLATFORM, str(change.chat.id))
        was, now_in = change.old_chat_member.inside, change.new_chat_member.inside
        if change.chat.type == "channel" or was == now_in:
            return
        if not now_in:
            await self._app.admission.left(chat)
        elif change.chat.type == "private":
            await self._app.admission.back(chat)
        else:
            sender = change.sender
            by = "" if sender is None or sender.is_bot else events.person(sender.id)
            await self._app.admission.joined(chat, change.chat.title, await self._members(change), by)

    async def _members(self, change: MemberChange) -> int | None:
        try:
            return await self._api.get_chat_member_count(change.chat.id)
        except TelegramError:
            return None
