"""JSON as council servers really send it: control characters, torn pages, one value where a list belongs."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from scheduler.agendas.text import decode, tidy

Object = dict[str, Any]

LONGEST_LINK = 2_000
# What vendors write when they have nothing to say.
EMPTY = frozenset({"n/a", "na", "null", "none", "-", "--", "k.a.", "k. a.", "undefined"})

_PAGE_NUMBER = re.compile(r"([?&]page=)(\d{1,6})(?=&|$)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DATA = re.compile(r"\"data\"\s{0,100}:\s{0,100}\[")
_NEXT = re.compile(r"\"next\"\s{0,100}:\s{0,100}\"([^\"]{1,2000})\"")
_SEPARATOR = re.compile(r"[\s,]{0,1000}")
# UTF-8 that was read as Latin-1 and written as UTF-8 again.
_MANGLED = re.compile(r"Ã[\x80-\xbf¤¶¼„–œŸ]|â€")


@dataclass(frozen=True)
class Page:
    """What a server answered: its objects, whether it was a list, the address of the next page, the whole."""

    objects: tuple[Object, ...]
    is_list: bool
    next: str | None = None
    total: int | None = None
    torn: bool = False
    foreign: int = 0

    def content(self) -> str:
        """A hash of what the page holds: the same again is a loop."""
        return hashlib.sha256(repr(self.objects).encode("utf-8", "replace")).hexdigest()

    def following(self, url: str) -> str | None:
        """The address of the next page."""
        # A page that broke lost its link too; where pages are numbered, the next one is known.
        counted = _PAGE_NUMBER.search(url) if self.torn and not self.next else None
        return _PAGE_NUMBER.sub(lambda one: f"{one[1]}{int(one[2]) + 1}", url) if counted else self.next

    def is_error(self) -> bool:
        """Whether the one object is an error message: {"error": …} and nothing an OParl object has."""
        single = not self.is_list and "id" not in self.objects[0]
        return single and bool({"error", "debug"} & self.objects[0].keys())


def read_page(body: bytes) -> Page | None:
    """The objects of a list page, of a bare array, or the single object; None when it is no JSON at all.

    Of a page that breaks off, the objects before the break are kept.
    """
    text = decode(body)
    try:
        return _page(_loads(text))
    except (ValueError, RecursionError):
        return _torn(text)


def _loads(text: str) -> Any:
    try:
        # Raw control characters inside texts are allowed here, as ALLRIS sends them.
        return json.loads(text, strict=False)
    except ValueError:
        return json.loads(_CONTROL.sub(" ", text), strict=False)


def _page(value: Any) -> Page | None:
    if isinstance(value, list):
        return Page(*_objects(value), foreign=_others(value))
    if not isinstance(value, dict):
        return None
    data = value.get("data")
    # Some servers answer a list that holds one thing with that thing.
    listed = [data] if isinstance(data, dict) and "id" in data else data
    if not isinstance(listed, list):
        return Page((value,), is_list=False)
    links, counts = value.get("links"), value.get("pagination")
    following = links.get("next") if isinstance(links, dict) else None
    total = counts.get("totalElements") if isinstance(counts, dict) else None
    return Page(
        *_objects(listed),
        next=following if isinstance(following, str) and 0 < len(following) <= LONGEST_LINK else None,
        total=total if isinstance(total, int) and 0 <= total < 10_000_000 else None,
        foreign=_others(listed),
    )


def _objects(values: list[Any]) -> tuple[tuple[Object, ...], bool]:
    return tuple(one for one in values if isinstance(one, dict)), True


def _others(values: list[Any]) -> int:
    return sum(not isinstance(one, dict) for one in values)


def _torn(text: str) -> Page | None:
    begin = _DATA.search(text)
    at = begin.end() if begin else 1 if text.lstrip().startswith("[{") else None
    if at is None:
        return None
    decoder, found = json.JSONDecoder(strict=False), list[Object]()
    while True:
        separator = _SEPARATOR.match(text, at)
        at = separator.end() if separator else at
        try:
            one, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if isinstance(one, dict):
            found.append(one)
    following = _NEXT.search(text, at)
    address = following[1].replace("\\/", "/") if following else None
    return Page(tuple(found), is_list=True, next=address, torn=True)


def text_of(value: object, limit: int = 250) -> str:
    """A value as one clean line; "" where there is none, or only a word for none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    raw = str(value)
    line = tidy(_unmangled(raw), limit)
    return "" if line.casefold() in EMPTY else line


def _unmangled(text: str) -> str:
    if not _MANGLED.search(text[:2_000]):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


def many(value: object) -> list[Any]:
    """A value that should be a list: the list, the one thing alone, or nothing."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def truth(value: object) -> bool | None:
    """A yes or no in any spelling; None where there is neither."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold() if isinstance(value, (str, int)) else ""
    if word in ("true", "1", "ja", "yes", "wahr"):
        return True
    return False if word in ("false", "0", "nein", "no", "falsch") else None


def kind_of(value: Object) -> str:
    """What an object is ("Meeting", "Body", …): by its type, or by what it carries; "" if unclear."""
    name = str(value.get("type", "")).rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    known = {kind.casefold(): kind for kind in ("System", "Body", "Meeting", "AgendaItem", "Organization")}
    if name:
        return known.get(name.casefold(), name)
    if "oparlVersion" in value or ("body" in value and "meeting" not in value and "start" not in value):
        return "System"
    if "meeting" in value and "start" not in value:
        return "Body"
    return "Meeting" if "start" in value or "agendaItem" in value else ""
