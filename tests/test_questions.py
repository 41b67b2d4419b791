"""Invented questions as people ask them find their entry; what the base cannot know is not answered."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.answer import Answer, Answerer
from knowledge.entries import Entry
from knowledge.library import load_library
from knowledge.particulars import admits_gap
from knowledge.resolution import resolution

RAW: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text(encoding="utf-8"))
ASKED = [(question, group) for group in RAW["answered"] for question in group["questions"]]
REFUSED = [question for questions in RAW["unanswerable"].values() for question in questions]


@cache
def answerer() -> Answerer:
    return Answerer(load_library())


def right(entry: Entry, group: dict[str, Any]) -> bool:
    names = tuple(group.get("entries", ()))
    return bool(set(entry.measures) & set(group.get("measures", ()))) or entry.id.startswith(names or ("?",))


def found(question: str) -> list[Entry]:
    hits = answerer().hits(question, resolution().references(question))
    return [answerer().library.entries[hit.position] for hit in hits]


def share(asked: list[tuple[str, dict[str, Any]]], among: int) -> float:
    return sum(any(right(one, group) for one in found(q)[:among]) for q, group in asked) / len(asked)


def test_there_are_enough_questions_and_none_is_a_wording() -> None:
    assert len(ASKED) >= 150
    assert len(REFUSED) >= 60
    wordings = {wording.casefold() for entry in answerer().library.entries for wording in entry.wordings}
    same = [question for question, _ in ASKED if question.casefold() in wordings]
    assert len(same) <= len(ASKED) // 20, same


@pytest.mark.parametrize(("half", "first", "three"), [(0, 0.95, 0.98), (1, 0.90, 0.95)])
def test_questions_find_their_entry(half: int, first: float, three: float) -> None:
    asked = ASKED[half::2]
    assert share(asked, 1) >= first, [q for q, group in asked if not share([(q, group)], 1)]
    assert share(asked, 3) >= three


def test_most_questions_are_answered_at_once_and_rarely_wrongly() -> None:
    answers = [(answerer().ask(question), group) for question, group in ASKED]
    told = [right(answer.entry, group) for answer, group in answers if answer.entry]
    assert len(told) >= 0.65 * len(answers)
    assert sum(told) >= 0.95 * len(told)


def test_what_the_base_cannot_know_is_not_answered() -> None:
    wrong = [question for question in REFUSED if _tells(answerer().ask(question))]
    assert len(wrong) <= len(REFUSED) // 10, wrong


def _tells(answer: Answer) -> bool:
    return answer.entry is not None and not admits_gap(answer.entry)


@pytest.mark.parametrize("figure", ["2098", "2.098", "2.098 Fälle", "die 2098"])
def test_figures_are_found_with_and_without_their_dot(figure: str) -> None:
    assert found(f"Woher kommt die Zahl {figure}?")[0].id == "polizeizahlen-mv"
