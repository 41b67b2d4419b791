"""What leans on the answer before: "und wer bezahlt das?", "Quelle?", "einfacher bitte", "mehr"."""

from bot.commands.asking import ENTRY, show_entry, source_list
from bot.turn import Turn
from knowledge.answer import Answer
from knowledge.entries import Entry
from knowledge.words import clean, words
from store.messages import Choice

# Longer sentences say themselves what they are about.
LONGEST = 8
WORDS = """
polite   bitte und noch mal mir das dazu davon es please the etwas dafür
sources  quelle quellen beleg belege nachweis woher source sources
easier   einfacher einfach einfache leichter leicht leichte verständlicher easier simpler
more     mehr weiter genauer details more
beside   weißt weisst hast hat du steht wo wie in sprache erklär erkläre info infos geht
opening  und aber auch and
pointing das dies dafür davon dazu damit daran darüber dabei dagegen die sie es da dort darf that this
"""
SAID = {name: frozenset(words) for name, *words in map(str.split, WORDS.strip().splitlines())}


def follow(turn: Turn, text: str, found: Answer) -> bool:
    """Answer what goes on from the entry shown here in the last ten minutes; False if nothing does."""
    last = _last(turn)
    said = words(clean(text))[: LONGEST + 1]
    if last is None or not said or len(said) > LONGEST:
        return False
    rest = {word for word in said if word not in SAID["polite"]}
    if _means(rest, SAID["sources"]):
        turn.say("more.sources", title=last.title, sources=source_list(turn, last))
    elif _means(rest, SAID["easier"]):
        show_entry(turn, last, easy=True)
    elif _means(rest, SAID["more"]):
        _more(turn, last)
    elif _leans(said, found) and not turn.services.answerer.is_foreign(text):
        _answer(turn, text, last)
    else:
        return False
    return True


def _last(turn: Turn) -> Entry | None:
    shown = turn.services.wisdom.recall.last(turn.incoming.chat, turn.now)
    return turn.services.answerer.library.get(shown) if shown else None


def _means(rest: set[str], meant: frozenset[str]) -> bool:
    return bool(rest & meant) and rest <= meant | SAID["beside"]


def _leans(said: list[str], found: Answer) -> bool:
    """Whether a question is only half a question: it begins with "und" or points back, and is unclear."""
    points = said[0] in SAID["opening"] or bool(SAID["pointing"] & set(said))
    unclear = found.kind in ("suggest", "unknown") or (
        said[0] in SAID["opening"] and len(said) <= LONGEST // 2
    )
    return points and unclear and len(said) > 1


def _more(turn: Turn, last: Entry) -> None:
    near = turn.services.answerer.near(last)
    choices = [Choice(one.title, f"/frage {ENTRY}{one.id}") for one in near]
    turn.say("more.entries" if near else "more.nothing", *choices, title=last.title)


def _answer(turn: Turn, text: str, last: Entry) -> None:
    found = turn.services.answerer.follow(text, last)
    if found.entry is not None:
        show_entry(turn, found.entry)
    else:
        choices = [Choice(one.entry.title, f"/frage {ENTRY}{one.entry.id}") for one in found.candidates]
        turn.say("more.which" if choices else "more.nothing", *choices, title=last.title)
