"""What an error of the homeserver means for the message that met it."""

from datetime import timedelta
from typing import Any

from nio import ErrorResponse

from errors import ChatGone, NotNow, Refused, SendError

LIMITED = "M_LIMIT_EXCEEDED"
GONE = ("not in room", "not joined", "unknown room", "has been blocked", "not a member")


def problem(answer: Any) -> SendError:
    """The error of ours for an error of the homeserver."""
    if not isinstance(answer, ErrorResponse):
        return NotNow("matrix.unreachable", reason=type(answer).__name__)
    code, text = answer.status_code or "", answer.message.lower()
    if code == LIMITED:
        return NotNow("matrix.limited", after=timedelta(milliseconds=answer.retry_after_ms or 1000))
    if code == "M_NOT_FOUND" or (code == "M_FORBIDDEN" and any(word in text for word in GONE)):
        return ChatGone("matrix.not_in_room")
    if code == "M_TOO_LARGE":
        return Refused("matrix.too_long")
    if code in ("M_FORBIDDEN", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM"):
        return Refused("matrix.refused", code=code)
    # An unknown token is told by the receiving half; a server in trouble will come back.
    return NotNow("matrix.unreachable", reason=code or "?")
