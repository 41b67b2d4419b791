"""Files that messages carry: drawn at sending, for the right person, and kept for their owner alone."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno

from bot.transports.terminal import Files
from store.messages import Attachment
from tests.stage.crowd import Crowd, gathered
from tests.stage.tables import everything


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with gathered(tmp_path) as crowd:
        await crowd.give("1", "organiser")
        yield crowd


async def test_an_invitation_has_a_picture_of_its_line(crowd: Crowd) -> None:
    (post,) = await crowd.say("1", "/einladen vertretung Rostock")
    code = next(line for line in post.text.splitlines() if line.startswith("/beitreten "))
    assert post.outgoing.attachment is not None
    assert post.outgoing.attachment.arguments == {"text": code}
    assert post.outgoing.attachment.alt
    drawn = await crowd.app.recipes.draw(post.outgoing.attachment)
    assert drawn is not None
    assert (drawn.mime, drawn.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert len(segno.make(code, micro=False).matrix) >= 21
    kept = await everything(crowd.app.database)
    assert kept["outbox"] == []
    assert code.removeprefix("/beitreten ") not in repr(kept)


async def test_where_the_bot_knows_its_name_the_invitation_is_a_link(crowd: Crowd) -> None:
    crowd.app.services.accounts["telegram"] = "SaeulenTestBot"
    (post,) = await crowd.say("1", "/einladen orga")
    attachment = post.outgoing.attachment
    assert attachment is not None
    link = attachment.arguments["text"]
    assert link.startswith("https://t.me/SaeulenTestBot?start=")
    assert link in post.text
    (welcome,) = await crowd.say("2", f"/start {link.partition('=')[2]}")
    assert "Organisator*in (alle Orte)" in welcome.text
    (again,) = await crowd.say("3", f"/start {link.partition('=')[2]}")
    assert "Damit kann ich nichts anfangen" in again.text


async def test_my_data_is_read_when_it_is_drawn(crowd: Crowd) -> None:
    (post,) = await crowd.say("1", "/meinedaten")
    assert post.outgoing.attachment is not None
    await crowd.say("1", "/abo Rostock")
    drawn = await crowd.app.recipes.draw(post.outgoing.attachment)
    assert drawn is not None
    found = json.loads(drawn.content)
    assert (found["person"], drawn.mime) == ("telegram:1", "application/json")
    assert [row["place"] for row in found["subscriptions"]] == ["Rostock"]
    assert [row["role"] for row in found["roles"]] == ["organiser"]


async def test_the_terminal_keeps_files_for_their_owner_alone(crowd: Crowd, tmp_path: Path) -> None:
    files = Files(tmp_path / "files", crowd.app.recipes)
    where = await files.keep("7", Attachment("qr", {"text": "x"}))
    assert where == str(tmp_path / "files" / "7-code.png")
    assert modes(tmp_path / "files", Path(where)) == [0o700, 0o600]
    assert await files.keep("8", Attachment("of another program", {})) == ""


def modes(*paths: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in paths]
