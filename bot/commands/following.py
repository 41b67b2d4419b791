"""What leans on the answer before: "und wer bezahlt das?", "Quelle?", "einfacher bitte", "mehr"."""

from bot.commands.asking import ENTRY, show_entry, show_passage, source_list
from bot.turn import Turn
from knowledge.answer import NOTHING_NAMED, Answer
from knowledge.entries import Entry
from knowledge.resolution import resolution
from knowledge.words import STOP_STEMS, clean, spelling, stem, words
from store.messages import Choice

# Longer sentences say themselves what they are about.
LONGEST = 8
SHORTEST = 4
# "Was ist das?" points back; with words before it, to these.
LONGEST_ITSELF = 3
WORDS = """
polite   bitte und noch mal mir das dazu davon es please the etwas dafür
sources  quelle quellen beleg belege nachweis woher source sources
easier   einfacher einfach einfache leichter leicht leichte verständlicher kürzer kurz easier simpler shorter
more     mehr weiter genauer details more
beside   weißt weisst hast hat du steht wo wie in sprache erklär erkläre info infos geht
opening  und aber auch and
pointing das dies die dafür davon dazu damit daran darauf daraus darüber dabei dagegen this
vaguely  sie es da dort darf that
articles das die
me       du dich dir dein deine bist you
"""
SAID = {name: frozenset(words) for name, *words in map(str.split, WORDS.strip().splitlines())}


def follow(turn: Turn, text: str, found: Answer) -> bool:
    """Answer what goes on from the entry shown here in the last ten minutes; False if nothing does."""
    last = _last(turn)
    said = words(clean(text))[: LONGEST + 1]
    if last is None or not said or len(said) > LONGEST:
        return False
    rest = {spelling(word) for word in said if word not in SAID["polite"]}
    if _means(rest, SAID["sources"]):
        turn.say("more.sources", title=last.title, sources=source_list(turn, last))
    elif _means(rest, SAID["easier"]):
        show_entry(turn, last, easy=True)
    elif _means(rest, SAID["more"]):
        _more(turn, last)
    elif _leans(said, found) and resolution().references(text) == NOTHING_NAMED:
        return _answer(turn, text, last, found)
    else:
        return False
    return True


def _last(turn: Turn) -> Entry | None:
    shown = turn.services.wisdom.recall.last(turn.incoming.chat, turn.now)
    return turn.services.answerer.library.get(shown) if shown else None


def _means(rest: set[str], meant: frozenset[str]) -> bool:
    asked, beside = ({spelling(word) for word in known} for known in (meant, SAID["beside"]))
    return bool(rest & asked) and rest <= asked | beside


def _leans(said: list[str], found: Answer) -> bool:
    """Whether a question is only half a question.

    It begins with "und", points back, says nothing of its own ("seit wann?"), or is short and unclear.
    """
    if found.kind == "smalltalk" or _is_exact(found) or SAID["me"] & set(said):
        return False
    bare = all(stem(word) in STOP_STEMS for word in said)
    unclear = found.kind != "answer"
    return (
        bare
        or _points(said)
        or (said[0] in SAID["opening"] and (unclear or len(said) <= SHORTEST))
        or (unclear and (len(said) <= SHORTEST or not SAID["vaguely"].isdisjoint(said)))
    )


def _is_exact(found: Answer) -> bool:
    return found.kind == "answer" and found.candidates[0].score >= 1


def _points(said: list[str]) -> bool:
    """Whether a word stands for something said before: "das" before no noun, "dafür"."""
    if len(said) > LONGEST_ITSELF and said[-3] == "was" and said[-1] == "das":
        return False
    following = [*said[1:], ""]
    return any(
        word in SAID["pointing"] and (not after or word not in SAID["articles"] or stem(after) in STOP_STEMS)
        for word, after in zip(said, following, strict=True)
    )


def _more(turn: Turn, last: Entry) -> None:
    near = turn.services.answerer.near(last)
    choices = [Choice(one.title, f"/frage {ENTRY}{one.id}") for one in near]
    turn.say("more.entries" if near else "more.nothing", *choices, title=last.title)


def _answer(turn: Turn, text: str, last: Entry, found: Answer) -> bool:
    """On to an entry near the one before, or its own passage; False if the question stands better alone."""
    answerer = turn.services.answerer
    step = answerer.follow(text, last, turn.language)
    foreign = answerer.is_foreign(text, turn.language)
    if step.text and step.entry is last:
        show_passage(turn, last, step.text)
    elif step.entry is not None and not foreign:
        show_entry(turn, step.entry)
    elif found.kind == "answer" or foreign:
        return False
    else:
        choices = [Choice(one.entry.title, f"/frage {ENTRY}{one.entry.id}") for one in step.candidates]
        turn.say("more.which" if choices else "more.nothing", *choices, title=last.title)
    return True
