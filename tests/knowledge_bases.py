"""Small invented knowledge bases for tests."""

from datetime import date
from pathlib import Path

from knowledge.entries import Entry
from knowledge.library import Library

FIELDS = {
    "id": "muehle",
    "title": "Wann mahlt die Mühle?",
    "questions": "[mahlt die mühle heute, wann ist mahltag, mühle offen]",
    "answer": "Die Mühle mahlt am Dienstag.",
    "easy": "Dienstag ist Mahltag.",
    "sources": "[{title: Mühlenbuch, read: 2026-11-01}]",
    "reviewed": "2026-11-01",
    "review_by": "2027-05-31",
}


def entry_yaml(**changes: str | None) -> str:
    """One entry as YAML; None leaves a field out."""
    fields = {**FIELDS, **changes}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "- " + "\n  ".join(lines) + "\n"


def write_base(directory: Path, *entries: str, name: str = "base.yaml") -> Path:
    """A folder with one file of the given entries."""
    (directory / name).write_text("".join(entries), encoding="utf-8")
    return directory


def entry(
    name: str,
    title: str,
    *questions: str,
    answer: str = "",
    measures: tuple[str, ...] = (),
    pillar: int | None = None,
) -> Entry:
    """An entry for searching."""
    pillar = int(measures[0][0]) if measures else pillar
    return Entry(
        id=name,
        title=title,
        questions=questions,
        answer=answer or f"Antwort zu {title}",
        easy=None,
        measures=measures,
        pillar=pillar,
        helpline=False,
        sources=(),
        reviewed=date(2026, 11, 1),
        review_by=None,
    )


PILLARS = Library(
    (
        entry(
            "geld",
            "Wer bezahlt Frauenhäuser?",
            "wer finanziert das frauenhaus",
            "Geld für Frauenhäuser",
            answer="Das Land gibt Zuschüsse, die Kommunen geben ihren Beitrag dazu.",
            measures=("2.1",),
        ),
        entry(
            "ausbau",
            "Werden Schutzwohnungen ausgebaut?",
            "mehr notunterkünfte",
            "neue schutzwohnung bauen",
            answer="Im Jahr 2022 gab es 9 Häuser. Die Liste führt das Ministerium.",
            measures=("2.2",),
        ),
        entry(
            "saeule-zwei",
            "Säule II: Schutz und Unterstützung",
            "was steht in säule 2",
            "zweite säule worum geht es",
            pillar=2,
        ),
        entry(
            "kampagne",
            "Gibt es eine Kampagne gegen Gewalt?",
            "wird öffentlichkeitsarbeit gefördert",
            "plakate gegen gewalt",
            answer="Die Präventionskampagne soll dauerhaft Geld bekommen.",
            measures=("1.2",),
        ),
        entry(
            "fortbildung",
            "Wer wird fortgebildet?",
            "schulung für lehrkräfte",
            "fortbildung im jugendamt",
            answer="Verwaltungen, Schulen und Jugendämter.",
            measures=("1.1",),
        ),
        entry(
            "bericht",
            "Was steht im Gleichstellungsbericht?",
            "gibt es gleichstellungsberichte",
            "wie oft kommt der bericht zur gleichstellung",
            measures=("4.2",),
        ),
        entry(
            "keine-angaben-orte",
            "Wie viele Plätze hat welcher Ort?",
            "plätze im frauenhaus je stadt",
            "wie viele frauenhausplätze gibt es in unserer stadt",
            answer="Dazu haben wir keine gesicherten Angaben. Frag bei deiner Stadt nach.",
        ),
    )
)
