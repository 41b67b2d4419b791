"""Why a message was not sent, as organisers are told it in a word or two."""

from store.circulation import NO_ACCOUNT, NOT_THERE

WHY = {
    "telegram.blocked": "blocked",
    "telegram.chat_gone": "removed",
    "matrix.not_in_room": "removed",
    "telegram.too_long": "too_long",
    "matrix.too_long": "too_long",
    "telegram.refused": "refused",
    "matrix.refused": "refused",
    "telegram.answer_lost": "lost",
    "telegram.server_failed": "server",
    "telegram.too_fast": "server",
    "matrix.unreachable": "server",
    "matrix.limited": "server",
    "send.no_file": "no_file",
    NOT_THERE: "not_admitted",
    NO_ACCOUNT: "no_account",
}


def why(error: str) -> str:
    """The key of the words for an error's key."""
    return f"rundruf.why_{WHY.get(error, 'other')}"
