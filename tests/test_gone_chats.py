"""Chats the bot can no longer reach are forgotten after their time, with all they wanted."""

from datetime import timedelta

from store import chats
from store.database import Database, Transaction
from store.messages import ChatRef
from tests.conftest import NOW

DAY = timedelta(days=1)


async def test_a_chat_that_is_gone_for_long_is_forgotten_with_all_it_wanted(database: Database) -> None:
    ref, group = ChatRef("telegram", "7"), ChatRef("telegram", "-8")

    def work(tx: Transaction) -> list[int]:
        for one, person in ((ref, "telegram:7"), (group, "")):
            known = chats.keep(tx, one, bool(person), person, NOW)
            chats.subscribe(tx, known.id, "", "Rostock", False, "7d", NOW)
        chats.lose(tx, ref, NOW)
        early, late = chats.forget(tx, NOW + 89 * DAY, 90 * DAY), chats.forget(tx, NOW + 90 * DAY, 90 * DAY)
        return [
            early,
            late,
            chats.find(tx, ref).id,
            len(chats.subscriptions_of(tx, chats.find(tx, group).id)),
        ]

    assert await database.write(work) == [0, 1, 0, 1]


async def test_a_chat_that_is_back_is_kept(database: Database) -> None:
    ref = ChatRef("telegram", "7")

    def work(tx: Transaction) -> int:
        known = chats.keep(tx, ref, True, "telegram:7", NOW)
        chats.lose(tx, ref, NOW)
        chats.change(tx, known.id, active=True)
        chats.forget(tx, NOW + 900 * DAY, 90 * DAY)
        return chats.find(tx, ref).id - known.id

    assert await database.write(work) == 0
