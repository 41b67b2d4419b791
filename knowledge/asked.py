"""What a message asks for besides its subject: in easy language; and which of its clauses carry the question."""

import re
from typing import Final

from knowledge.everyday import is_light
from knowledge.words import QUESTION_CHARACTERS, STOP_STEMS, clean, stems

_EASY: Final = re.compile(
    r"""\b(?:in|auf|mit|in\ ganz|auf\ ganz)\ (?:einfach|leicht|klar|verst(?:ä|ae)ndlich|simpl|wenig)(?:e|er|en|em)?\ 
          (?:sprache|deutsch|worten|w(?:ö|oe)rtern|s(?:ä|ae)tzen)\b
      | \b(?:einfach|leicht|verst(?:ä|ae)ndlich|simpel)(?:er)?\ (?:mal\ |bitte\ )?
          (?:erkl(?:ä|ae)r|erl(?:ä|ae)uter|gesagt|formulier|ausgedr(?:ü|ue)ckt|beschr(?:ei|ie)b|verst(?:ä|ae)ndlich)\w{0,5}
      | \b(?:erkl(?:ä|ae)r|erl(?:ä|ae)uter)\w{0,3}\ (?:mir\ |uns\ |mal\ |es\ |das\ |bitte\ ){0,4}
          (?:ganz\ )?(?:einfach|leicht|verst(?:ä|ae)ndlich|simpel)(?:er)?\b
      | \bf(?:ü|ue)r\ (?:dumme|doofe|anf(?:ä|ae)nger|kinder|laien|dummies|bl(?:ö|oe)de)\ (?:erkl(?:ä|ae)r\w{0,3}|gesagt)\b
      | \b(?:ich|wir)\ (?:kann|k(?:ö|oe)nnen|lese|lesen|verstehe|verstehen)\ (?:nicht|nich|net)\ (?:so\ )?
          (?:gut|viel)(?:\ (?:lesen|deutsch))?\b
      | \b(?:in|with)\ (?:plain|simple|easy)\ (?:language|words|german)\b | \bexplain(?:ed)?\ simply\b""",
    re.IGNORECASE | re.VERBOSE,
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
