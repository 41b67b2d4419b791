"""What the library raises, in the program's own words. Nothing here quotes it: it prints the token."""

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from errors import ChatGone, ChatMoved, MaybeSent, NotNow, PlatformError, Refused, SendError

# The request never reached the server, or not as a whole.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "group is deactivated",
    "bot is not a member",
    "bot was kicked",
    "chat_write_forbidden",
    "user is deactivated",
)
BLOCKED = ("blocked by the user",)
TOO_LONG = ("message is too long", "caption is too long", "message_too_long", "media_caption_too_long")
ALREADY_GONE = ("message to delete not found", "message identifier is not specified")
TOO_OLD = ("message can't be deleted", "message_delete_forbidden")
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid")
NOT_EDITABLE = ("message to edit not found", "message can't be edited", "message_id_invalid")


def seconds(after: int | timedelta) -> timedelta:
    """The library's retry_after, which is a number or a timedelta by a setting."""
    return after if isinstance(after, timedelta) else timedelta(seconds=after)


def send_error(error: Exception) -> SendError:
    """Why a message was not taken."""
    if isinstance(error, RetryAfter):
        return NotNow("telegram.too_fast", after=seconds(error.retry_after))
    if isinstance(error, ChatMigrated):
        return ChatMoved("telegram.moved", str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return ChatGone("telegram.blocked" if says(error, BLOCKED) else "telegram.chat_gone")
    if isinstance(error, InvalidToken):
        return NotNow("telegram.bad_token", outage=True)
    if isinstance(error, BadRequest):
        return _refusal(error)
    if isinstance(error, NetworkError):
        return _network_error(error)
    if isinstance(error, TelegramError):
        return Refused("telegram.refused")
    # The server took it; what it answered is beyond the library.
    return MaybeSent("telegram.answer_lost")


def _refusal(error: BadRequest) -> SendError:
    if says(error, GONE):
        return ChatGone("telegram.chat_gone")
    if says(error, TOO_LONG):
        return Refused("telegram.too_long")
    if says(error, TOO_OLD):
        return Refused("telegram.too_old")
    return Refused("telegram.not_editable" if says(error, NOT_EDITABLE) else "telegram.refused")


def _network_error(error: NetworkError) -> SendError:
    cause = error.__cause__
    if isinstance(cause, NEVER_SENT):
        return NotNow("telegram.unreachable", outage=True)
    if isinstance(cause, httpx.HTTPError):
        return MaybeSent("telegram.answer_lost")
    return NotNow("telegram.server_failed")


def receive_error(error: Exception) -> PlatformError:
    """Why nothing can be received."""
    if isinstance(error, InvalidToken | Forbidden):
        return PlatformError("telegram.bad_token")
    if isinstance(error, Conflict):
        return PlatformError("telegram.conflict")
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
        return PlatformError("telegram.unreachable")
    return PlatformError("telegram.server_failed")


def says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    """Whether a refusal is one of those."""
    said = error.message.casefold()
    return any(phrase in said for phrase in phrases)
