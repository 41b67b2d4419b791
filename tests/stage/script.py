"""Dialogues as people read them: who says what, and what the bot must say to that.

    == anna: organiser                a person and their role, with places
    -- 2026-11-23 09:00               the clock jumps there (wall time in Europe/Berlin)
    anna> /abo Rostock                a message in that person's private chat
        > …                           its further lines, if it has several
    bot> Abonniert: Rostock …         the first line of the answer
       > …                            its further lines; `…` stands for any lines, or for anything in a line
    bot an ben> …                     a message that goes to somebody else
    bot> /beitreten {code}            a word that is not known before: it is remembered under this name,
    ben> /beitreten {code}            and said again

Blank lines inside messages do not count. Choices stand as `[1] label`. Every message of the bot must be
written down, and none may be missing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
ROLE = re.compile(r"== (?P<name>\w+): (?P<role>\w+)(?: (?P<place>.+))?")
CLOCK = re.compile(r"-- (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d)")
SAID = re.compile(r"(?P<name>\w+)> ?(?P<text>.*)")
BOT = re.compile(r"bot(?: an (?P<name>\w+))?> ?(?P<text>.*)")
WORD = re.compile(r"\{(?P<name>[a-z]+)\}")
MORE = re.compile(r"\s+> ?(?P<text>.*)")


@dataclass
class Expected:
    """A message the bot must send; `name` empty: to whoever spoke last."""

    name: str
    lines: list[str]
    at: int


@dataclass
class Step:
    """One thing that happens, and what the bot says to it."""

    kind: str
    name: str
    text: str
    at: int
    expected: list[Expected] = field(default_factory=list)

    @property
    def moment(self) -> datetime:
        return datetime.strptime(self.text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def read(path: Path) -> list[Step]:
    """The steps of a dialogue file; ValueError names a line that is none."""
    return read_lines(path.read_text(encoding="utf-8"))


def read_lines(text: str) -> list[Step]:
    """The steps of a dialogue."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            _read_line(steps, line, number)
    return steps


def _read_line(steps: list[Step], line: str, number: int) -> None:
    if more := MORE.fullmatch(line):
        if steps[-1].expected:
            steps[-1].expected[-1].lines.append(more["text"])
        else:
            steps[-1].text += f"\n{more['text']}"
    elif bot := BOT.fullmatch(line):
        steps[-1].expected.append(Expected(bot["name"] or "", [bot["text"]], number))
    elif role := ROLE.fullmatch(line):
        steps.append(Step("role", role["name"], f"{role['role']} {role['place'] or '*'}", number))
    elif clock := CLOCK.fullmatch(line):
        steps.append(Step("clock", "", clock["at"], number))
    elif said := SAID.fullmatch(line):
        steps.append(Step("said", said["name"], said["text"], number))
    else:
        raise ValueError(f"line {number} is no line of a dialogue: {line}")


def fits(expected: Iterable[str], message: str, words: dict[str, str] | None = None) -> bool:
    """Whether a message is what was written down; `words` are those remembered, new ones are added."""
    wanted = [filled(line, words or {}) for line in expected if line.strip()]
    lines = [line for line in message.splitlines() if line.strip()]
    pattern = "".join(_line(line) for line in wanted)
    found = re.fullmatch(pattern, "".join(f"{line.strip()}\n" for line in lines))
    if found is not None and words is not None:
        words.update(found.groupdict())
    return found is not None


def filled(text: str, words: Mapping[str, str]) -> str:
    """A line with the remembered words in their places."""
    return WORD.sub(lambda gap: words.get(gap["name"], gap[0]), text)


def _line(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*"
    return ".*".join(_part(part) for part in line.strip().split("…")) + r"\n"


def _part(part: str) -> str:
    """What stands there word for word, and new words to remember."""
    pattern, end = "", 0
    for gap in WORD.finditer(part):
        pattern += re.escape(part[end : gap.start()]) + rf"(?P<{gap['name']}>\S+)"
        end = gap.end()
    return pattern + re.escape(part[end:])
