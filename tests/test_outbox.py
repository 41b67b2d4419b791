"""The outbox: queued once, handed out in order, and every ending written down."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from errors import StoreError
from store import outbox, settling
from store.database import Database, Transaction
from store.messages import Attachment, ChatRef, Choice, Kind, Outgoing, Who
from store.outbox import CHOICES_KEPT, Queue
from store.settling import Result
from store.tables import outbox as table
from tests.conftest import NOW

MIA, BEN = ChatRef("terminal", "mia"), ChatRef("terminal", "ben")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CHOICES = (Choice("Ja", "/ja", Who.ALL), Choice("Nein", "/nein"))


def keys(tx: Transaction, now=NOW, **options: object) -> list[str]:
    found = outbox.waiting(tx, "terminal", now, options.pop("limit", 10), **options)
    return [one.outgoing.key for one in found]


def row_of(tx: Transaction, key: str) -> int:
    return tx.execute(select(table.c.id).where(table.c.key == key)).scalar_one()


async def test_a_key_is_queued_once(database: Database) -> None:
    message = Outgoing("a", MIA, "Hallo")
    assert await database.write(lambda tx: outbox.put(tx, message, NOW))
    assert not await database.write(lambda tx: outbox.put(tx, message, NOW))
    assert await database.read(keys) == ["a"]


async def test_a_refused_key_does_not_undo_what_else_was_done(database: Database) -> None:
    def work(tx: Transaction) -> list[bool]:
        return [outbox.put(tx, Outgoing(key, MIA, "Hallo"), NOW) for key in ("a", "a", "b")]

    assert await database.write(work) == [True, False, True]
    assert await database.read(keys) == ["a", "b"]


async def test_only_a_known_key_is_let_go_other_faults_are_told(database: Database) -> None:
    of_no_broadcast = Outgoing("a", MIA, "Hallo", Kind.BROADCAST, broadcast=999)
    for work in (outbox.put, outbox.add):
        with pytest.raises(StoreError):
            await database.write(lambda tx: work(tx, of_no_broadcast, NOW))  # noqa: B023
    assert await database.read(keys) == []


async def test_busy_chats_are_left_out_however_many_they_are(database: Database) -> None:
    names = ["1", "2", "3", "4", "5", "6"]

    def work(tx: Transaction) -> list[list[str]]:
        for name in names:
            outbox.add(tx, Outgoing(name, ChatRef("terminal", name), "x"), NOW)
        return [keys(tx, busy=names[:busy]) for busy in range(7)]

    assert await database.write(work) == [names[busy:] for busy in range(7)]


async def test_a_message_comes_back_as_it_was_put_in(database: Database) -> None:
    message = Outgoing(
        "a",
        ChatRef("terminal", "mia", "thread"),
        "**Größe** 👍",
        Kind.BROADCAST,
        CHOICES,
        Attachment("progress", {"place": "Rostock"}, "Fortschritt"),
        silent=False,
        reply_to="17",
        asked="terminal:mia",
        replaces=3,
        not_before=NOW,
    )
    await database.write(lambda tx: outbox.add(tx, message, NOW))
    (found,) = await database.read(lambda tx: outbox.waiting(tx, "terminal", NOW, 10))
    assert (found.outgoing, found.tries, found.parts_done) == (message, 0, 0)


async def test_answers_overtake_the_rest_and_equals_keep_their_order(database: Database) -> None:
    kinds = [Kind.BROADCAST, Kind.NOTICE, Kind.ANSWER, Kind.REMINDER, Kind.ANSWER]

    def work(tx: Transaction) -> tuple[list[str], list[str]]:
        for number, kind in enumerate(kinds):
            outbox.add(tx, Outgoing(f"{kind}{number}", MIA, "x", kind), NOW)
        return keys(tx), keys(tx, limit=2)

    everything = ["answer2", "answer4", "reminder3", "notice1", "broadcast0"]
    assert await database.write(work) == (everything, everything[:2])


async def test_busy_chats_other_kinds_and_later_ones_are_left_out(database: Database) -> None:
    def work(tx: Transaction) -> list[list[str]]:
        outbox.add(tx, Outgoing("mia", MIA, "x"), NOW)
        outbox.add(tx, Outgoing("ben", BEN, "x", Kind.REMINDER), NOW)
        outbox.add(tx, Outgoing("later", BEN, "x", not_before=NOW + SECOND), NOW)
        outbox.add(tx, Outgoing("elsewhere", ChatRef("matrix", "mia"), "x"), NOW)
        return [keys(tx), keys(tx, busy=["mia"]), keys(tx, kinds=[Kind.ANSWER]), keys(tx, now=NOW + SECOND)]

    found = await database.write(work)
    assert found == [["mia", "ben"], ["ben"], ["mia"], ["mia", "later", "ben"]]
    assert await database.read(lambda tx: outbox.next_at(tx, ["terminal"], NOW)) == NOW + SECOND


async def test_a_sent_message_leaves_nothing_but_its_choices(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        for key, choices in (("plain", ()), ("choice", CHOICES)):
            outbox.add(tx, Outgoing(key, MIA, "geheim", choices=choices), NOW)
        settling.finish(tx, [Result(row_of(tx, key), "sent", "id") for key in ("plain", "choice")], NOW)
        return [tuple(row) for row in tx.execute(select(table.c.key, table.c.body, table.c.state))]

    assert await database.write(work) == [("choice", "", "sent")]


async def test_choices_can_be_pressed_for_sixty_days(database: Database) -> None:
    def work(tx: Transaction) -> list[tuple[Choice, ...] | None]:
        outbox.add(tx, Outgoing("a", MIA, "x", choices=CHOICES, asked="terminal:mia"), NOW)
        row = row_of(tx, "a")
        offers = [outbox.offer(tx, row, at) for at in (NOW, NOW + CHOICES_KEPT - SECOND, NOW + CHOICES_KEPT)]
        offers += [
            outbox.offer(tx, row + 1, NOW),
            outbox.last_offer(tx, MIA, NOW),
            outbox.last_offer(tx, BEN, NOW),
        ]
        return [one and one.choices for one in offers]

    assert await database.write(work) == [CHOICES, CHOICES, None, None, CHOICES, None]


async def test_the_offer_of_a_message_is_found_by_its_platform_id(database: Database) -> None:
    def work(tx: Transaction) -> list[str | None]:
        for key in ("one", "two"):
            outbox.add(tx, Outgoing(key, MIA, "x", choices=(Choice(key, f"/{key}"),)), NOW)
            settling.finish(tx, [Result(row_of(tx, key), "sent", f"id-{key}")], NOW)
        offers = [outbox.last_offer(tx, MIA, NOW, sent) for sent in ("", "id-one", "id-none")]
        return [one and one.choices[0].label for one in offers]

    assert await database.write(work) == ["two", "one", None]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Result(0, "waiting", error="e", again_at=NOW + DAY, parts_done=2), ("waiting", 1, 2, NOW + DAY)),
        (Result(0, "failed", error="e"), ("failed", 1, 0, NOW)),
        (Result(0, "unknown", error="e"), ("unknown", 1, 0, NOW)),
    ],
    ids=lambda value: value.state if isinstance(value, Result) else "",
)
async def test_what_was_not_sent_is_written_down(
    database: Database, result: Result, expected: tuple[object, ...]
) -> None:
    columns = [table.c[name] for name in ("state", "tries", "parts_done", "not_before")]

    def work(tx: Transaction) -> tuple[object, ...]:
        outbox.add(tx, Outgoing("a", MIA, "x"), NOW)
        settling.finish(tx, [Result(**{**result.__dict__, "row": row_of(tx, "a")})], NOW)
        return tuple(tx.execute(select(*columns)).one())

    assert await database.write(work) == expected


async def test_old_rows_are_forgotten_and_waiting_ones_never(database: Database) -> None:
    def work(tx: Transaction) -> list[int]:
        for key in ("waiting", "failed", "choice"):
            outbox.add(tx, Outgoing(key, MIA, "x", choices=CHOICES if key == "choice" else ()), NOW)
        settling.finish(
            tx, [Result(row_of(tx, "failed"), "failed"), Result(row_of(tx, "choice"), "sent")], NOW
        )
        days = (6, 7, 60, 1000)
        gone = [outbox.forget(tx, NOW + number * DAY, 7 * DAY) for number in days]
        return [*gone, tx.execute(select(func.count()).select_from(table)).scalar_one()]

    assert await database.write(work) == [0, 1, 1, 0, 1]


async def test_row_numbers_are_never_given_twice(database: Database) -> None:
    """People press old buttons: the number on them must not come to mean another message."""

    def work(tx: Transaction) -> tuple[int, int]:
        rows = []
        for key in ("a", "b"):
            outbox.add(tx, Outgoing(key, MIA, "x"), NOW)
            rows.append(row_of(tx, key))
            settling.finish(tx, [Result(rows[-1], "sent")], NOW)
        return rows[0], rows[1]

    first, second = await database.write(work)
    assert second > first


async def test_what_nobody_will_read_is_emptied(database: Database) -> None:
    picture = Attachment("qr", {"text": "geheim"}, "geheim")

    def work(tx: Transaction) -> dict[str, tuple[object, ...]]:
        for key, kind in (("answer", Kind.ANSWER), ("broadcast", Kind.BROADCAST), ("other", Kind.ANSWER)):
            outbox.add(tx, Outgoing(key, MIA, "geheim", kind, attachment=picture), NOW)
        lost = [Result(row_of(tx, key), "failed") for key in ("answer", "broadcast")]
        settling.finish(tx, [*lost, Result(row_of(tx, "other"), "unknown")], NOW)
        rows = tx.execute(select(table.c.key, table.c.body, table.c.attachment.is_(None)))
        return {row[0]: (row[1], bool(row[2])) for row in rows}

    assert await database.write(work) == {
        "answer": ("", True),
        "broadcast": ("", True),
        "other": ("", True),
    }


async def test_what_waits_is_counted_by_platform_and_age(database: Database) -> None:
    def work(tx: Transaction) -> tuple[object, ...]:
        elsewhere = ChatRef("telegram", "1")
        for key, chat, before in (
            ("old", MIA, NOW - DAY),
            ("new", BEN, NOW),
            ("later", BEN, NOW + DAY),
            ("sent", MIA, NOW - 2 * DAY),
            ("lost", MIA, NOW),
            ("perhaps", MIA, NOW),
            ("tomorrow", elsewhere, NOW + DAY),
        ):
            outbox.add(tx, Outgoing(key, chat, "x", not_before=before), NOW)
        results = {"sent": "sent", "lost": "failed", "perhaps": "unknown"}
        settling.finish(tx, [Result(row_of(tx, key), state) for key, state in results.items()], NOW)
        return outbox.queues(tx, NOW), outbox.count_lost(tx)

    queues, lost = await database.write(work)
    assert queues == {"terminal": Queue(3, NOW - DAY), "telegram": Queue(1, None)}
    assert lost == 2


async def test_an_offer_is_of_its_own_chat_platform_and_time(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        thread = ChatRef("terminal", "mia", "7")
        outbox.add(tx, Outgoing("choice", thread, "x", choices=CHOICES, asked="terminal:mia"), NOW)
        outbox.add(tx, Outgoing("plain", MIA, "x"), NOW)
        offer = outbox.last_offer(tx, MIA, NOW)
        assert offer is not None
        assert (offer.row, offer.chat, offer.asked) == (row_of(tx, "choice"), thread, "terminal:mia")
        others = [ChatRef("telegram", "mia"), BEN]
        late = NOW + CHOICES_KEPT
        return [outbox.last_offer(tx, one, NOW) for one in others] + [outbox.last_offer(tx, MIA, late)]

    assert await database.write(work) == [None, None, None]


async def test_a_chat_that_moved_takes_its_messages_along(database: Database) -> None:
    def work(tx: Transaction) -> list[tuple[str, str]]:
        for key, chat in (("mine", MIA), ("theirs", BEN), ("elsewhere", ChatRef("telegram", "mia"))):
            outbox.add(tx, Outgoing(key, chat, "x"), NOW)
        outbox.move(tx, MIA, ChatRef("matrix", "!new"))
        return sorted((row.platform, row.chat) for row in tx.execute(select(table)))

    assert await database.write(work) == [("matrix", "!new"), ("telegram", "mia"), ("terminal", "ben")]


async def test_failed_and_unknown_messages_are_forgotten_and_sent_ones_without_a_time(
    database: Database,
) -> None:
    def work(tx: Transaction) -> list[int]:
        for key in ("failed", "unknown", "waiting"):
            outbox.add(tx, Outgoing(key, MIA, "x"), NOW)
            if key != "waiting":
                settling.finish(tx, [Result(row_of(tx, key), key)], NOW)
        return [outbox.forget(tx, NOW + 90 * DAY, None), outbox.forget(tx, NOW + 7 * DAY, 7 * DAY)]

    assert await database.write(work) == [0, 2]


def test_many_are_queued_at_once_in_their_order(tx: Transaction) -> None:
    outbox.add_all(tx, [], NOW)
    outbox.add_all(tx, [Outgoing("a", MIA, "eins"), Outgoing("b", BEN, "zwei")], NOW)
    found = outbox.waiting(tx, "terminal", NOW, 10)
    assert [(one.outgoing.key, one.outgoing.body) for one in found] == [("a", "eins"), ("b", "zwei")]


def test_a_message_waits_until_it_was_sent(tx: Transaction) -> None:
    outbox.add_all(tx, [Outgoing("a", MIA, "eins"), Outgoing("b", MIA, "zwei", replaces=1)], NOW)
    first, second = row_of(tx, "a"), row_of(tx, "b")
    settling.finish(tx, [Result(first, "sent", "id-a")], NOW)
    assert [outbox.is_waiting(tx, row) for row in (first, second, second + 1, None)] == [
        False,
        True,
        False,
        False,
    ]
    assert outbox.still_waiting(tx, first) is None
    left = outbox.still_waiting(tx, second)
    assert left is not None
    assert (left.row, left.outgoing.body) == (second, "zwei")


def test_a_message_names_the_sent_one_that_it_replaces(tx: Transaction) -> None:
    shown = Outgoing("a", MIA, "eins", choices=CHOICES)
    settling.finish(tx, [Result(outbox.add(tx, shown, NOW), "sent", "id-a")], NOW)
    outbox.add(tx, Outgoing("b", MIA, "zwei", replaces=row_of(tx, "a")), NOW)
    outbox.add(tx, Outgoing("c", MIA, "drei"), NOW)
    assert [one.edits for one in outbox.waiting(tx, "terminal", NOW, 10)] == ["id-a", ""]


def test_who_is_here_again_gets_what_had_failed_and_nobody_else(tx: Transaction) -> None:
    elsewhere, later = ChatRef("telegram", "mia"), NOW + DAY
    for key, chat in (("mine", MIA), ("theirs", BEN), ("elsewhere", elsewhere), ("lost", MIA)):
        outbox.add(tx, Outgoing(key, chat, "x"), NOW)
        state = "failed" if key == "lost" else "waiting"
        settling.finish(tx, [Result(row_of(tx, key), state, error="e", again_at=later)], NOW)
    outbox.add(tx, Outgoing("tomorrow", MIA, "x", not_before=later), NOW)
    outbox.make_due(tx, MIA, NOW + SECOND)
    due = {row.key: row.not_before for row in tx.execute(select(table).where(table.c.state == "waiting"))}
    assert due == {"mine": NOW + SECOND, "theirs": later, "elsewhere": later, "tomorrow": later}


def test_a_chat_that_is_gone_loses_what_waits_there_and_no_other_does(tx: Transaction) -> None:
    for key, chat in (("mine", MIA), ("theirs", BEN), ("elsewhere", ChatRef("telegram", "mia"))):
        outbox.add(tx, Outgoing(key, chat, "x"), NOW)
    outbox.drop(tx, MIA)
    assert [row.key for row in tx.execute(select(table))] == ["theirs", "elsewhere"]
