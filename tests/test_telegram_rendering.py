"""What is sent to Telegram is always whole HTML, short enough, and says what it should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import UNSEEN, escape, plain
from bot.transports.telegram.buttons import keyboard, left_over, pressed, remaining
from bot.transports.telegram.html import addressing, html
from bot.transports.telegram.lines import parts, read, shown, units
from store.messages import Choice, Press, Who
from tests.emulator.html import BrokenHtml, parse

SIGNS = st.sampled_from(list("<>&\"'*_[]()`~\\/#-+.!|\n\t \u00a0äß1aB@😀\ud800\udc00\x00"))
WILD = st.one_of(st.text(), st.text(SIGNS, max_size=60), st.lists(SIGNS, max_size=40).map("".join))
MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "**fett**",
                "*kursiv*",
                "***beides***",
                '[Link](https://example.org/?a=1&b="<2>)',
                "[x](javascript:alert(1))",
                "- Punkt\n- noch *einer*\n",
                "3. drei\n4. vier\n",
                "> Zitat\n> weiter\n",
                "> > doppelt\n",
                "- > Zitat\n",
                "\n\n",
                "**[fetter](https://example.org)**",
                "*offen **und",
            ]
        ),
        WILD,
    ),
    max_size=12,
).map("".join)


@given(MARKUP)
def test_whatever_is_said_is_whole_html(body: str) -> None:
    seen = parse(html(read(body)))
    assert "\ud800" not in seen.text


@given(WILD)
def test_what_people_write_is_shown_as_they_wrote_it(text: str) -> None:
    seen = parse(html(read(f"Du schreibst: {escape(text)}"))).text
    written = shown(UNSEEN.sub("", text)).replace("\x00", "")
    assert "".join(seen.split()) == "".join(f"Du schreibst: {written}".split())


@given(MARKUP)
def test_the_terminal_and_telegram_say_the_same_words(body: str) -> None:
    on_telegram = parse(html(read(body))).written
    assert words_of(on_telegram) == words_of(plain(shown(body)))


def words_of(text: str) -> list[str]:
    return sorted(sign for sign in text if sign.isalpha())


@given(MARKUP, st.integers(2, 60), st.integers(2, 60))
def test_parts_are_short_enough_and_lose_nothing(body: str, first: int, later: int) -> None:
    lines = read(body)
    cut = parts(lines, first, later)
    for number, part in enumerate(cut):
        text = parse(html(part)).text
        assert units(text) <= (later if number else first)
        assert text.strip()
    whole = "".join("".join(line.text for line in part) for part in cut)
    assert "".join(whole.split()) == "".join("".join(line.text for line in lines).split())


def test_a_text_is_cut_where_a_paragraph_ends() -> None:
    paragraphs = [f"Absatz {number} " + "x" * 1000 for number in range(9)]
    cut = parts(read("\n\n".join(paragraphs)), 4096, 4096)
    assert [part[0].text[:8] for part in cut] == ["Absatz 0", "Absatz 4", "Absatz 8"]
    assert all(part[-1].text.endswith("x") for part in cut)


def test_length_is_counted_in_utf16_units() -> None:
    cut = parts(read("😀" * 2100), 4096, 4096)
    assert [len(part[0].text) for part in cut] == [2048, 52]


def test_a_long_line_is_cut_between_words_and_keeps_its_style() -> None:
    cut = parts(read("**" + "wort " * 1500 + "ende**"), 4096, 4096)
    shown_parts = [parse(html(part)) for part in cut]
    assert all(one.tags == ["b"] for one in shown_parts)
    assert all(set(one.text.split()) <= {"wort", "ende"} for one in shown_parts)


def test_a_hostile_text_takes_no_time() -> None:
    for hostile in ("*" * 30_000, "[" * 20_000, "> " * 5_000, "- " * 5_000, "a@b " * 10_000):
        for part in parts(read(escape(hostile)), 4096, 4096):
            parse(html(part))


def test_markup_becomes_telegrams_tags() -> None:
    body = "**a** *b* [c](https://example.org/?x=1&y=2)\n\n> d\n> e\n\n- f\n- g"
    assert html(read(body)) == (
        '<b>a</b> <i>b</i> <a href="https://example.org/?x=1&amp;y=2">c</a>\n\n'
        "<blockquote>d\ne</blockquote>\n\n• f\n• g"
    )


@pytest.mark.parametrize(
    "broken", ["<b>", "a & b", "<b><i></b></i>", "<script>x</script>", '<a href="x">y</a>', "a < b", "</b>"]
)
def test_the_strict_parser_refuses_what_is_not_whole(broken: str) -> None:
    with pytest.raises(BrokenHtml):
        parse(broken)


def test_commands_in_groups_carry_the_name_of_the_bot() -> None:
    carry = addressing("x_bot", ["hilfe", "termine"])
    assert carry("Mehr: /hilfe, /termine alle.") == "Mehr: /hilfe@x_bot, /termine@x_bot alle."
    unchanged = "/hilfe@x_bot und/hilfe /unbekannt https://example.org/hilfe /hilfe/x"
    assert carry(unchanged) == unchanged


def test_buttons_carry_row_and_number_and_are_read_back() -> None:
    choices = [Choice(f"Wahl {number}", f"/x {number}") for number in range(12)]
    markup = keyboard(1234567890123, choices)
    assert markup is not None
    data = [str(one.callback_data) for line in markup.inline_keyboard for one in line]
    assert [pressed(one) for one in data] == [Press(1234567890123, number) for number in range(12)]
    assert all(len(one) <= 64 for one in data)
    assert keyboard(1, []) is None


@given(st.text())
def test_any_data_of_a_button_is_read_or_refused(data: str) -> None:
    press = pressed(data)
    assert press is None or (press.row >= 0 and press.number >= 0)


def test_a_question_is_over_when_answered_and_a_menu_stays() -> None:
    question = [Choice("Ja", "/a"), Choice("Nein", "/b")]
    form = [Choice("A", "a"), Choice("B", "b"), Choice("C", "c")]
    menu = [Choice("A", "/a"), Choice("B", "/b"), Choice("C", "/c")]
    everyone = [Choice("A", "/a", Who.ALL)]
    shown_now = ["5:0", "5:2", "9:1"]
    assert left_over(question, Press(5, 0), ["5:0", "5:1"]) == []
    assert left_over(form, Press(5, 0), shown_now) == []
    assert left_over(menu, Press(5, 0), shown_now) == [2]
    assert left_over(everyone, Press(5, 0), ["5:0"]) is None
    markup = remaining(5, menu, [2])
    assert markup is not None
    assert markup.inline_keyboard[0][0].callback_data == "5:2"
    assert remaining(5, menu, []) is None
