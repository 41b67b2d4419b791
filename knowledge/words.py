"""German text to words, stems and word parts: what search compares, whoever typed it and however."""

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import Stemmer

from knowledge.verbs import PREFIXES, SEPARABLE, strong_forms

# A question longer than this is no question; its start says what it is about.
QUESTION_CHARACTERS: Final = 600
# Entries hold a few thousand characters; the rest of a runaway field would only slow every start.
TEXT_CHARACTERS: Final = 6_000
WORD_CHARACTERS: Final = 60

_STOP_WORDS: Final = """
    a ab aber alle allem allen aller alles als also alt am an and ander andere anderem anderen anderer
    anders are auch auf aus bedeutet bei beim bekommen bekommt bin bis bisschen bist bitte bloß brauche
    brauchen braucht bräuchte can da dabei dadurch dafür dagegen daher damit danach daran darauf darf
    darfs darfst darum das dass davon dazu dein deine deinem deinen deiner dem den denen denn der deren
    des dessen dich die dies diese diesem diesen dieser dieses ding dinge dir do doch does dort drin du
    durch dürfen dürft eben eigentlich ein eine einem einen einer eines einfach einmal er es etc etwa
    etwas euch euer eure eurem euren eurer for from früh für gab gabs ganz gar geben gegen gehen gehn
    geht gehts gemacht genau gerade gern gerne groß gewesen geworden gibt gibts ging hab habe haben habt
    habts ham halt hat hatte hatten heißt hier hin hinter hoch how i ich ihm ihn ihnen ihr ihre ihrem
    ihren ihrer im in ins irgendwie is isses ist ists isn it ja jede jedem jeden jeder jedes jetzt kann
    kannst kein keine keinem keinen keiner komme kommen kommt können könnt könnte lang lange lassen
    lässt mach machen machst macht mal man me mehr mein meine meinem meinen meiner mich mir mit möchte
    muss müssen my nach nämlich ne nem nen ner nicht nichts nix noch null nun nur ob oder of oft ohne on
    or quasi raus rein rum sache sachen schon sehr sein seine seinem seinen seiner seit sich sie sind so
    sogar solche soll sollen sollst sollt sollte sollten sondern sonst sowas spät stehen stehn steht the
    this to tun tut über überhaupt um und uns unser unsere unserem unseren unserer unter viel viele
    vielen vom von vor wann war waren wars warum was weil weit welche welchem welchen welcher welches
    wem wen wenn wer werde werden wessen what when where which who why wie wieder wieviel wieviele will
    willst wir wird wirst with wo woher wohin wohl wollen wollt worden worüber worum wurde würde wurden
    you your zeug zu zum zur zwar zwischen
"""
_LINKING: Final = ("s", "es", "n", "en", "e", "er", "ns")
_SHORTEST_PART: Final = 4
_MOST_PARTS: Final = 5
# As many letters of a word tell whether it can be one the vocabulary knows.
_BEGINNING: Final = 3

# Each begins with a plain character, so that long texts are skimmed at the speed of a string search.
_GENDER_SIGN: Final = re.compile(r"[*:_/·](?<=\w\w.)-?(?:innen|in|r|n)\b", re.IGNORECASE)
_GENDER_CAPITAL: Final = re.compile(r"I(?<=[a-zäöüß]{2}.)(?:nnen|n)\b")
_FEMININE: Final = re.compile(r"erin(?:nen)?\b")
# The dot of "2.098" is there for the eye: people also type 2098.
_THOUSANDS: Final = re.compile(r"\.(?<=\d\.)(?=\d{3}(?!\d))")
# A telephone number is one figure, however it is written.
_TELEPHONE: Final = re.compile(r"(?<!\d)(?:0\d{2,5}|11\d)(?: \d{1,4})+(?!\d)")
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")
TEXT_END: Final = "\n"
_WORD_OR_END: Final = re.compile(_WORD.pattern + "|" + TEXT_END)
_SPELLING: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_DIGRAPH: Final = re.compile(r"ae|oe|(?<![aeqo])ue")
_IERT: Final = re.compile(r"iert?$")
_SHORTEST_IERT: Final = 6
_TWIN: Final = re.compile(r"(.)\1")
_SILENT: Final = re.compile(r"(?<=[aeiou])h|(?<=i)e|(?<=[rt])h")
_SOUNDS: Final = {
    "eu": "au",
    "ai": "ei",
    "ck": "k",
    "tz": "z",
    "dt": "t",
    "ph": "f",
    "v": "f",
    "y": "i",
    "d": "t",
}
_SOUND: Final = re.compile("|".join(_SOUNDS))
_SHORTEST_VERB: Final = 3
_STEMMER: Final = Stemmer.Stemmer("german")
_PREFIXED: Final = re.compile(f"({'|'.join(PREFIXES)})")
_WEAK: Final = re.compile(r"ge(\w{3,60})t")


class _Letters(dict[int, str]):
    """What `clean` makes of each character; filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        self[code] = (
            " " if kind in {"Cc", "Zl", "Zp"} else "" if kind in {"Cf", "Cs", "Co", "Cn"} else chr(code)
        )
        return self[code]


_LETTERS: Final = _Letters()


def clean(text: str, limit: int = QUESTION_CHARACTERS) -> str:
    """The first `limit` characters in normal form, without control, direction and half characters."""
    # Line ends and tabs are the commonest of what cannot be printed, and quickly dealt with.
    plain = text[:limit].replace("\n", " ").replace("\t", " ")
    normal = unicodedata.normalize("NFKC", plain)[:limit]
    return normal if normal.isprintable() else normal.translate(_LETTERS)


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a cleaned text, gender endings and thousands dots dropped."""
    return [word[:WORD_CHARACTERS] for word in _WORD.findall(_plain(text))]


def words_of_many(texts: Sequence[str]) -> list[str]:
    """The words of many cleaned texts in a row, each text closed by TEXT_END: quicker than one by one.

    Runaway words are whole here; `stem_many` cuts them.
    """
    return _WORD_OR_END.findall(_plain(TEXT_END.join((*texts, ""))))


def _plain(text: str) -> str:
    called = _TELEPHONE.sub(lambda hit: hit[0].replace(" ", ""), text)
    without = _THOUSANDS.sub("", _GENDER_CAPITAL.sub("", _GENDER_SIGN.sub("", called)))
    return _FEMININE.sub("er", without.lower())


def spelling(word: str) -> str:
    """The word with ä, ae and a alike, so that "Präventionsraete" and "Praeventionsräte" are one."""
    plain = word if word.isascii() else word.translate(_SPELLING)
    return _DIGRAPH.sub(lambda hit: hit[0][0], plain) if "e" in plain else plain


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case word, in one spelling; -ieren, -iert and -ierung are one."""
    return _shortened(spelling(_STEMMER.stemWord(word)))


def stem_many(words: Sequence[str]) -> list[str]:
    """The stems of many words without line ends, in their order; several times as fast as one by one."""
    cut = [word[:WORD_CHARACTERS] for word in words]
    return [_shortened(found) for found in spelling("\n".join(_STEMMER.stemWords(cut))).split("\n")]


def _shortened(found: str) -> str:
    # Snowball leaves "finanzi", "finanziert" and "finanzier" apart.
    if len(found) > _SHORTEST_IERT and "ier" in found:
        return _IERT.sub("i", found)
    return _infinitive(found)


def _infinitive(found: str) -> str:
    """The stem of a strong verb's infinitive; "ge" and "zu" behind a separable prefix are dropped."""
    if found in _VERBS:
        return _VERBS[found]
    hit = _PREFIXED.match(found)
    if hit is None:
        return found
    prefix, rest = hit[1], found[hit.end() :]
    rest = rest.removeprefix("zu") if rest.removeprefix("zu") in _VERBS else rest
    if rest in _VERBS:
        return prefix + _VERBS[rest]
    weak = _WEAK.fullmatch(rest) if prefix in SEPARABLE else None
    return prefix + weak[1] if weak else found


def inflected(stem: str) -> list[str]:
    """What a stem may be an inflected form of, where the stemmer does not tell: "blecht", "gelobt"."""
    forms = [stem[: -len(ending)] for ending in ("st", "t") if stem.endswith(ending)]
    forms += [form.removeprefix("ge") for form in forms if form.startswith("ge")]
    return [form for form in forms if len(form) >= _SHORTEST_VERB]


@lru_cache(maxsize=4_096)
def sounds(word: str) -> str:
    """How a spelled word sounds, roughly: mistyped as one hears it ("schuhl", "gewallt", "seul") it stays."""
    plain = _TWIN.sub(r"\1", _SILENT.sub("", word))
    return _SOUND.sub(lambda hit: _SOUNDS[hit[0]], plain)


_VERBS: Final = {
    spelling(_STEMMER.stemWord(form)): spelling(_STEMMER.stemWord(verb)) for form, verb in strong_forms()
}
STOP_STEMS: Final = frozenset(stem(word) for word in _STOP_WORDS.split())


def stems(text: str) -> list[str]:
    """The stems of a cleaned text in order, stop words included."""
    return [stem(word) for word in words(text)]


def beginnings(vocabulary: Iterable[str]) -> frozenset[str]:
    """How the vocabulary's words begin: what lets `split_compound` skip most places."""
    return frozenset(word[:_BEGINNING] for word in vocabulary)


def split_compound(compound: str, vocabulary: Container[str], starts: Container[str]) -> list[str]:
    """The parts of a compound stem that the vocabulary knows, or nothing when it does not come out even.

    `starts` are the vocabulary's beginnings. Method: longest known head first, with German linking
    letters, parts of four letters or more.
    """
    if len(compound) < 2 * _SHORTEST_PART:
        return []
    return _parts(compound, compound, vocabulary, starts, _MOST_PARTS)


def _parts(rest: str, whole: str, vocabulary: Container[str], starts: Container[str], left: int) -> list[str]:
    tail = rest if rest in vocabulary else stem(rest)
    if rest != whole and tail in vocabulary and tail not in STOP_STEMS:
        return [tail]
    if left == 1:
        return []
    for end in range(len(rest) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        if rest[end : end + _BEGINNING] not in starts:
            continue
        head = _known_head(rest[:end], vocabulary)
        following = _parts(rest[end:], whole, vocabulary, starts, left - 1) if head else []
        if head and following:
            return [head, *following]
    return []


def _known_head(head: str, vocabulary: Container[str]) -> str | None:
    known = (form for form in _forms(head) if len(form) >= _SHORTEST_PART and form in vocabulary)
    return next((form for form in known if form not in STOP_STEMS), None)


def _forms(head: str) -> Iterator[str]:
    """The head as it stands, as a stem, and without a linking ending."""
    yield head
    yield stem(head)
    yield from (head.removesuffix(link) for link in _LINKING if head.endswith(link))
