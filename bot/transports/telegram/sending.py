"""The sending half: one message of the outbox becomes one or more posts, one post per call."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.markup import Line
from bot.transports.telegram.api import Account, Api
from bot.transports.telegram.buttons import keyboard
from bot.transports.telegram.events import PLATFORM
from bot.transports.telegram.failures import NO_TOPIC, NOT_EDITABLE, says, send_error
from bot.transports.telegram.html import Rewrite, addressing, html
from bot.transports.telegram.lines import parts, read
from errors import Refused
from scheduler.sender import Partly
from store.messages import FILE, Attachment, Kind, Outgoing, Queued

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
PICTURES = ("image/png", "image/jpeg")

# Draws an attachment just before it is sent: its file name, media type and content.
Drawn = tuple[str, str, bytes]
# The same, or Telegram's own reference to a file it has already.
File = tuple[str, str, bytes | str]
MOST_CARRIED = 20
Draw = Callable[[Attachment], Drawn | Awaitable[Drawn]]


@dataclass(frozen=True)
class Post:
    """One call of the API: a text, or a file with a caption."""

    text: str
    file: File | None = None
    as_file: bool = False


class Poster:
    """Posts messages. Raises SendErrors."""

    def __init__(self, api: Api, commands: Sequence[str], draw: Draw | None) -> None:
        self._api = api
        self._commands = commands
        self._draw = draw
        # Telegram's references to files that were carried here, by where they lie.
        self._carried: dict[str, str] = {}
        self._carrying = asyncio.Lock()

    async def post(self, account: Account, message: Queued) -> str | Partly:
        """Post the next part of a message; its id."""
        if message.outgoing.kind is Kind.AMEND:
            return await self._amend(account, message)
        async with self._one_carries(message.outgoing.attachment):
            return await self._post(account, message)

    def _one_carries(self, file: Attachment | None) -> AbstractAsyncContextManager[object]:
        """What lies elsewhere is brought here once; the others wait for it."""
        foreign = file is not None and file.recipe == FILE and not self._known(file)
        return self._carrying if foreign else nullcontext()

    def _known(self, file: Attachment) -> str:
        """Telegram's own reference to a file of somebody."""
        reference = file.arguments["reference"]
        return reference if file.arguments["platform"] == PLATFORM else self._carried.get(reference, "")

    async def _post(self, account: Account, message: Queued) -> str | Partly:
        pieces = self._pieces(message.outgoing)
        number = min(message.parts_done, len(pieces) - 1)
        last = number == len(pieces) - 1
        rewrite = self._rewrite(account, message.outgoing)
        file = await self._file(message.outgoing) if number == 0 else None
        as_file = file is not None and bool(
            message.outgoing.attachment and message.outgoing.attachment.arguments.get("as_file")
        )
        post = Post(html(pieces[number], rewrite), file, as_file)
        buttons = keyboard(message.row, message.outgoing.choices) if last else None
        if message.edits and len(pieces) == 1 and file is None:
            edited = message.edits.split()[0]
            if await self._edited(message, edited, post.text, buttons):
                return edited
        posted = await self._say(message.outgoing, post, buttons, reply=number == 0)
        self._note_file(message.outgoing.attachment, posted)
        return str(posted.message_id) if last else Partly(str(posted.message_id))

    def _note_file(self, file: Attachment | None, posted: Message) -> None:
        """Remember where Telegram keeps what was carried here."""
        here = posted.photo[-1] if posted.photo else posted.document
        if file is not None and file.recipe == FILE and here is not None:
            while len(self._carried) >= MOST_CARRIED:
                self._carried.pop(next(iter(self._carried)))
            self._carried[file.arguments["reference"]] = here.file_id

    async def _amend(self, account: Account, message: Queued) -> str:
        """Give posts other words; they are not posted anew. The file stays as it is."""
        pieces, numbers = self._pieces(message.outgoing), message.edits.split()
        if not numbers or len(pieces) != len(numbers):
            raise Refused("telegram.not_editable")
        rewrite, file = self._rewrite(account, message.outgoing), message.outgoing.attachment
        for at, number in enumerate(numbers):
            caption = file is not None and at == 0
            if not await self._edited(message, number, html(pieces[at], rewrite), None, caption):
                raise Refused("telegram.not_editable")
        return message.edits

    def _pieces(self, message: Outgoing) -> list[list[Line]]:
        """The text cut into posts; the first is the caption where there is a file."""
        body = message.body
        if message.attachment is not None and self._draw is None:
            body += f"\n\n\\[{message.attachment.alt}\\]"
            return parts(read(body), LONGEST_TEXT, LONGEST_TEXT) or [[]]
        first = LONGEST_CAPTION if message.attachment is not None else LONGEST_TEXT
        return parts(read(body), first, LONGEST_TEXT) or [[]]

    def _rewrite(self, account: Account, message: Outgoing) -> Rewrite:
        group = message.chat.chat.startswith("-")
        return addressing(account.name, self._commands) if group and account.name else str

    async def _file(self, message: Outgoing) -> File | None:
        file = message.attachment
        if file is not None and file.recipe == FILE and (known := self._known(file)):
            return file.arguments["name"], file.arguments["mime"], known
        if file is None or self._draw is None:
            return None
        drawn = self._draw(file)
        return await drawn if inspect.isawaitable(drawn) else drawn

    async def _edited(
        self,
        message: Queued,
        number: str,
        text: str,
        buttons: InlineKeyboardMarkup | None,
        caption: bool = False,
    ) -> bool:
        """Change a post that this message replaces; False if it is no longer there to be changed."""
        where: dict[str, Any] = {
            "chat_id": int(message.outgoing.chat.chat),
            "message_id": int(number),
            "parse_mode": ParseMode.HTML,
            "reply_markup": buttons,
        }
        try:
            if caption:
                await self._api.edit_message_caption(caption=text, **where)
            else:
                preview = LinkPreviewOptions(is_disabled=True)
                await self._api.edit_message_text(text, link_preview_options=preview, **where)
        except BadRequest as error:
            if says(error, ("message is not modified",)):
                return True
            if says(error, NOT_EDITABLE):
                return False
            raise send_error(error) from None
        except TelegramError as error:
            raise send_error(error) from None
        return True

    async def _say(
        self, message: Outgoing, post: Post, buttons: InlineKeyboardMarkup | None, reply: bool
    ) -> Message:
        where = _target(message, reply)
        try:
            try:
                return await self._call(where, post, buttons)
            except BadRequest as error:
                if not (where.get("message_thread_id") and says(error, NO_TOPIC)):
                    raise
                # The topic is closed or deleted: rather in General than nowhere.
                return await self._call({**where, "message_thread_id": None}, post, buttons)
        except TelegramError as error:
            raise send_error(error) from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise send_error(error) from None

    async def _call(self, where: dict[str, Any], post: Post, buttons: InlineKeyboardMarkup | None) -> Message:
        shared = {**where, "parse_mode": ParseMode.HTML, "reply_markup": buttons}
        if post.file is None:
            preview = LinkPreviewOptions(is_disabled=True)
            return await self._api.send_message(text=post.text, link_preview_options=preview, **shared)
        name, mime, content = post.file
        if mime in PICTURES and not post.as_file:
            return await self._api.send_photo(photo=content, filename=name, caption=post.text, **shared)
        return await self._api.send_document(document=content, filename=name, caption=post.text, **shared)


def _target(message: Outgoing, reply: bool) -> dict[str, Any]:
    """Where a post goes, what it replies to, and whether it rings."""
    chat = message.chat
    quoted = reply and message.reply_to.isdigit() and chat.chat.startswith("-")
    return {
        "chat_id": int(chat.chat),
        "message_thread_id": int(chat.thread) if chat.thread else None,
        "disable_notification": message.silent and message.kind is not Kind.ANSWER,
        "reply_parameters": ReplyParameters(int(message.reply_to), allow_sending_without_reply=True)
        if quoted
        else None,
    }
