"""What editors learn from: how helpful entries were, and which questions stayed unanswered. No persons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from store.tables import questions, ratings


@dataclass(frozen=True)
class Rating:
    """How often an entry was called helpful, and how often not."""

    entry: str
    helpful: int
    unhelpful: int


@dataclass(frozen=True)
class Question:
    """A question nobody could answer, and how often it was asked in these words."""

    text: str
    count: int


def rate(tx: Connection, entry: str, helpful: bool) -> None:
    """Count one more voice for an entry."""
    column = ratings.c.helpful if helpful else ratings.c.unhelpful
    counted = update(ratings).where(ratings.c.entry == entry).values({column.name: column + 1})
    if not tx.execute(counted).rowcount:
        tx.execute(insert(ratings).values(entry=entry, helpful=int(helpful), unhelpful=int(not helpful)))


def all_ratings(tx: Connection) -> list[Rating]:
    """All counts, what helped least first."""
    order = (ratings.c.unhelpful - ratings.c.helpful).desc()
    query = select(ratings).order_by(order, ratings.c.entry)
    return [Rating(**row) for row in tx.execute(query).mappings()]


def keep_question(tx: Connection, text: str, now: datetime) -> None:
    """Keep a question for editors; the same words again are counted."""
    counted = update(questions).where(questions.c.text == text)
    if not tx.execute(counted.values(count=questions.c.count + 1, asked_at=now)).rowcount:
        tx.execute(insert(questions).values(text=text, count=1, asked_at=now))


def kept_questions(tx: Connection, most: int) -> list[Question]:
    """The questions asked most often, at most `most`."""
    query = select(questions.c.text, questions.c.count)
    order = (questions.c.count.desc(), questions.c.asked_at.desc(), questions.c.text)
    rows = tx.execute(query.order_by(*order).limit(most))
    return [Question(text, count) for text, count in rows]


def count_questions(tx: Connection) -> int:
    """How many questions are kept."""
    return tx.execute(select(func.count()).select_from(questions)).scalar_one()


def forget_questions(tx: Connection, before: datetime | None = None) -> int:
    """Delete what was last asked up to `before`, or all; how many."""
    gone = delete(questions)
    return tx.execute(gone if before is None else gone.where(questions.c.asked_at <= before)).rowcount
