"""What a message asks for besides its subject: easy language; and which of its clauses ask."""

import re
from typing import Final

from knowledge.everyday import is_light
from knowledge.words import QUESTION_CHARACTERS, STOP_STEMS, clean, stems

_SIMPLE: Final = r"(?:einfach|leicht|klar|simpel|verst[äa]e?ndlich)"
_EXPLAIN: Final = r"(?:erkl[äa]e?r|erl[äa]e?uter)"
_EASY: Final = re.compile(
    rf"""\b(?:in|auf|mit)\ (?:ganz\ )?(?:{_SIMPLE}|wenig|simpl)(?:e|er|en|em)?\s
          (?:sprache|deutsch|worten|w[öo]e?rtern|s[äa]e?tzen)\b
      | \b{_SIMPLE}(?:er)?\ (?:mal\ |bitte\ )?
          (?:{_EXPLAIN}|gesagt|formulier|ausgedr[üu]e?ckt|beschr(?:ei|ie)b)\w{{0,5}}
      | \b{_EXPLAIN}\w{{0,3}}\ (?:mir\ |uns\ |mal\ |es\ |das\ |bitte\ ){{0,4}}(?:ganz\ )?{_SIMPLE}(?:er)?\b
      | \bf[üu]e?r\ (?:dumme|doofe|anf[äa]e?nger|kinder|laien|dummies|bl[öo]e?de)\s
          (?:{_EXPLAIN}\w{{0,3}}|gesagt)\b
      | \b(?:ich|wir)\ (?:k[aöo]e?nn|lese|verstehe)(?:en|n)?\ (?:nicht|nich|net)\ (?:so\ )?
          (?:gut|viel)(?:\ (?:lesen|deutsch))?\b
      | \b(?:in|with)\ (?:plain|simple|easy)\ (?:language|words|german)\b | \bexplain(?:ed)?\ simply\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS: Final = r"(?:sagt|sagte|meint|meinte|behauptet|findet|glaubt)"
_WHO: Final = r"(?:unsere?|meine?|der|die|eine?|manche|viele|einige)"
_SPEAKER: Final = re.compile(
    rf"\b{_WHO}\ [\w*-]{{2,40}}\ {_SAYS}\b|(?<!was\ )(?<!wie\ )(?<!wer\ )\b{_SAYS}\ {_WHO}\ [\w*-]{{2,40}}",
    re.IGNORECASE,
)
# "nicht Säule 2, sondern die 3": what is not asked is left out, and its name kept for what is.
_THE: Final = r"(?:d(?:ie|er|en|as)\ )?"
_INSTEAD: Final = re.compile(
    rf"\bnicht\ {_THE}(?:(\w{{3,20}})\ )?[\w.]{{1,20}},?\ sondern\ {_THE}",
    re.IGNORECASE,
)
_CLAUSES: Final = re.compile(r"(?<=[.!?:;\n–])\s+|(?<=[?!:])(?=\w)")


def without_easy(question: str) -> str | None:
    """The question without the wish for easy language; None when it does not wish, or asks nothing else."""
    begin = question[:QUESTION_CHARACTERS]
    rest = _EASY.sub(" ", begin)
    if rest == begin:
        return None
    kept = [clause for clause in clauses(rest) if _tells(clause)]
    return " ".join(kept) or None


def without_denied(question: str) -> str:
    """The question without what it says it does not mean: "nicht Säule 2, sondern 3" asks for "Säule 3"."""
    return _INSTEAD.sub(lambda hit: f"{hit[1] or ''} ", question)


def as_objection(question: str) -> str:
    """The question with "Einwand" for who says it: what they say is asked, not who they are."""
    return _SPEAKER.sub("Einwand", question)


def clauses(question: str) -> list[str]:
    """The clauses of a message, each with the sign that ends it."""
    return [part for part in _CLAUSES.split(question.strip()) if part]


def asking_clauses(question: str) -> list[str]:
    """Clauses of a longer message that may be the question by themselves, questions first."""
    parts = clauses(question)
    told = [part for part in parts if _tells(part) and not part.endswith(":")] if len(parts) > 1 else []
    return sorted(told, key=lambda part: not part.endswith("?"))


def _tells(clause: str) -> bool:
    """Whether a clause has a word that says what it is about."""
    return any(stem not in STOP_STEMS and not is_light(stem) for stem in stems(clean(clause)))
