"""The sending half: one message of the outbox becomes one or more posts, one post per call."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.transports.telegram.api import Account, Api
from bot.transports.telegram.buttons import keyboard
from bot.transports.telegram.failures import NO_TOPIC, NOT_EDITABLE, says, send_error
from bot.transports.telegram.html import Rewrite, addressing, html
from bot.transports.telegram.lines import Line, parts, read
from scheduler.delivery import Partly
from store.messages import Attachment, Kind, Outgoing, Queued

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
PICTURES = ("image/png", "image/jpeg")

# Draws an attachment just before it is sent: its file name, media type and content.
Drawn = tuple[str, str, bytes]
Draw = Callable[[Attachment], Drawn | Awaitable[Drawn]]


@dataclass(frozen=True)
class Post:
    """One call of the API: a text, or a file with a caption."""

    text: str
    file: Drawn | None = None


class Poster:
    """Posts messages. Raises SendErrors."""

    def __init__(self, api: Api, commands: Sequence[str], draw: Draw | None) -> None:
        self._api = api
        self._commands = commands
        self._draw = draw

    async def post(self, account: Account, message: Queued) -> str | Partly:
        """Post the next part of a message; the id of the last one."""
        pieces = self._pieces(message.outgoing)
        number = min(message.parts_done, len(pieces) - 1)
        last = number == len(pieces) - 1
        rewrite = self._rewrite(account, message.outgoing)
        file = await self._file(message.outgoing) if number == 0 else None
        post = Post(html(pieces[number], rewrite), file)
        buttons = keyboard(message.row, message.outgoing.choices) if last else None
        if message.edits and len(pieces) == 1 and file is None and await self._edited(message, post, buttons):
            return message.edits
        posted = await self._say(message.outgoing, post, buttons, reply=number == 0)
        return str(posted.message_id) if last else Partly()

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

    async def _file(self, message: Outgoing) -> Drawn | None:
        if message.attachment is None or self._draw is None:
            return None
        drawn = self._draw(message.attachment)
        return await drawn if inspect.isawaitable(drawn) else drawn

    async def _edited(self, message: Queued, post: Post, buttons: InlineKeyboardMarkup | None) -> bool:
        """Change the message that this one replaces; False if it is no longer there to be changed."""
        try:
            await self._api.edit_message_text(
                post.text,
                chat_id=int(message.outgoing.chat.chat),
                message_id=int(message.edits),
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=buttons,
            )
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
        if mime in PICTURES:
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
