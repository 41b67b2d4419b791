"""What an event in a room says to the bot: pure, and never surprised by what others send."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from store.messages import FILE, Attachment

COMMAND = re.compile(r"![^\W\d_]")
FALLBACK = re.compile(r"\A(?:> [^\n]*\n)+\n?")
LONGEST_READ = 20_000
LONGEST_NAME = 100
# Since this version of rooms, who made one stands above its power levels, and not in them.
CREATORS_VERSION = 12
RELATION, REPLY = "m.relates_to", "m.in_reply_to"
NEW, MENTIONS = "m.new_content", "m.mentions"
MESSAGE, REPLACING = "m.room.message", "m.replace"
TEXTS = frozenset({"m.text", "m.emote"})
# What is to be heard or seen: sent as a message, or as an event of its own kind.
WORDLESS = frozenset(
    {"m.audio", "m.video", "m.location", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"}
)
# After these words somebody speaks of the bot, and not to it.
SPOKEN_OF = re.compile(r"de[rnms]|ein(?:e[nm])?|diese[rn]|vom|zum|beim|ist|the|an?|this|is", re.IGNORECASE)
# "Hey Säulenbot, ...": so many words may come before the name.
MOST_BEFORE = 3
MOST_NAMED = 20


@dataclass(frozen=True)
class Said:
    """A message: what was said, what it answers, in which thread, and what it replaces.

    A `wordless` one is to be heard or seen; its text are the words with it, if there are any.
    """

    text: str
    reply_to: str = ""
    thread: str = ""
    replaces: str = ""
    html: str = ""
    mentioned: tuple[str, ...] = ()
    file: Attachment | None = None
    wordless: bool = False


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

    @property
    def linked(self) -> re.Pattern[str]:
        """The bot's id, by itself or in a link: clients write a mention so where there is no HTML."""
        user, quoted = re.escape(self.user), re.escape(quote(self.user, safe=""))
        link = rf"https://matrix\.to/#/(?:{user}|{quoted})"
        return re.compile(
            rf"(?:\[[^\[\]]{{0,100}}\]\({link}\)|{link}|(?<![\w/]){user})(?!\.?[\w-])", re.IGNORECASE
        )


def said(content: Mapping[str, Any], kind: str = MESSAGE) -> Said | None:
    """What a person says with an event of that kind; None for all else."""
    relation = _mapping(content.get(RELATION))
    how, related = relation.get("rel_type"), _text(relation.get("event_id"))
    meant = _mapping(content.get(NEW)) if how == REPLACING else content
    shape = _text(meant.get("msgtype")) if kind == MESSAGE else kind
    file, wordless = attached(meant), shape in WORDLESS
    if shape not in TEXTS and (how == REPLACING or not (file or wordless)):
        return None
    reply = _text(_mapping(relation.get(REPLY)).get("event_id"))
    in_thread = how == "m.thread"
    text = (_text(meant.get("body")) if shape in TEXTS else caption(meant))[:LONGEST_READ]
    return Said(
        text=FALLBACK.sub("", text) if reply else text,
        reply_to="" if in_thread and relation.get("is_falling_back") else reply,
        thread=related if in_thread else "",
        replaces=related if how == REPLACING else "",
        # Whom a quoted message names is not spoken to by quoting it.
        html=_text(meant.get("formatted_body"))[:LONGEST_READ].rpartition("</mx-reply>")[2],
        mentioned=_strings(_mapping(meant.get(MENTIONS)).get("user_ids")),
        file=file,
        wordless=wordless,
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
    named = me.spoken.search(one.text) or me.linked.search(one.text) or me.linked.search(one.html)
    return me.user in one.mentioned or named is not None


def without_name(text: str, me: Me) -> str:
    """What is said to the bot, without its name at the start or the end, or after a word of greeting."""
    text = me.linked.sub(me.user, text).strip()
    start = me.spoken.match(text)
    if start is not None:
        return text[start.end() :].strip()
    for found in islice(me.spoken.finditer(text), MOST_NAMED):
        before, after = text[: found.start()], text[found.end() :]
        words = before.split()
        if words and SPOKEN_OF.fullmatch(words[-1]):
            continue
        if not after.strip(" .!?"):
            return (before.rstrip(" ,") + after).strip()
        if found[0][-1] in ":," and len(words) <= MOST_BEFORE:
            return after.strip()
    return text


def command(text: str, me: Me) -> str:
    """A command as it was meant: a mention in it only says for whom it is."""
    return me.linked.sub("", text).strip()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
