"""An outgoing message as the content of events: text with HTML, cut so that it fits, and files."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bot.markup import plain
from bot.transports.matrix.html import choice_lines, html, html_choices
from store.messages import Choice, Outgoing

Content = dict[str, Any]
# An event may have 65,536 bytes; encryption and the server add to it.
MOST_BYTES = 40_000
# So much of an edited text is repeated for clients that know no edits.
MOST_REPEATED = 500
PNG = b"\x89PNG\r\n\x1a\n"


def contents(message: Outgoing) -> list[Content]:
    """The events of a message's text, in order; each fits, each is in the thread asked in."""
    bodies = fitting(message.body)
    made = []
    for number, body in enumerate(bodies):
        last = number == len(bodies) - 1
        made.append(text_content(message, body, message.choices if last else (), number == 0))
    return made


def text_content(message: Outgoing, body: str, choices: Sequence[Choice], first: bool) -> Content:
    """One event; routine posts are notices, which make no sound and which bots do not answer."""
    text, formatted = shown(body)
    parts = [text, "\n".join(choice_lines(choices))]
    content: Content = {
        "msgtype": "m.notice" if message.silent else "m.text",
        "body": "\n\n".join(part for part in parts if part),
        "format": "org.matrix.custom.html",
        "formatted_body": formatted + html_choices(choices),
        "m.mentions": {},
    }
    return content | related(message, reply=first)


def related(message: Outgoing, reply: bool = True) -> Content:
    """What an event answers, and the thread it stands in."""
    answered = {"m.in_reply_to": {"event_id": message.reply_to}} if reply and message.reply_to else {}
    thread = message.chat.thread
    if thread:
        falling_back = {} if answered else {"m.in_reply_to": {"event_id": thread}}
        relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": not answered}
        return {"m.relates_to": relation | answered | falling_back}
    return {"m.relates_to": answered} if answered else {}


def edited(content: Content, event: str) -> Content:
    """The same content as the new version of an event; for clients that know no edits, its beginning."""
    fresh = {name: value for name, value in content.items() if name != "m.relates_to"}
    shown = {"msgtype": fresh["msgtype"], "body": f"* {fresh['body'][:MOST_REPEATED]}", "m.mentions": {}}
    return {**shown, "m.new_content": fresh, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}


@lru_cache(maxsize=8)
def shown(body: str) -> tuple[str, str]:
    """A text as it is read without and with HTML; it is measured first, and then sent."""
    return plain(body), html(body)


def fitting(body: str) -> list[str]:
    """A text in parts that each fit an event, cut between paragraphs, lines or words where possible."""
    size = len(json.dumps(shown(body)))
    if size <= MOST_BYTES or len(body) < 2:
        return [body]
    cut = _cut(body)
    return [*fitting(body[:cut].rstrip()), *fitting(body[cut:].lstrip())]


def _cut(body: str) -> int:
    middle = len(body) // 2
    for mark in ("\n\n", "\n", " "):
        at = body.rfind(mark, 1, middle)
        if at > middle // 2:
            return at
    return middle


def file_content(name: str, mime: str, data: bytes, alt: str, where: Content) -> Content:
    """A picture or file; `where` is its address, plain or with the keys to decrypt it."""
    info: Content = {"mimetype": mime} | ({"size": len(data)} if data else {})
    picture = mime.startswith("image/")
    if picture and data.startswith(PNG):
        info |= {"w": int.from_bytes(data[16:20]), "h": int.from_bytes(data[20:24])}
    kind = "m.image" if picture else "m.file"
    return {"msgtype": kind, "body": alt or name, "filename": name, "info": info, "m.mentions": {}} | where
