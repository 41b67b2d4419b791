"""The bot's account on Telegram: sending, receiving, and the crisis answers that wait for nobody."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from telegram.error import TelegramError

from bot.app import App
from bot.commands import ALL
from bot.commands.command import Commands
from bot.config_model import Config
from bot.names import with_names
from bot.transports.telegram.api import Account, Api, Introduction, account_of, make_api, make_requests
from bot.transports.telegram.events import PLATFORM
from bot.transports.telegram.failures import ALREADY_GONE, receive_error, says, send_error
from bot.transports.telegram.inflight import InFlight
from bot.transports.telegram.menus import Menus
from bot.transports.telegram.receiving import Receiver
from bot.transports.telegram.sending import Draw, Poster
from errors import ChatGone, MaybeSent, NotNow, Refused
from scheduler.pace import Limits
from scheduler.sender import Partly
from store.messages import LARGEST_FILE, Attachment, ChatRef, Kind, Outgoing, Queued

log = logging.getLogger(__name__)

# Telegram's published limits (https://core.telegram.org/bots/faq#broadcasting-to-users): 30 a second
# overall, one a second to a chat, 20 a minute to a group.
LIMITS = Limits(a_second=30, between=timedelta(seconds=1.02), groups_a_minute=20)
# A crisis answer waits that long for a chat that is limited, and no longer: others wait behind it.
LONGEST_HELP_WAIT = timedelta(seconds=5)


class Telegram:
    """Implements bot.transports.transport.Transport and scheduler.delivery.Sender."""

    platform = PLATFORM
    limits = LIMITS

    def __init__(
        self, token: str, api_url: str | None = None, draw: Draw | None = None, in_flight: Path | None = None
    ) -> None:
        self._requests = make_requests()
        self._api: Api = make_api(token, api_url, self._requests)
        self._in_flight = InFlight(in_flight) if in_flight else None
        self._introduction = Introduction(self._api)
        self._poster = Poster(self._api, Commands(ALL).names, draw)

    async def send(self, message: Queued) -> str | Partly:
        """Post the next part of a message. Raises a SendError."""
        account = await self._account()
        await self._note_in_flight(message)
        named = replace(message, outgoing=await with_names(message.outgoing, self._name_of))
        return await self._poster.post(account, named)

    async def _note_in_flight(self, message: Queued) -> None:
        """Raises MaybeSent for a broadcast that was being sent when the program ended."""
        flight = self._in_flight
        if flight is None or not message.row:
            return
        doubtful, once = flight.begin(message.row), message.outgoing.kind is Kind.BROADCAST
        if doubtful and once:
            raise MaybeSent("telegram.answer_lost")
        if doubtful:
            log.warning("message %d was being sent when the program ended: it may come twice", message.row)
        if once:
            await asyncio.to_thread(flight.sync)

    def settled(self, row: int) -> None:
        """What became of a message is written down."""
        if self._in_flight is not None:
            self._in_flight.end(row)

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        """Delete what was posted; what is gone already is no error. Raises a SendError."""
        for number in sent_id.split():
            try:
                await self._api.delete_message(int(chat.chat), int(number))
            except TelegramError as error:
                if not says(error, ALREADY_GONE):
                    raise send_error(error) from None

    async def fetch(self, file: Attachment) -> bytes:
        """The content of a file that somebody sent. Raises a SendError."""
        try:
            found = await self._api.get_file(file.arguments["reference"])
            if (found.file_size or 0) > LARGEST_FILE:
                raise Refused("telegram.file_too_large")
            return bytes(await found.download_as_bytearray())
        except TelegramError as error:
            raise send_error(error) from None

    async def _name_of(self, person: str) -> str:
        """The name Telegram gives a person who has talked with the bot; never kept."""
        platform, _, number = person.partition(":")
        if platform != PLATFORM or not number.isdigit():
            return ""
        try:
            return (await self._api.get_chat(int(number))).effective_name or ""
        except TelegramError:
            return ""

    async def leave(self, chat: ChatRef) -> None:
        """Leave a group; one the bot is no longer in is no error. Raises a SendError."""
        try:
            await self._api.leave_chat(int(chat.chat))
        except TelegramError as error:
            failure = send_error(error)
            if not isinstance(failure, ChatGone):
                raise failure from None

    async def speak(self, message: Outgoing) -> None:
        """Say something at once, past the outbox and its pace. Raises a SendError."""
        queued = Queued(0, message, 0, 0)
        while True:
            try:
                if not isinstance(await self.send(queued), Partly):
                    return
                queued = Queued(0, message, 0, queued.parts_done + 1)
            except NotNow as error:
                if error.after is None or error.after > LONGEST_HELP_WAIT:
                    raise
                await asyncio.sleep(error.after.total_seconds())

    async def _account(self) -> Account:
        try:
            return await self._introduction.account()
        except TelegramError as error:
            raise send_error(error) from None

    async def run(self, app: App) -> None:
        """Receive until cancelled. Raises PlatformError when Telegram cannot be reached or refuses us."""
        self._introduction.forget()
        try:
            account = await self._introduction.account()
        except TelegramError as error:
            raise receive_error(error) from None
        app.services.accounts[PLATFORM] = account.name
        # The first long poll may take half a minute: that we were told our name is an answer, too.
        app.services.pulse.hear(PLATFORM, app.clock.now())
        menus = asyncio.create_task(Menus(app, self._api).keep())
        try:
            with app.door_for(PLATFORM, self.speak) as door:
                await Receiver(app, self._api, account, door).receive()
        finally:
            menus.cancel()
            with suppress(asyncio.CancelledError):
                await menus

    async def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        for request in self._requests:
            await request.shutdown()
        if self._in_flight is not None:
            self._in_flight.close()
            self._in_flight = None


async def tried(token: str, api_url: str | None = None) -> str:
    """The bot's name on Telegram. Raises PlatformError when Telegram does not know or answer us."""
    try:
        return (await account_of(token, api_url)).name
    except TelegramError as error:
        raise receive_error(error) from None


def make_telegram(config: Config, draw: Draw | None = None) -> Telegram | None:
    """The transport as configured; None without a `telegram` section."""
    section = config.telegram
    if section is None:
        return None
    in_flight = config.data_dir / "sending-telegram"
    return Telegram(section.token.get_secret_value(), section.api_url, draw, in_flight)
