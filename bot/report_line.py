"""Reads a report as people write it: "Rostock II.1 vertagt: kommt im Januar wieder", in any order.

Pure: text and places in, a draft out. What is not clear stays open and is listed as a hint, never guessed.
`render_report` writes a draft as a line that reads back the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from bot.outcomes import phrases
from bot.report_draft import Hint, ReportDraft, render_report
from bot.report_measures import FoundMeasure, FoundPillar, find_measures, find_pillar
from bot.report_outcome import Mention, decide, find_mentions
from bot.report_place import Located, named_first, place_of
from bot.report_votes import UNANIMOUS, FoundVotes, Votes, find_votes
from knowledge.places import Places
from knowledge.resolution import resolution
from scheduler.agendas.discreet import without_addresses

__all__ = ["Hint", "ReportDraft", "read_report", "render_report"]

READ_CHARACTERS = 2_000
TEXT_CHARACTERS = 500
LINK_CHARACTERS = 500

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,2000}", re.I)
# What only announces the link.
LINK_LABEL = re.compile(r"[,;(]?\s{0,3}\b(?:link|quelle|url|source)\s{0,3}:\s{0,3}$", re.I)
LINK_END = ".,;:!?)]}'’“”…"
BUT = re.compile(
    r"\b(?:aber|jedoch|allerdings|but)\b|[,;.] (?:das |für das |fürs |unser )?(?:frauenh|geld|zuschu)", re.I
)
HEAD_END = re.compile(r":(?=\s|$)")
PUNCTUATED = re.compile(r"[,;:.!?](?: |$)")
WORD = re.compile(r"[^\W_]+")
# When it was decided is kept in the person's own words, where they wrote nothing else.
DAY_SAID = re.compile(
    r"\b(?:(?:am|vom|seit)\s)?\d{1,2}\.\s?\d{1,2}\.(?!\d\d?\b)(?:20\d\d|\d\d)?(?!\d)"
    r"|\b(?:vor)?gestern(?: abend)?\b"
    r"|\b(?:am )?(?:letzte[nr]?|vorige[nr]?|vergangene[nr]?) \w{4,12}\b|\b(?:yesterday|last \w{4,9})\b",
    re.I,
)
# A minus before a number is none of the dashes that part the text from the rest.
TEXT_START = re.compile(r"^(?:[\s,;:.–—!)_*]|-(?!\d))+")
# The Roman numbers that are one character.
NUMERALS = {0x215F + value: roman for value, roman in enumerate(("I", "II", "III", "IV"), 1)}
# What stands between the parts of a report and says nothing of its own.
FILLERS = frozenset(
    phrases("""
    a, also, am, an, and, antrag, anträge, auch, auf, aus, bei, beim, bekam, bericht, das, dass, dem, den,
    der, des, die, ebenfalls, ebenso, ein, eine, einstimmig, endlich, ergebnis, es, fand, für, gab, gar,
    gegen, genauso, gestern, haben, hallo, hat, heute, hi, im, in, is, ist, ja, jetzt, kam, kamen,
    kreistag, leider, lk, m, massnahme, massnahmen, maßnahme, maßnahmen, measure, measures, mehrheitlich,
    mit, moin, nein, nun, nur, nö, of, ok, on, our, pillar, punkt, report, saeule, sind, sowie, stadt,
    stand, stimme, stimmen, stimmt, säule, the, to, top, um, unanimously, und, unser, unsere, unserem,
    unseren, vom, von, votes, war, waren, was, were, wir, with, worden, wurde, wurden, zu, zum, zur
    """)
)


@dataclass(frozen=True)
class Span:
    """A part of the line that was understood."""

    start: int
    end: int


def read_report(text: str, places: Places) -> ReportDraft:
    """The report in a line of any length; never raises."""
    line, link, link_hints = take_link(cleaned(text))
    mentions, measures, named = said_in(line), find_measures(line), places.find_in(line)
    votes = find_votes(line)
    counts = [Span(*span) for span in votes.spans] if votes else []
    head = head_of(line, mentions, measures, [*named, *counts])
    head = min(
        head, end_before_another(line, within(head, mentions), within(head, measures), [*named, *counts])
    )
    mentions, measures, named = within(head, mentions), within(head, measures), within(head, named)
    pillar = None if measures else find_pillar(line[:head])
    outcome, outcome_hints = outcome_of(mentions, measures, line)
    parts: list[Located] = [*mentions, *measures, *counts]
    first, unknown = ([], ()) if named else named_first(line[:head], parts, places, FILLERS)
    place, place_hints = place_of([one.match for one in named] or first)
    codes, measure_hints = codes_of(measures, pillar)
    counted, vote_hints = votes_of(votes, outcome)
    heard: list[Located] = [*mentions, *measures, *named, *within(head, counts)]
    heard += [*([pillar] if pillar else []), *(span_of(one.written, line) for one in unknown)]
    free = free_text(line, heard)
    told = without_addresses(free)
    address_hints = (Hint("hint.address"),) if told != free else ()
    return ReportDraft(
        place=place,
        measures=codes,
        outcome=outcome,
        votes=counted,
        link=link,
        text=told[:TEXT_CHARACTERS].rstrip(),
        cut=len(free) > TEXT_CHARACTERS or len(text) > READ_CHARACTERS,
        unclear=(
            *place_hints,
            *unknown,
            *measure_hints,
            *outcome_hints,
            *vote_hints,
            *link_hints,
            *address_hints,
        ),
    )


def span_of(written: str, line: str) -> Span:
    start = line.find(written)
    return Span(start, start + len(written))


def cleaned(text: str) -> str:
    """One line without control characters, marks of direction and broken characters."""
    plain = unicodedata.normalize("NFC", text[:READ_CHARACTERS]).translate(NUMERALS)
    shown = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in plain)
    return " ".join("".join(shown).split())


def take_link(line: str) -> tuple[str, str | None, tuple[Hint, ...]]:
    """The line without its first link, the link, and a hint if it cannot be kept."""
    found = LINK.search(line)
    if not found:
        return line, None, ()
    link = found[0].rstrip(LINK_END)
    before = LINK_LABEL.sub("", line[: found.start()]).rstrip()
    behind = line[found.start() + len(link) :].lstrip()
    link = f"https://{link}" if link[:4].casefold() == "www." else link
    rest = f"{before}{'' if PUNCTUATED.match(behind) else ' '}{behind}".strip()
    # A link with a password in it must not stay behind as text either.
    return (rest, link, ()) if is_usable(link) else (rest, None, (Hint("hint.link_refused"),))


def is_usable(link: str) -> bool:
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and "@" not in parts.netloc and len(link) <= LINK_CHARACTERS


def said_in(line: str) -> tuple[Mention, ...]:
    """The outcomes a line names; what only hints at one counts where nothing else does."""
    found = find_mentions(line)
    # "Der Haushalt kam durch, aber das Frauenhaus bekommt weniger" is no plain yes.
    less = [one for one in found if one.key == "gekuerzt" and BUT.search(line, 0, one.start)]
    return tuple(one for one in found if one.doubt != "hint" or one in less) or found


# --- where the report ends and the words of its own begin -------------------------------------------

LocatedT = TypeVar("LocatedT", bound=Located)


def within(head: int, found: Iterable[LocatedT]) -> tuple[LocatedT, ...]:
    return tuple(one for one in found if one.start < head)


def head_of(
    line: str, mentions: Iterable[Mention], measures: Sequence[FoundMeasure], others: Iterable[Located]
) -> int:
    """Where the part ends that names place, measure and outcome: at a colon behind an outcome, if any.

    `others` are places and votes: when nothing else follows the colon, they belong to the report.
    """
    for colon in HEAD_END.finditer(line):
        end = colon.start()
        if any(one.start < end < one.end for one in others):
            continue
        said = any(mention.end <= end for mention in mentions)
        complete = any(one.end <= end for one in measures) or not measures
        if said and complete:
            behind = [one for one in others if one.start > end]
            return len(line) if behind and not left_over(line, end, len(line), behind) else end
    return len(line)


def end_before_another(
    line: str, mentions: Sequence[Mention], measures: Sequence[FoundMeasure], others: Sequence[Located]
) -> int:
    """Where the report ends in "2.1 beschlossen, 3.1 folgt im Januar": of 3.1 nothing is reported."""
    said = [one for one in mentions if not one.doubt]
    if not said or mentions[-1] != said[-1] or not measures or measures[0].start > said[0].start:
        return len(line)
    another = [one for one in measures if one.start > said[-1].end]
    told = another and left_over(line, said[-1].end, len(line), [*another, *others])
    return said[-1].end if told else len(line)


def left_over(line: str, start: int, end: int, parts: Sequence[Located]) -> bool:
    """Whether words that say something stand outside the understood parts."""
    for word in WORD.finditer(line, start, end):
        inside = any(part.start < word.end() and word.start() < part.end for part in parts)
        if not inside and word[0].casefold() not in FILLERS:
            return True
    return False


def free_text(line: str, parts: Sequence[Located]) -> str:
    """What the person added: all behind the understood parts, or the whole line where it is interwoven."""
    last = max((part.end for part in parts), default=0)
    if left_over(line, 0, last, parts):
        last = 0
    if left_over(line, last, len(line), ()):
        return TEXT_START.sub("", line[last:], count=1)
    day = DAY_SAID.search(line)
    return day[0] if day else ""


# --- the parts --------------------------------------------------------------------------------------


def codes_of(
    found: Iterable[FoundMeasure], pillar: FoundPillar | None
) -> tuple[tuple[str, ...], tuple[Hint, ...]]:
    """The measures that exist, and hints about those that do not, or are only hinted at."""
    codes = tuple(dict.fromkeys(one.code for one in found))
    existing = tuple(code for code in codes if resolution().measure(code))
    hints = [Hint("hint.measure_unknown", code) for code in codes if code not in existing]
    if pillar:
        # It begins a sentence.
        hints.append(Hint("hint.measure_open", pillar.written[0].upper() + pillar.written[1:], pillar.codes))
    return existing, tuple(hints)


def outcome_of(
    mentions: Sequence[Mention], measures: Sequence[FoundMeasure], line: str
) -> tuple[str | None, tuple[Hint, ...]]:
    """The outcome, or hints: nothing sure was said, or several outcomes for several measures."""
    if not mentions:
        word = UNANIMOUS.search(line)
        open_hint = (Hint("hint.outcome_open", word[0], ("beschlossen", "abgelehnt")),) if word else ()
        return None, open_hint
    key, candidates = decide(mentions)
    if key:
        return key, ()
    mixed = len(measures) > 1 and len({mention.key for mention in mentions if not mention.doubt}) > 1
    written = line[mentions[0].start : mentions[-1].end][:100]
    return None, (Hint("hint.outcomes_mixed" if mixed else "hint.outcome_open", written, candidates),)


def votes_of(found: FoundVotes | None, outcome: str | None) -> tuple[Votes | None, tuple[Hint, ...]]:
    """The votes, with a bare "19:12" turned so that it fits the outcome: who loses had fewer votes."""
    if found is None:
        return None, ()
    votes, written = found.votes, f"{found.votes.yes}:{found.votes.no}"
    if outcome == "abgelehnt" and votes.yes > votes.no and not found.ordered:
        return replace(votes, yes=votes.no, no=votes.yes), (Hint("hint.votes_turned", written),)
    won = votes.yes > votes.no
    if (outcome == "beschlossen" and not won) or (outcome == "abgelehnt" and won):
        return (votes if found.ordered else None), (Hint("hint.votes_odd", written),)
    return votes, ()
