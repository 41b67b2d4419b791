"""What people wrote is shown as they wrote it, whatever signs it has; our own markup is understood."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.markup import UNSEEN, Markup, coloured, escape, parse, plain
from bot.routing import cleaned

SIGNS = st.text(alphabet="ab \n\t\\*_[]()<>`#+-.!1|~&;:/", max_size=60)


def shown(text: str) -> str:
    """A text as a person sees it: blank space at the ends of lines, and empty lines, do not show."""
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


@given(st.one_of(SIGNS, st.text(max_size=200)))
@example("* a\n* b")
@example("1. a")
@example("> a\n---\n# b\n+ c\n2) d")
@example("\\*a\\*")
@example("[a](https://example.org)")
@example("&amp; <b> `x` ~~y~~ | z")
@example("    code\n\tcode")
@example("-\n-")
@example("a\\\nb")
@example("https://example.org/a_b_c*d*")
def test_escaping_neither_loses_nor_adds_a_sign(text: str) -> None:
    wanted = UNSEEN.sub("", cleaned(text))
    assert shown(plain(escape(wanted))) == shown(wanted)


@given(SIGNS)
def test_escaped_text_keeps_its_place_inside_a_sentence(text: str) -> None:
    wanted = " ".join(UNSEEN.sub("", cleaned(text)).split())
    assert (
        plain(f"**Titel:** {escape(wanted)} (*ja*)") == f"Titel: {wanted} (ja)".replace("  ", " ")
        or not wanted
    )


@given(st.text(max_size=300))
def test_any_text_can_be_parsed_and_shown(text: str) -> None:
    assert isinstance(plain(text), str)
    assert isinstance(coloured(text), str)


def test_signs_nobody_sees_turn_no_sentence_round() -> None:
    assert escape("gut\u202etsop\u2066\u200b\x1b[1m\ud800") == "guttsop\\[1m"
    assert escape("👩\u200d🚒 und\tTab\nZeile") == "👩\u200d🚒 und\tTab\nZeile"


def test_our_own_markup_is_not_escaped() -> None:
    assert escape(Markup("**a**")) == "**a**"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**fett** und *kursiv*", "fett und kursiv"),
        ("[Beschluss](https://example.org/a)", "Beschluss (https://example.org/a)"),
        ("- eins\n- zwei", "- eins\n- zwei"),
        ("3. drei\n4. vier", "3. drei\n4. vier"),
        ("> gesagt\n> getan", "> gesagt\n> getan"),
        ("Mitglieder*innen und Bürger*innen", "Mitglieder*innen und Bürger*innen"),
        ("erste\nzweite\n\ndritte", "erste\nzweite\n\ndritte"),
    ],
)
def test_markup_as_plain_text(body: str, expected: str) -> None:
    assert plain(body) == expected


def test_colours_are_only_where_markup_is() -> None:
    assert coloured("**fett** *schräg* Rest") == "\x1b[1mfett\x1b[0m \x1b[3mschräg\x1b[0m Rest"


@pytest.mark.parametrize("text", ["*" * 100_000, "[" * 100_000, "\\" * 100_000, "> " * 50_000, "- " * 50_000])
def test_hostile_text_is_escaped_and_shown_whole(text: str) -> None:
    assert shown(plain(escape(text[:4000]))) == shown(text[:4000])
    assert len(escape(text)) >= len(text)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"])
def test_links_that_are_no_web_address_do_not_become_links(address: str) -> None:
    assert not any(
        child.type == "link_open" and str(child.attrs["href"]).startswith(address[:5])
        for token in parse(f"[x]({address})")
        for child in token.children or []
    )
