"""Hostile input changes nothing, breaks nothing, and comes back as the plain text it is, if at all."""

import csv
import io
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config_model import Config
from bot.exports import FORMULA_STARTS, WRITERS, Format
from bot.markup import escape, parse, plain
from bot.routing import LONGEST_MESSAGE
from store import reports
from store.messages import Press
from store.reports import Report
from tests.hostile_inputs import HOSTILE
from tests.stage.crowd import GROUP, Crowd, Post, gathered, person
from tests.stage.tables import TRACES, everything

KINDS = sorted({one.kind for one in HOSTILE})
STRANGER, VICTIM, ORGANISER = "1", "50", "60"
# What hostile words may do here: nothing but leave one's own open question and count one's wrong codes.
# What strangers may leave: an open question of their own, wrong codes, and a count of helpful answers.
OWN = frozenset({"forms", "wrong_codes", "ratings"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff]")


@pytest.fixture
async def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crowd]:
    monkeypatch.setattr("bot.app.UNLIMITED", frozenset({"telegram"}))
    config = Config(data_dir=tmp_path, organisers=(person(ORGANISER),))
    async with gathered(tmp_path, config) as crowd:
        await crowd.give(VICTIM, "representative", "Rostock")
        await crowd.say(VICTIM, "/bericht Rostock 2.1 beschlossen: drei Plätze")
        await crowd.group()
        yield crowd


def of_kind(kind: str) -> list[str]:
    return [one.text for one in HOSTILE if one.kind == kind]


def links(body: str) -> set[str]:
    """Where the links of a message lead."""
    children = [child for token in parse(body) for child in token.children or []]
    return {str(one.attrs["href"]) for one in children if one.type == "link_open"}


def wrong_with(post: Post) -> list[str]:
    """What must not be in any answer: control characters, links that nobody of ours has set."""
    ours = re.compile(r"https?://(?![^/]*boese)\S+")
    bad = [link for link in links(post.outgoing.body) if not ours.fullmatch(link)]
    bad += CONTROL.findall(post.text)
    bad += [choice.sentence for choice in post.outgoing.choices if not choice.sentence]
    return bad


def test_there_are_many_and_each_is_one_of_its_own() -> None:
    assert len(HOSTILE) >= 100
    assert [text for text, times in Counter(HOSTILE).items() if times > 1] == []
    assert len(KINDS) >= 12


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stranger_changes_nothing(crowd: Crowd, kind: str) -> None:
    before = await everything(crowd.app.database, TRACES | OWN)
    for text in of_kind(kind):
        for chat in (None, GROUP):
            posts = await crowd.say(STRANGER, text, chat)
            # What looks like a report in an admitted group is a hint to its organiser.
            assert len([one for one in posts if one.chat.chat != ORGANISER]) <= 1, text[:80]
            assert [bad for post in posts for bad in wrong_with(post)] == [], text[:80]
            assert not [post for post in posts if "schiefgegangen" in post.text], text[:80]
    assert before == await everything(crowd.app.database, TRACES | OWN)


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_breaks_a_form_with_it(crowd: Crowd, kind: str) -> None:
    """Every open question of a representative and of an organiser takes it without failing."""
    asks = ((VICTIM, "/bericht 2.1"), (ORGANISER, "/rollen entziehen"), (ORGANISER, "/termin"))
    answers = [text for text in of_kind(kind) if not text.startswith(("/", "!"))]
    for name, ask in asks:
        # One that is too long for any answer is tried as one of them.
        for text in [text for text in answers if len(text) <= LONGEST_MESSAGE or name == VICTIM]:
            await crowd.say(name, ask)
            posts = await crowd.say(name, text)
            assert not [post for post in posts if "schiefgegangen" in post.text], text[:80]
    found = await everything(crowd.app.database)
    assert [row["person"] for row in found["roles"]] == [person(VICTIM)]


async def test_text_that_is_kept_comes_back_as_it_is(crowd: Crowd) -> None:
    texts = [text for kind in ("markup", "formula", "sql", "path") for text in of_kind(kind)]
    for text in texts:
        await crowd.say(VICTIM, f"/bericht Rostock 1.1 abgelehnt: {text}")
        kept = await crowd.app.database.read(lambda tx: reports.page(tx))
        assert safe_cells(kept, crowd.app.config.zone), text
    for post in [*await crowd.say(VICTIM, "/meineberichte"), *await crowd.say(VICTIM, "/berichte")]:
        assert wrong_with(post) == []
    (row,) = [one for one in kept if one.measure == "1.1"]
    assert row.revision > len(texts) / 2


def safe_cells(kept: list[Report], zone: ZoneInfo) -> bool:
    """Whether no cell of the table of these reports would be a formula in a spreadsheet."""
    file = io.BytesIO()
    table = WRITERS[Format.CSV](file, zone)
    table.add(kept)
    table.close()
    rows = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))
    return not any(cell.startswith(FORMULA_STARTS) for row in rows for cell in row)


@pytest.mark.parametrize("kind", KINDS)
def test_as_a_detail_of_a_sentence_it_is_plain_text(kind: str) -> None:
    for text in of_kind(kind):
        shown = escape(text[:500])
        assert links(shown) == set()
        kinds = {child.type for token in parse(shown) for child in token.children or []}
        assert kinds <= {"text", "text_special", "softbreak", "hardbreak"}, text[:80]
        assert plain(shown) is not None


async def test_forged_presses_and_rows_do_nothing(crowd: Crowd) -> None:
    before = await everything(crowd.app.database, TRACES)
    for row in (-(2**63), -1, 0, 1, 7, 2**31, 2**63 - 1):
        for number in (-(2**31), -1, 0, 1, 2**31):
            await crowd.press(STRANGER, Press(row, number))
    assert before == await everything(crowd.app.database, TRACES)


async def test_hostile_ids_are_only_ids(crowd: Crowd) -> None:
    """Names of events, chats, senders and replies come from outside too."""
    for one in HOSTILE:
        text = one.text[:200]
        posts = await crowd.say(
            STRANGER, "/hilfe", key=f"k{text}", sender=f"telegram:{text}", message_id=text, reply_to=text
        )
        assert all(wrong_with(post) == [] for post in posts)
    assert (await crowd.say(VICTIM, "/stand Rostock"))[0].text.startswith("Stand in Rostock")
