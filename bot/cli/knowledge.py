"""`saeulenbot ask` and `saeulenbot check`."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from bot.cli.common import app, configured, language, list_problems, say, say_json, sentence, texts
from bot.cli.options import ConfigOption, DataOption, JsonOption, KnowledgeOption
from bot.config import check_config
from bot.markup import plain
from bot.transports.wrapping import fitted
from bot.wisdom import read_knowledge
from knowledge import crisis
from knowledge.answer import Answer
from knowledge.entries import Entry
from knowledge.library import DUE, check_library, load_library
from scheduler.clock import SystemClock

QUESTION_BYTES = 2**20


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Without it, one question a line.")] = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Ask the knowledge base; nothing is stored."""
    settings = configured(config, data, knowledge)
    answerer = read_knowledge(settings)
    for one in [question] if question is not None else lines():
        answer = answerer.ask(one, language())
        if as_json:
            say_json(as_object(one, answer))
        else:
            say(fitted(plain(spoken(answer)), sys.stdout) + "\n")


def lines() -> Iterator[str]:
    """The lines of standard input."""
    while line := sys.stdin.buffer.readline(QUESTION_BYTES):
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def as_object(question: str, answer: Answer) -> dict[str, Any]:
    """An answer as the JSON interface promises it."""
    entry = answer.entry
    return {
        "question": question,
        "kind": answer.kind,
        "entry": entry.id if entry else None,
        "pillar": entry.pillar if entry else None,
        "measures": list(entry.measures) if entry else [],
        "confidence": round(answer.confidence, 4),
        "answer": plain(spoken(answer)),
        "sources": _sources(entry) if entry else [],
        "candidates": [
            {
                "entry": one.entry.id,
                "pillar": one.entry.pillar,
                "measures": list(one.entry.measures),
                "score": round(one.score, 4),
            }
            for one in answer.candidates
        ],
    }


def _sources(entry: Entry) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "section": one.section,
            "url": one.url,
            "read": one.read and one.read.isoformat(),
        }
        for one in entry.sources
    ]


def spoken(answer: Answer) -> str:
    """What the bot says, as small Markdown."""
    if answer.entry is not None:
        return _entry(answer.entry)
    if answer.text is not None:
        return answer.text
    footer = crisis.footer(language())
    if answer.kind == "suggest":
        titles = "\n".join(f"- {one.entry.title}" for one in answer.candidates)
        return f"{sentence('answer.suggest')}\n\n{titles}"
    return sentence("answer.unknown", way=sentence("answer.way"), helpline=footer)


def _entry(entry: Entry) -> str:
    parts = [f"**{entry.title}**", entry.answer]
    if entry.helpline:
        parts.append(crisis.footer(language()))
    names = [one.title if one.section is None else f"{one.title}, {one.section}" for one in entry.sources]
    shown = [
        f"{name} ({one.url})" if one.url else name for name, one in zip(names, entry.sources, strict=True)
    ]
    parts.append(texts.get(language(), "answer.sources", sources="; ".join(shown)))
    return "\n\n".join(parts)


@app.command()
def check(
    knowledge: KnowledgeOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Print everything that is wrong with the configuration and the content; exit status 1 if any.

    Entries that are due for review are named too, but wrong they are not.
    """
    problems = list(check_config(config)) if config is not None else []
    settings = configured(config, data, knowledge) if not problems else None
    today = SystemClock().now().date()
    directory = knowledge or (settings.knowledge if settings else None)
    problems += check_library(directory, today)
    list_problems(problems)
    due = sum(problem.key in DUE for problem in problems)
    if len(problems) > due:
        raise typer.Exit(1)
    kind = "check.due" if due else "check.fine"
    say(sentence(kind, entries=len(load_library(directory).entries), due=due))
