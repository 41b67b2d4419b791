"""Choices as inline buttons, and what stays of them after a press."""

import re
from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from store.messages import Choice, Press, Who

DATA = re.compile(r"(\d{1,18}):(\d{1,3})")
# Short labels stand side by side, as far as a narrow screen shows them.
ROW_SIGNS = 26
ROW_BUTTONS = 4
LONGEST_LABEL = 100
MOST_BUTTONS = 100


def keyboard(row: int, choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """The buttons for the choices of an outbox row; None without choices."""
    if not choices:
        return None
    lines: list[list[InlineKeyboardButton]] = []
    room = 0
    for number, choice in enumerate(choices[:MOST_BUTTONS]):
        label = choice.label[:LONGEST_LABEL] or str(number + 1)
        if len(label) + 3 > room or len(lines[-1]) == ROW_BUTTONS:
            lines.append([])
            room = ROW_SIGNS
        room -= len(label) + 3
        lines[-1].append(InlineKeyboardButton(label, callback_data=f"{row}:{number}"))
    return InlineKeyboardMarkup(lines)


def pressed(data: str) -> Press | None:
    """What a button's data stands for; None for data that is not ours."""
    found = DATA.fullmatch(data)
    return Press(int(found[1]), int(found[2])) if found else None


def left_over(choices: Sequence[Choice], press: Press, shown: Sequence[str]) -> list[int] | None:
    """The numbers of the choices to keep showing after a press; None to leave everything as it is.

    A question is over when it is answered; a menu keeps what was not pressed; what all may press stays.
    `shown` is the data of the buttons that are still there.
    """
    choice = choices[press.number]
    if choice.who is Who.ALL:
        return None
    if not choice.sentence.startswith("/") or len(choices) <= 2:
        return []
    there = [one for one in map(pressed, shown) if one is not None and one.row == press.row]
    return [one.number for one in there if one.number != press.number and one.number < len(choices)]


def remaining(row: int, choices: Sequence[Choice], numbers: Sequence[int]) -> InlineKeyboardMarkup | None:
    """The buttons of some of a row's choices, under their old numbers, one a line."""
    lines = [
        [InlineKeyboardButton(choices[number].label[:LONGEST_LABEL], callback_data=f"{row}:{number}")]
        for number in numbers
    ]
    return InlineKeyboardMarkup(lines) if lines else None
