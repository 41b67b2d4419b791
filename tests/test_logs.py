"""What the program writes about itself: readable lines or JSON, and never what people wrote."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs

SECRET = "Kanarienvogel 123456:ABC"


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Put logging back as it was."""
    names = [None, *logs.OURS, *logs.SILENT]
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in loggers]
    yield
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate


def failing() -> None:
    raise ValueError(SECRET)


def speak(level: int = logging.DEBUG) -> None:
    """Everything that could say too much."""
    ours, theirs = logging.getLogger("bot.somewhere"), logging.getLogger("somebody.else")
    ours.log(level, "a number: %d", 7, extra={"who": "abcd1234", "text": SECRET})
    theirs.error("%s", SECRET)
    try:
        failing()
    except ValueError as error:
        ours.error("a command failed: %s", type(error).__name__, exc_info=error)
        theirs.error("failed", exc_info=error)
    for name in logs.SILENT:
        logging.getLogger(name).critical(SECRET)
        logging.getLogger(f"{name}.deeper").critical(SECRET)


def test_elsewhere_every_line_is_an_object() -> None:
    out = io.StringIO()
    logs.configure(out, logging.DEBUG)
    speak()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "a number: 7",
        logs.WITHHELD,
        "a command failed: ValueError",
        logs.WITHHELD,
    ]
    assert lines[0]["who"] == "abcd1234"
    assert lines[2]["error"] == "ValueError"
    assert lines[2]["where"].startswith("test_logs.py:")
    assert {"timestamp", "level", "logger"} <= lines[0].keys()
    assert SECRET not in out.getvalue()


def test_on_a_terminal_lines_are_to_be_read() -> None:
    out = Screen()
    logs.configure(out, logging.DEBUG)
    speak()
    assert "a command failed: ValueError" in out.getvalue()
    assert not out.getvalue().startswith("{")
    assert "Kanarienvogel" not in out.getvalue()


def test_the_light_way_tells_no_more() -> None:
    out = io.StringIO()
    logs.configure_lightly(out, logging.DEBUG)
    speak()
    first, *_ = out.getvalue().splitlines()
    assert first == "debug bot.somewhere: a number: 7 who=abcd1234"
    assert "error=ValueError where=test_logs.py:" in out.getvalue()
    assert "Kanarienvogel" not in out.getvalue()


def test_setting_up_twice_tells_things_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.configure(first)
    logs.configure(second)
    logging.getLogger("bot").info("hello")
    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1


def test_a_line_stays_one_line_whatever_is_in_it() -> None:
    out = io.StringIO()
    logs.configure(out)
    logging.getLogger("bot").info("%s", 'x\n{"event": "forged"}\r\n\x1b[2J')
    (line,) = out.getvalue().splitlines()
    assert json.loads(line)["logger"] == "bot"
