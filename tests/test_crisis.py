"""People in danger are recognised and get fixed, reviewed text; everybody else is left in peace."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.crisis import Audience, Need, check, footer, numbers, text_for
from tests.crisis_points import TABLE, batches, document, learn, lessons

MESSAGES: Any = yaml.safe_load((Path(__file__).parent / "crisis_messages.yaml").read_text("utf-8"))
VOICES = [("de", False), ("en", False), ("de", True)]
DIGITS = re.compile(r"\d[\d ]*\d")


def flat(groups: dict[str, list[str]]) -> list[str]:
    return [message for messages in groups.values() for message in messages]


def missed(groups: dict[str, list[str]]) -> list[str]:
    return [message for message in flat(groups) if check(message) is None]


def alarmed(groups: dict[str, list[str]]) -> list[str]:
    return [f"{check(message)}: {message}" for message in flat(groups) if check(message) is not None]


UNSEEN = yaml.safe_load((Path(__file__).parent / "crisis_unseen.yaml").read_text("utf-8"))
BATCHES = [MESSAGES, *MESSAGES.get("held_out", []), UNSEEN]


@pytest.mark.parametrize("batch", BATCHES)
def test_at_least_97_of_100_crises_are_recognised(batch: Any) -> None:
    misses = missed(batch["crises"])
    assert len(misses) <= 0.03 * len(flat(batch["crises"])), "\n".join(misses)


@pytest.mark.parametrize("batch", BATCHES)
def test_at_most_3_of_100_false_friends_alarm(batch: Any) -> None:
    alarms = alarmed(batch["false_friends"])
    assert len(alarms) <= 0.03 * len(flat(batch["false_friends"])), "\n".join(alarms)


@pytest.mark.hard
def test_the_weights_are_those_that_the_messages_give() -> None:
    known = [message for batch in batches() for message in batch]
    written, learnt = (
        yaml.safe_load(text) for text in (TABLE.read_text("utf-8"), document(*learn([*known, *lessons()])))
    )
    for kind in ("words", "pieces"):
        before, now = (
            {n: w for w, names in table[kind].items() for n in names.split()} for table in (written, learnt)
        )
        assert {n for n in before.keys() | now.keys() if abs(before.get(n, 0) - now.get(n, 0)) > 1} == set()
    assert abs(written["limit"] - learnt["limit"]) <= 1


def test_the_kind_of_help_fits_the_message() -> None:
    expected = {
        "Mein Mann schlägt mich": Need.VIOLENCE,
        "Wo kann ich hin, wenn mein Mann mich schlägt?": Need.VIOLENCE,
        "Mein Mann schlägt mich, meine Mama weiß es nicht": Need.VIOLENCE,
        "ich will nicht mehr leben": Need.SUICIDE,
        "Meine Freundin will sich umbringen": Need.SUICIDE,
        "Papa haut Mama": Need.CHILD,
        "ich bin 12 und mein vater schlägt mich": Need.CHILD,
        "Meine Frau schlägt mich": Need.MALE,
        "mein Onkel fasst mich immer an": Need.SEXUAL_ABUSE,
        "mein Mann schlägt mich, wir sind ein schwules Paar": Need.MALE,
        "Eine Nachbarin wird glaube ich geschlagen, was tun?": Need.HELPER,
        "nachbarin wird verprügelt glaube ich": Need.HELPER,
        "Eine Schülerin hat mir erzählt, dass ihr Vater sie schlägt": Need.HELPER,
        "Ich habe meine Frau geschlagen": Need.PERPETRATOR,
        "ich raste aus": Need.PERPETRATOR,
    }
    assert {message: check(message) for message in expected} == expected


@pytest.mark.parametrize(
    "disguised",
    [
        "H I L F E  E R  S C H L Ä G T  M I C H",
        "h.i.l.f.e er schlägt mich",
        "Er schla\u0308gt mich",
        "er schlaegt mich",
        "er schl\u00adägt mi\u200bch",
        "er schlääääägt miiiich",
        "er sch1ägt mich",
        "ｅｒ ｓｃｈｌäｇｔ ｍｉｃｈ",
        "meinmannschlägtmich",
        "ER SCHLÄGT MICH!!!",
        "/bericht 2.1 mein Mann schlägt mich",
        "\u202eer schlägt mich\u202c",
    ],
)
def test_disguise_and_haste_do_not_hide_a_crisis(disguised: str) -> None:
    assert check(disguised) is not None


@pytest.mark.parametrize(
    "filler", ["Haushalt. ", "a", "1.", "mich ", "er ", "h i ", "schlag", "ich will nicht mehr ", "\u0301"]
)
def test_a_crisis_is_found_anywhere_in_a_huge_message(filler: str) -> None:
    padding = (filler * 100_000)[:50_000]
    assert check(f"{padding}\nMein Mann schlägt mich.\n{padding}") is not None


@pytest.mark.parametrize(
    "message",
    [
        "Mein Mann schlägt mich und ich hab morgen Ausschuss",
        "Antrag für Montag: mein Freund hat mich geschlagen, ich kann nicht kommen",
        "ich will nicht mehr leben, der Bericht ist fertig",
        "der haushalt ist beschlossen und mein mann sperrt mich ein",
    ],
)
def test_politics_in_the_same_sentence_does_not_hide_a_crisis(message: str) -> None:
    assert check(message) is not None


@pytest.mark.parametrize(
    "message",
    [
        "müssen wir im HSK beim Frauenhaus kürzen",
        "Wir haben kein Frauenhaus, also kein Grund zu zahlen",
        "häusliche gewalt geht den staat nichts an",
        "Darf ich beim Hilfetelefon anfragen, obwohl ich nicht selbst betroffen bin?",
        "Wie reagiere ich, wenn mir jemand von Gewalt erzählt?",
        "er hat mich bei der Listenaufstellung geschlagen",
    ],
)
def test_questions_about_the_work_are_left_to_the_answers_about_it(message: str) -> None:
    assert check(message) is None


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert check(text) in {None, *Need}


@given(
    st.lists(
        st.sampled_from(["er", "sie", "mich", "schlägt", "ich", "mein", "mann", "leben", "7", ",", "zu"])
    )
)
def test_any_mixture_of_crisis_words_is_read_without_an_exception(words: list[str]) -> None:
    assert check(" ".join(words)) in {None, *Need}


@pytest.mark.parametrize("need", Need)
@pytest.mark.parametrize(("language", "easy"), VOICES)
def test_every_answer_is_complete_and_names_only_numbers_of_the_table(
    need: Need, language: str, easy: bool
) -> None:
    text = text_for(need, "private", language, easy)
    known = {row.number for row in numbers()}
    assert len(text) < 1000
    assert "{" not in text
    assert set(DIGITS.findall(text)) <= known
    assert {"110", "112", "116 016"} <= set(DIGITS.findall(text))


@pytest.mark.parametrize(
    ("need", "number"),
    [
        (Need.SUICIDE, "0800 111 0 111"),
        (Need.CHILD, "116 111"),
        (Need.MALE, "0800 1239900"),
        (Need.SEXUAL_ABUSE, "0800 22 55 530"),
    ],
)
@pytest.mark.parametrize(("language", "easy"), VOICES)
def test_each_need_gets_its_own_line(need: Need, number: str, language: str, easy: bool) -> None:
    assert number in text_for(need, "private", language, easy)


@pytest.mark.parametrize(("language", "easy"), VOICES)
def test_a_group_gets_one_neutral_line_that_is_the_same_for_everyone(language: str, easy: bool) -> None:
    lines = {text_for(need, "group", language, easy) for need in Need}
    assert len(lines) == 1
    (line,) = lines
    assert "\n" not in line
    assert set(DIGITS.findall(line)) == {"116 016", "110"}


@pytest.mark.parametrize(("language", "easy"), VOICES)
def test_the_footer_names_the_help_line_in_one_sentence_each(language: str, easy: bool) -> None:
    assert DIGITS.findall(footer(language, easy)) == ["116 016"]
    assert "\n" not in footer(language, easy)


@pytest.mark.parametrize("audience", get_args(Audience))
def test_an_unknown_language_reads_german(audience: Audience) -> None:
    assert text_for(Need.VIOLENCE, audience, "fr") == text_for(Need.VIOLENCE, audience, "de")
    assert footer("fr") == footer("de")


@pytest.mark.parametrize(
    ("language", "easy", "parts"),
    [
        (
            "de",
            False,
            ["automatisches Programm", "Partei", "keine Beratung", "Polizei nicht rufen"],
        ),
        (
            "en",
            False,
            ["automatic program", "party", "not a counselling", "cannot call the police"],
        ),
        (
            "de",
            True,
            ["Computer-Programm", "Partei", "keine Beratung", "nicht die Polizei rufen"],
        ),
    ],
)
@pytest.mark.parametrize("need", Need)
def test_every_answer_says_what_the_bot_is_and_how_to_stay_safe(
    need: Need, language: str, easy: bool, parts: list[str]
) -> None:
    text = text_for(need, "private", language, easy)
    device = "deleting" if language == "en" else "löschen"
    assert [part for part in (*parts, device) if part.casefold() not in text.casefold()] == []


def test_the_table_has_a_source_and_a_day_for_each_number() -> None:
    assert all(re.fullmatch(r"F-\d{3}", row.fact) and row.checked.year >= 2026 for row in numbers())
    table = {row.number for row in numbers()}
    assert "08000 116 016" not in table
    assert "116 006" not in table


def test_no_answer_trips_the_check_with_its_own_group_line_or_footer() -> None:
    assert [line for line in (footer("de"), footer("de", True), footer("en")) if check(line)] == []
