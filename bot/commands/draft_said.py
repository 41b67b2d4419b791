"""What is said without /rundruf while a broadcast is being written, and is about it."""

import re
from dataclasses import replace

from bot.broadcast_words import (
    AT_ONCE,
    INSTEAD,
    NEW_TEXT,
    SENDING,
    begins_audience,
    is_audience,
    is_start,
    read_headed,
)
from bot.commands.broadcasting import ACTION, DRAFTING, WORDS, broadcast, draft_of, empty, keep, preview
from bot.turn import Turn
from knowledge.slips import likeness
from store import broadcasts

NAME = re.compile(r"[/!]rundruf(?:@\w+)?\s+", re.IGNORECASE)
ABOUT_DRAFT = re.compile(r"rundruf (?:an|wann|text) \d")
STOP = re.compile(
    r"(?:(?:nein|nee|nö|ach),? )?(?:stopp?|halt|lass (?:mal|es|das)|vergiss (?:es|das)"
    r"|weg damit|verwerfen|doch nicht)\W*",
    re.IGNORECASE,
)
PLEASE = re.compile(r",? bitte[\s.!]*$", re.IGNORECASE)
# An edited message with so much of a draft's words (in percent) is the one that the draft was made of.
ALIKE = 60


def attach(turn: Turn, words: str = "") -> bool:
    """A picture or file: put to the draft, or to a new one; False if nothing waits for one.

    The words it comes with are those of the draft from now on: so it stands in the chat, and so it goes out.
    """
    one = draft_of(turn)
    form = turn.form or ""
    if one is None and not form.startswith("rundruf"):
        return False
    one = one or empty(turn)
    keep(turn, replace(one, file=turn.incoming.file, text=words or one.text))
    return True


def change(turn: Turn, text: str) -> bool:
    """ "an Rostock", "morgen 9 Uhr", "senden": whether it was about the draft that is shown."""
    one, text = draft_of(turn), PLEASE.sub("", text)
    if one is None or not one.text:
        return False
    said = ACTION.fullmatch(text)
    if said is not None and not said["rest"] and WORDS[said["word"].casefold()] in DRAFTING:
        broadcast(turn, text)
    elif worded := NEW_TEXT.fullmatch(text):
        DRAFTING["text"](turn, one, worded["text"])
    elif (instead := INSTEAD.match(text)) and text[instead.end() :]:
        return change(turn, text[instead.end() :])
    elif AT_ONCE.fullmatch(text.strip(" .!")):
        DRAFTING["wann"](turn, one, text)
    elif is_audience(turn, text):
        DRAFTING["an"](turn, one, text)
    elif is_start(turn, text):
        DRAFTING["wann"](turn, one, text)
    elif STOP.fullmatch(text):
        give_up(turn)
    elif SENDING.fullmatch(text):
        # It has no button because nobody would get it: shown again, it says so.
        preview(turn, one)
    elif headed := read_headed(turn, f"an {text}: {one.text}"):
        to = headed.audience
        keep(turn, replace(one, places=to.places or one.places, platforms=to.platforms), headed.starts)
    elif begins_audience(turn, text):
        DRAFTING["an"](turn, one, text)
    else:
        return False
    return True


def follow_edit(turn: Turn, text: str) -> bool:
    """The message with the words of the draft was edited: the draft follows; whether it was that message."""
    one, said = draft_of(turn), NAME.sub("", text, count=1)
    headed = read_headed(turn, said)
    if one is None or likeness(headed.text if headed else said, one.text) < ALIKE:
        return False
    if headed is None:
        DRAFTING["text"](turn, one, said)
    else:
        broadcast(turn, said)
    return True


def stay(turn: Turn, so_far: str) -> bool:
    """A question about the draft is taken back: it is shown as it was; False where none was asked."""
    one = draft_of(turn) if ABOUT_DRAFT.match(so_far) else None
    if one is None:
        return False
    if one.text:
        preview(turn, one)
    else:
        broadcasts.drop(turn.tx, one.id)
    return bool(one.text)


def give_up(turn: Turn) -> bool:
    """Drop the draft; whether there was one."""
    one = draft_of(turn)
    if one is not None:
        DRAFTING["verwerfen"](turn, one, "")
    return one is not None
