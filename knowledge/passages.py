"""The part of an answer that half a question asks for: "seit wann?", "und was kostet das?"."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from knowledge.everyday import is_light
from knowledge.words import STOP_STEMS, clean, stem, words

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n")
# What a question word asks for, and how that looks in an answer.
_KINDS: Final = tuple(
    (re.compile(asked), re.compile(told))
    for asked, told in (
        (
            r"\bwann\b|\bwie lange\b|\bzeitraum\b|\bjahr\b",
            r"\b(?:1[5-9]|20)\d\d\b|\b\d\d\.\d\d\.|\b\d{1,3} (?:Tage|Monate|Jahre)",
        ),
        (r"\bwie ?viele?\b|\bwie (?:hoch|oft|alt)\b|\balter\b|\banzahl\b", r"\d|\bDrittel\b|\bHälfte\b"),
        (r"\bkoste\w{0,3}\b|\bteuer\b|\bgratis\b", r"\bEuro\b|[Kk]osten|[Kk]ostet"),
        (
            r"\bwarum\b|\bwieso\b|\bweshalb\b|\bgrund\b",
            r"\b[Ww]eil\b|\b[Dd]eshalb\b|\b[Dd]arum\b|\b[Ww]egen\b|\b[Vv]ermutlich\b|\bWarum\b",
        ),
        (r"\bh(?:ä|ae)lt\b|\bversto(?:ß|ss|e)|\bmissachtet\b|\bbricht\b", r"[Ss]traf|[Vv]ersto(?:ß|ss|e)"),
        (
            r"\bwas (?:kann|können|könnt|könnte)\b.{0,30}\b(?:tun|machen)\b|\bdagegen (?:tun|machen)\b",
            r"\b[Bb]eantrag|[Ww]as (?:ihr|du|wir) tun|\b[Aa]nfrag",
        ),
        (r"\bparagra(?:f|ph)\b|\bartikel\b", r"§|\bArt(?:\.|ikel)"),
        (r"\bwo\b|\bwohin\b", r"\b(?:in|bei|beim) (?:der )?[A-ZÄÖÜ]|[A-ZÄÖÜ]\w+, [A-ZÄÖÜ]\w+, "),
        (
            r"\bwer\b|\bwem\b|\bwen\b",
            r"ausschuss\b|ministerium\b|gericht\b|stelle\b|verwaltung\b|tretung\b|meister|\bLand\b",
        ),
        (
            r"\bjetzt\b|\bheute\b|\bdanach\b|\bdann\b|\bdr?aus\b|\bdaraus\b",
            r"\b(?:[Dd]anach|[Ss]päter|[Ss]either|[Hh]eute|[Jj]etzt|Ende|endet|noch kein)\b",
        ),
    )
)
# A paragraph of the right kind counts half as much as one that holds all the words.
_KIND: Final = 0.5
_MORE: Final = 0.02
_MOST_COUNTED: Final = 10
_NEARLY: Final = 0.85
_SHOWN: Final = 2
_CHARACTERS: Final = 700


def own_words(question: str) -> list[str]:
    """What half a question says besides question words."""
    said = words(clean(question))
    told = [word for word in said if stem(word) not in STOP_STEMS and not _told(word)]
    return [word for word in told if not is_light(stem(word))]


def asks_kind(question: str) -> bool:
    """Whether it asks for a time, a number, a price, a reason, a place, a person, or what came after."""
    return bool(_told(question))


def best_passage(text: str, question: str, weigh: Callable[[Sequence[str], str], float]) -> str | None:
    """The paragraph (with its list) that fits the question best, or two; None when none does.

    `weigh` says how much of some words a text holds (0..1).
    """
    said, kinds = own_words(question), _told(question)
    parts = [part.strip("\n") for part in _PARAGRAPHS.split(text) if part.strip()]
    scores = [weigh(said, part) + _of_kind(part, kinds) for part in parts]
    highest = max(scores, default=0.0)
    ranked = sorted(range(len(parts)), key=lambda at: -scores[at])[:_SHOWN]
    chosen = sorted(at for at in ranked if highest and scores[at] >= _NEARLY * highest)
    if sum(len(parts[at]) for at in chosen) > _CHARACTERS:
        chosen = ranked[:1]
    return "\n\n".join(parts[at] for at in chosen) or None


def _of_kind(part: str, kinds: Sequence[re.Pattern[str]]) -> float:
    counts = [min(len(told.findall(part)), _MOST_COUNTED) for told in kinds]
    return sum(_KIND + _MORE * count for count in counts if count)


def _told(question: str) -> list[re.Pattern[str]]:
    plain = clean(question).lower()
    return [told for asked, told in _KINDS if asked.search(plain)]
