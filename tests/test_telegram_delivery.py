"""What goes wrong between the bot and Telegram, each thing by itself: nothing is lost, little is doubled."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.transports.telegram import Telegram
from bot.transports.transport import kept_running
from errors import PlatformError, Refused, SaeulenbotError
from store import chats, outbox
from store.messages import Attachment, ChatRef, Choice, Kind, Outgoing, Queued
from store.outbox import Queue
from tests.emulator.server import TOKEN, Fault
from tests.stage.telegram import TelegramStage, on_telegram

MIA, BEN, GROUP = 42, 43, -100500


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[TelegramStage]:
    async with on_telegram(tmp_path) as opened:
        for chat in (MIA, BEN, GROUP):
            opened.emulator.chat(chat)
        yield opened


async def post(stage: TelegramStage, key: str, chat: int = MIA, **more: object) -> None:
    """Queue a message, and return when all that can go out now has."""
    now = stage.clock.now()
    said: dict[str, object] = {"body": key, "kind": Kind.ANSWER, **more}
    message = Outgoing(key=key, chat=ChatRef("telegram", str(chat)), **said)  # type: ignore[arg-type]
    await stage.app.database.write(lambda tx: outbox.put(tx, message, now))
    await stage.app.delivery.drained()


async def later(stage: TelegramStage, seconds: float) -> None:
    await stage.jump(stage.clock.now() + timedelta(seconds=seconds))


def texts(stage: TelegramStage, chat: int = MIA) -> list[str]:
    return [one.text for one in stage.emulator.sent if one.chat == chat]


async def waiting(stage: TelegramStage) -> dict[str, Queue]:
    return await stage.app.database.read(lambda tx: outbox.queues(tx, stage.clock.now()))


async def test_a_limit_stops_that_chat_for_as_long_as_it_says_and_no_other(stage: TelegramStage) -> None:
    stage.emulator.faults.append(Fault(429, chat=MIA, retry_after=30))
    await post(stage, "eins")
    await post(stage, "zwei")
    await post(stage, "ben", BEN)
    assert (texts(stage), texts(stage, BEN)) == ([], ["ben"])
    await later(stage, 29)
    assert texts(stage) == []
    await later(stage, 1.1)
    assert texts(stage) == ["eins", "zwei"]


async def test_a_blocked_bot_leaves_the_chat_alone(stage: TelegramStage) -> None:
    await stage.introduce("anna", "member", "*")
    stage.emulator.gone.add(1001)
    await post(stage, "eins", 1001)
    known = await stage.app.database.read(lambda tx: chats.find(tx, ChatRef("telegram", "1001")))
    assert (known.active, await waiting(stage)) == (False, {})


async def test_a_moved_group_gets_its_messages_under_the_new_id(stage: TelegramStage) -> None:
    new = -1007
    stage.emulator.chat(new)
    stage.emulator.moved[GROUP] = new
    now, ref = stage.clock.now(), ChatRef("telegram", str(GROUP))
    await stage.app.database.write(lambda tx: chats.keep(tx, ref, False, "", now))
    for key in ("eins", "zwei"):
        await post(stage, key, GROUP)
    assert (texts(stage, GROUP), texts(stage, new)) == ([], ["eins", "zwei"])
    assert (await stage.app.database.read(lambda tx: chats.find(tx, ChatRef("telegram", str(new))))).id


@pytest.mark.parametrize("kind", [500, 502, 504, "drop_before"])
async def test_a_server_that_fails_gets_it_again(stage: TelegramStage, kind: int | str) -> None:
    stage.emulator.faults.append(Fault(kind, times=2))
    await post(stage, "eins")
    await post(stage, "zwei")
    await later(stage, 2.1)
    await later(stage, 4.1)
    assert texts(stage) == ["eins", "zwei"]


async def test_an_answer_whose_receipt_was_lost_is_sent_again(stage: TelegramStage) -> None:
    stage.emulator.faults.append(Fault("drop_after"))
    await post(stage, "eins")
    await later(stage, 2.1)
    assert texts(stage) == ["eins", "eins"]


@pytest.mark.parametrize("kind", ["drop_after", "nonsense"])
async def test_a_broadcast_whose_receipt_was_lost_is_unknown_and_not_repeated(
    stage: TelegramStage, kind: str
) -> None:
    stage.emulator.faults.append(Fault(kind))
    await post(stage, "eins", kind=Kind.BROADCAST)
    await later(stage, 3600)
    assert texts(stage) == ["eins"]
    assert await waiting(stage) == {}


async def test_a_hanging_server_is_given_up(stage: TelegramStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.emulator.faults.append(Fault("hang_before", method="sendMessage"))
    transport = stage.app.delivery._senders["telegram"]
    assert isinstance(transport, Telegram)
    for request in transport._api._request:
        monkeypatch.setattr(request._client, "timeout", 1.5)  # type: ignore[attr-defined]
    await post(stage, "eins", kind=Kind.BROADCAST)
    assert texts(stage) == []
    await post(stage, "zwei")
    assert texts(stage) == ["zwei"]


async def test_what_telegram_refuses_for_good_is_set_aside(stage: TelegramStage) -> None:
    stage.emulator.faults.append(Fault(400))
    await post(stage, "eins")
    await post(stage, "zwei")
    assert (texts(stage), await waiting(stage)) == (["zwei"], {})


async def test_long_texts_go_out_in_parts_that_are_marked_one_by_one(stage: TelegramStage) -> None:
    body = "\n\n".join(f"Absatz {number} " + "wort " * 400 for number in range(5))
    await post(stage, "lang", body=body, choices=(Choice("Ja", "/ja"),))
    await later(stage, 1)
    sent = stage.emulator.sent
    assert [one.text[:8] for one in sent] == ["Absatz 0", "Absatz 2", "Absatz 4"]
    assert [bool(one.buttons) for one in sent] == [False, False, True]


async def test_a_part_that_was_sent_is_not_sent_again(stage: TelegramStage) -> None:
    body = "\n\n".join(f"Absatz {number} " + "wort " * 700 for number in range(3))
    transport = stage.app.delivery._senders["telegram"]
    calls = 0
    send = transport.send

    async def second_fails(message: Queued) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            stage.emulator.faults.append(Fault(502))
        return await send(message)

    transport.send = second_fails  # type: ignore[method-assign, assignment]
    await post(stage, "lang", body=body)
    assert [text[:8] for text in texts(stage)] == ["Absatz 0"]
    await later(stage, 3)
    assert [text[:8] for text in texts(stage)] == ["Absatz 0", "Absatz 1", "Absatz 2"]


async def test_files_carry_a_caption_and_what_is_too_long_for_it_follows(stage: TelegramStage) -> None:
    attachment = Attachment("chart", {}, "Ein Bild")
    await post(stage, "kurz", attachment=attachment)
    await post(stage, "lang", body="kurz\n\n" + "wort " * 500, attachment=attachment)
    assert [(one.file, one.text[:4]) for one in stage.emulator.sent] == [
        ("chart.txt", "kurz"),
        ("chart.txt", "kurz"),
        ("", "wort"),
    ]


async def test_routine_posts_are_silent_and_urgent_ones_ring(stage: TelegramStage) -> None:
    await post(stage, "antwort")
    await post(stage, "erinnerung", kind=Kind.REMINDER)
    await post(stage, "absage", kind=Kind.NOTICE, silent=False)
    assert [one.silent for one in stage.emulator.sent] == [False, True, False]


async def test_one_message_is_edited_rather_than_many_sent(stage: TelegramStage) -> None:
    await post(stage, "eins", choices=(Choice("Ja", "/ja"),))
    row = int(stage.emulator.sent[0].buttons[0][1].split(":")[0])
    await post(stage, "zwei", replaces=row)
    assert texts(stage) == ["zwei"]
    stage.emulator.sent.clear()
    await post(stage, "drei", replaces=row)
    assert texts(stage) == ["drei"]


async def test_leaving_a_group(stage: TelegramStage) -> None:
    transport = stage.app.delivery._senders["telegram"]
    assert isinstance(transport, Telegram)
    await transport.leave(ChatRef("telegram", str(GROUP)))
    assert GROUP in stage.emulator.gone
    await transport.leave(ChatRef("telegram", str(GROUP)))
    await transport.leave(ChatRef("telegram", "-99"))
    with pytest.raises(Refused):
        stage.emulator.faults.append(Fault(400, method="leaveChat"))
        await transport.leave(ChatRef("telegram", str(GROUP)))


# --- receiving ----------------------------------------------------------------------------------------


def explain(error: SaeulenbotError) -> str:
    return error.key


async def test_wrong_tokens_dead_servers_and_rivals_are_told_in_a_line_and_recovered_from(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with on_telegram(tmp_path) as stage:
        emulator = stage.emulator
        for key, method, status in (
            ("telegram.bad_token", "getMe", 401),
            ("telegram.unreachable", "getMe", "drop_before"),
            ("telegram.server_failed", "getMe", "nonsense"),
            ("telegram.conflict", "getUpdates", 409),
            ("telegram.unreachable", "getUpdates", 502),
        ):
            caplog.clear()
            transport = Telegram("8:other", stage_address(stage))
            emulator.token = "8:other"
            emulator.faults.append(Fault(status, method=method, times=5))
            running = asyncio.create_task(kept_running(transport, stage.app, stage.clock, explain))
            await emulator.until(lambda: emulator.faults[-1].times == 0)
            stage.emulator.chat(MIA)
            update = await emulator.says(MIA, "/termine")
            await emulator.confirmed(update)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await transport.close()
            told = [record for record in caplog.records if record.levelno >= logging.ERROR]
            assert [record.getMessage() for record in told] == [f"telegram: {key}"]
            assert "8:other" not in caplog.text


def stage_address(stage: TelegramStage) -> str:
    transport = stage.app.delivery._senders["telegram"]
    assert isinstance(transport, Telegram)
    return str(transport._api.base_url).split("/bot")[0]


async def test_the_token_is_in_no_error_and_no_repr() -> None:
    transport = Telegram(TOKEN, "http://127.0.0.1:1")
    secret = TOKEN.split(":")[1]
    with pytest.raises(PlatformError) as caught:
        await transport.run(None)  # type: ignore[arg-type]
    await transport.close()
    shown = f"{transport!r} {transport._api!r} {vars(transport)} {caught.value!r} {caught.value}"
    assert secret not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
