"""What an event in a room says to the bot: pure, and never surprised by what others send."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.messages import FILE, Attachment

COMMAND = re.compile(r"![^\W\d_]")
FALLBACK = re.compile(r"\A(?:> [^\n]*\n)+\n?")
LONGEST_READ = 20_000
LONGEST_NAME = 100
# Since this version of rooms, who made one stands above its power levels, and not in them.
CREATORS_VERSION = 12
RELATION, REPLY = "m.relates_to", "m.in_reply_to"
NEW, MENTIONS = "m.new_content", "m.mentions"
PILL = 'href="https://matrix.to/#/{}"'


@dataclass(frozen=True)
class Said:
    """A text message: what was said, what it answers, in which thread, and what it replaces."""

    text: str
    reply_to: str = ""
    thread: str = ""
    replaces: str = ""
    html: str = ""
    mentioned: tuple[str, ...] = ()
    file: Attachment | None = None


@dataclass(frozen=True)
class Me:
    """How others name the bot."""

    user: str
    names: Sequence[str]

    @property
    def spoken(self) -> re.Pattern[str]:
        """The bot's names as a word of their own, with the signs people put around them."""
        localpart = self.user[1:].partition(":")[0]
        names = sorted({self.user[1:], localpart, *self.names} - {""}, key=len, reverse=True)
        either = "|".join(re.escape(name) for name in names)
        return re.compile(rf"(?<![\w@])@?(?:{either})(?![\w])[:,]?", re.IGNORECASE)


def said(content: Mapping[str, Any]) -> Said | None:
    """A text, picture or file read from an event's content; None for all else."""
    relation = _mapping(content.get(RELATION))
    kind, related = relation.get("rel_type"), _text(relation.get("event_id"))
    meant = _mapping(content.get(NEW)) if kind == "m.replace" else content
    file = attached(meant)
    if meant.get("msgtype") != "m.text" and (file is None or kind == "m.replace"):
        return None
    reply = _text(_mapping(relation.get(REPLY)).get("event_id"))
    in_thread = kind == "m.thread"
    text = (_text(meant.get("body")) if file is None else caption(meant))[:LONGEST_READ]
    return Said(
        text=FALLBACK.sub("", text) if reply else text,
        reply_to="" if in_thread and relation.get("is_falling_back") else reply,
        thread=related if in_thread else "",
        replaces=related if kind == "m.replace" else "",
        html=_text(meant.get("formatted_body"))[:LONGEST_READ],
        mentioned=_strings(_mapping(meant.get(MENTIONS)).get("user_ids")),
        file=file,
    )


def attached(content: Mapping[str, Any]) -> Attachment | None:
    """The picture or file of an event; where it lies may come with the keys to decrypt it."""
    if content.get("msgtype") not in ("m.image", "m.file"):
        return None
    where = {name: content[name] for name in ("url", "file") if content.get(name)}
    if not (_text(where.get("url")) or _text(_mapping(where.get("file")).get("url"))):
        return None
    info = _mapping(content.get("info"))
    name = _text(content.get("filename")) or _text(content.get("body")) or "datei"
    arguments = {
        "platform": "matrix",
        "reference": json.dumps(where),
        "name": name[:LONGEST_NAME],
        "mime": _text(info.get("mimetype")) or "application/octet-stream",
        "size": str(info.get("size", 0)),
    }
    return Attachment(FILE, arguments, "")


def caption(content: Mapping[str, Any]) -> str:
    """The words with a picture or file: a body that is not its name (Matrix 1.10)."""
    body, name = _text(content.get("body")), _text(content.get("filename"))
    return body if name and body != name else ""


def creators(created: Mapping[str, Any]) -> tuple[str, ...]:
    """Who may do everything in a room, as the event of its creation tells."""
    content = _mapping(created.get("content"))
    version = _text(content.get("room_version"))[:LONGEST_NAME]
    if created.get("state_key") != "" or not version.isdecimal() or int(version) < CREATORS_VERSION:
        return ()
    return (_text(created.get("sender")), *_strings(content.get("additional_creators")))


def is_command(one: Said) -> bool:
    """Whether a message starts with a command for some bot."""
    return COMMAND.match(one.text.lstrip()) is not None


def names_me(one: Said, me: Me) -> bool:
    """Whether a message names the bot: by mention, by name, or by its id."""
    pill = PILL.format(me.user) in one.html
    return me.user in one.mentioned or pill or me.spoken.search(one.text) is not None


def without_name(text: str, me: Me) -> str:
    """What is said to the bot, without its name at the start or the end."""
    text = text.strip()
    start = me.spoken.match(text)
    if start is not None:
        return text[start.end() :].strip()
    ends = [found for found in me.spoken.finditer(text) if not text[found.end() :].strip(" .!?")]
    return (text[: ends[0].start()].rstrip(" ,") + text[ends[0].end() :]).strip() if ends else text


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
