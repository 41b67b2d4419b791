"""Foreign text made fit to keep and to show: titles, places and links as council systems send them.

Everything here is pure and takes any string or bytes; nothing raises.
"""

import html
import re
import unicodedata
from urllib.parse import urlsplit

LONGEST_INPUT = 10_000
LONGEST_URL = 2_000

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,1000}>.*?</\1\s{0,9}>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"(?<=\w)-[ \t]{0,20}(?:\r\n|\r|\n)\s{0,20}(?!(?:und|oder|bzw|sowie)\b)(\w)")
_SPACE = re.compile(r"\s+")


def decode(data: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252 (what old council systems write)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def tidy(text: str, limit: int = 250) -> str:
    """One clean line of at most `limit` characters: no markup, no control or bidi signs, words joined."""
    plain = html.unescape(text[:LONGEST_INPUT])
    plain = _TAG.sub(" ", _SCRIPT.sub(" ", plain))
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", plain))
    joined = _BROKEN_WORD.sub(_joined, plain)
    return _cut(_SPACE.sub(" ", joined).strip(), limit)


def web_address(text: str) -> str | None:
    """The address when it is an absolute http(s) one without spaces or a hidden login, else None."""
    address = text.strip()
    if len(address) > LONGEST_URL or _SPACE.search(address) or _UNSEEN.search(address):
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return address if usable else None


def _joined(match: re.Match[str]) -> str:
    # A capital letter after the break belongs to a name that is written with a hyphen anyway.
    letter = match.group(1)
    return letter if letter.islower() else f"-{letter}"


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def shown(url: str) -> str:
    """A source's name: its address without query, so that no token is ever shown or kept."""
    parts = urlsplit(url)
    return f"{parts.netloc.rsplit('@', 1)[-1]}{parts.path}"[:200]
