"""What goes to Matrix is always well-formed and escaped; what comes from there never surprises."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import Markup, escape, plain
from bot.transports.matrix.content import MOST_BYTES, contents, edited, fitting
from bot.transports.matrix.crosssigning import Identity, Key, fresh_identity, is_signed
from bot.transports.matrix.events import Me, Said, command, creators, is_command, names_me, said, without_name
from bot.transports.matrix.html import KEYCAPS, choice_lines, html, html_choices, number_of
from bot.transports.matrix.signs import with_signs
from store.messages import ChatRef, Choice, Outgoing

ROOM = ChatRef("matrix", "!raum:example.test")
ME = Me("@saeulenbot:example.test", ("Säulenbot",))
TAGS = {"p", "ul", "ol", "li", "blockquote", "strong", "em", "a", "br"}
pieces = st.sampled_from(
    ["**", "*", "_", "[", "](", ")", "> ", "- ", "3. ", "\n", "\n\n", "<b>", "&", "\\", '"']
)
bodies = st.lists(st.one_of(pieces, st.text(max_size=8), st.just("https://a.b/c?d=1&e")), max_size=40).map(
    "".join
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
KNOWN = ("msgtype", "body", "formatted_body", "m.relates_to", "m.new_content", "m.mentions", "rel_type")
contents_of_others = st.dictionaries(
    st.one_of(st.sampled_from(KNOWN), st.text(max_size=5)), json_values, max_size=6
)


def tree(text: str) -> ET.Element:
    return ET.fromstring(f"<x>{text}</x>")  # noqa: S314 - our own text


@given(bodies)
def test_html_is_well_formed_with_only_allowed_tags(body: str) -> None:
    found = list(tree(html(body)).iter())[1:]
    assert {one.tag for one in found} <= TAGS
    assert all(set(one.attrib) <= {"href", "start"} for one in found)
    assert all(one.attrib.get("href", "http").lower().startswith("http") for one in found)


@given(st.text(max_size=200))
def test_foreign_text_is_never_markup(text: str) -> None:
    found = {one.tag for one in tree(html(escape(text))).iter()}
    assert found <= {"x", "p", "br"}


@given(st.lists(st.text(max_size=40), max_size=12))
def test_choices_are_escaped_too(labels: list[str]) -> None:
    tree(html_choices([Choice(one.replace("\x00", ""), "/x") for one in labels if one.isprintable()]))


def test_bold_links_lists_and_quotes_are_shown() -> None:
    body = "**fett** und *schräg*: [hier](https://example.org/?a=1&b=2)\n\n- eins\n- zwei\n\n> gesagt"
    assert html(body) == (
        "<p><strong>fett</strong> und <em>schräg</em>: "
        '<a href="https://example.org/?a=1&amp;b=2">hier</a></p>'
        "<ul><li>eins</li><li>zwei</li></ul><blockquote><p>gesagt</p></blockquote>"
    )


def test_choices_have_signs_to_tap_and_beyond_ten_numbers() -> None:
    lines = choice_lines([Choice(f"Ort {one}", "x") for one in range(12)])
    assert lines[0] == "1\ufe0f\u20e3 Ort 0"
    assert lines[9] == "\U0001f51f Ort 9"
    assert lines[10:] == ["11. Ort 10", "12. Ort 11"]


def test_a_tap_is_understood_with_and_without_variation_selector() -> None:
    assert [number_of(one) for one in KEYCAPS] == list(range(10))
    assert number_of("3\u20e3") == 2
    assert number_of("👍") is None
    assert number_of("") is None


@settings(max_examples=max(1, settings().max_examples // 5))
@given(st.integers(1, 12), st.sampled_from(["Wort ", "Absatz\n\n", "ä", "<&>", "😀"]))
def test_long_texts_are_cut_so_that_every_part_fits(size: int, word: str) -> None:
    body = word * (size * 800)
    parts = fitting(body)
    assert all(len(json.dumps([plain(one), html(one)])) <= MOST_BYTES for one in parts)
    assert "".join(parts).replace(" ", "").replace("\n", "") == body.replace(" ", "").replace("\n", "")


def test_the_choices_stand_under_the_last_part() -> None:
    made = contents(Outgoing("k", ROOM, "Wort " * 20_000, choices=(Choice("Ja", "/ja"),), reply_to="$1"))
    assert len(made) > 1
    assert [KEYCAPS[0] in one["body"] for one in made] == [False] * (len(made) - 1) + [True]
    assert ["m.relates_to" in one for one in made] == [True] + [False] * (len(made) - 1)


def test_what_is_not_silent_may_ring() -> None:
    assert contents(Outgoing("k", ROOM, "x"))[0]["msgtype"] == "m.notice"
    assert contents(Outgoing("k", ROOM, "x", silent=False))[0]["msgtype"] == "m.text"


def test_an_edit_keeps_the_new_text_for_old_and_new_clients() -> None:
    fresh = edited(contents(Outgoing("k", ROOM, "neu"))[0], "$alt")
    assert fresh["body"] == "* neu"
    assert fresh["m.new_content"]["body"] == "neu"
    assert fresh["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$alt"}


@pytest.mark.parametrize("sign", ['"', "ä", "😀", "<", "x"])
def test_an_edit_of_the_longest_text_still_fits_an_event_when_encrypted(sign: str) -> None:
    content = edited(contents(Outgoing("k", ROOM, sign * 20_000))[0], "$alt")
    assert len(json.dumps(content, ensure_ascii=False).encode()) * 4 / 3 < 65_536 - 5_000


@given(contents_of_others)
def test_no_content_of_others_surprises(content: dict[str, Any]) -> None:
    one = said(content)
    if one is not None:
        is_command(one)
        names_me(one, ME)
        without_name(one.text, ME)
        command(one.text, ME)


@given(contents_of_others, contents_of_others)
def test_no_relation_of_others_surprises(relation: dict[str, Any], fresh: dict[str, Any]) -> None:
    for kind in ("m.replace", "m.thread", "m.annotation"):
        content = {"msgtype": "m.text", "body": "x", "m.new_content": fresh}
        said(content | {"m.relates_to": relation | {"rel_type": kind}})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Säulenbot: was ist das?", "was ist das?"),
        ("@saeulenbot:example.test, was ist das?", "was ist das?"),
        ("@Säulenbot was ist das?", "was ist das?"),
        ("saeulenbot !termine", "!termine"),
        ("Was ist das, Säulenbot?", "Was ist das?"),
        ("Sag mal Säulenbot, was ist das?", "was ist das?"),
        ("Danke, Säulenbot!", "Danke!"),
        ("Wer hat den Säulenbot gemacht?", "Wer hat den Säulenbot gemacht?"),
        ("Wer ist der Säulenbot?", "Wer ist der Säulenbot?"),
        ("[Säulenbot](https://matrix.to/#/@saeulenbot:example.test) !termine", "!termine"),
        ("was ist das? https://matrix.to/#/%40saeulenbot%3Aexample.test", "was ist das?"),
        ("Säulenbot", ""),
    ],
)
def test_the_bots_name_is_left_out_where_it_is_spoken_to(text: str, meant: str) -> None:
    one = said({"msgtype": "m.text", "body": text})
    assert one is not None
    assert names_me(one, ME)
    assert without_name(text, ME) == meant


@pytest.mark.parametrize(
    "mention", ["@saeulenbot:example.test", "[S](https://matrix.to/#/@saeulenbot:example.test)"]
)
def test_a_mention_is_no_part_of_a_command(mention: str) -> None:
    assert command(f"!abo Wismar {mention}", ME) == "!abo Wismar"
    assert command("!abo @saeulenbot:example.test2", ME) == "!abo @saeulenbot:example.test2"


def test_whom_a_quoted_message_names_is_not_spoken_to() -> None:
    pill = '<a href="https://matrix.to/#/@saeulenbot:example.test">S</a>'
    found = []
    for html_body in (f"<mx-reply>{pill}: und?</mx-reply>ja, genau", f"<mx-reply>x</mx-reply>{pill}: ja"):
        one = said({"msgtype": "m.text", "body": "ja", "formatted_body": html_body})
        assert one is not None
        found.append(names_me(one, ME))
    assert found == [False, True]


def test_what_is_to_be_heard_or_seen_is_said_without_words() -> None:
    voice = said({"msgtype": "m.audio", "body": "Sprachnachricht.ogg", "url": "mxc://a/b"})
    film = said({"msgtype": "m.video", "body": "was ist das?", "filename": "a.mp4", "url": "mxc://a/b"})
    vote = said({"m.poll": {"question": {}}}, "m.poll.start")
    assert [one and (one.wordless, one.text) for one in (voice, film, vote)] == [
        (True, ""),
        (True, "was ist das?"),
        (True, ""),
    ]
    assert said({"msgtype": "m.emote", "body": "winkt"}) == Said("winkt")
    assert said({"msgtype": "m.notice", "body": "x"}) is None
    assert said({"msgtype": "org.example.own", "body": "x"}) is None


@pytest.mark.parametrize("text", ["der Säulenbotaniker", "mail@saeulenbot.example", "Säulen"])
def test_other_words_are_no_names(text: str) -> None:
    one = said({"msgtype": "m.text", "body": text})
    assert one is not None
    assert not names_me(one, ME)


def test_a_reply_is_read_without_what_it_quotes() -> None:
    relation = {"m.in_reply_to": {"event_id": "$1"}}
    one = said({"msgtype": "m.text", "body": "> <@a:b> Was?\n> mehr\n\n2", "m.relates_to": relation})
    assert one is not None
    assert (one.text, one.reply_to) == ("2", "$1")


def test_a_message_in_a_thread_is_no_reply_unless_it_is_one() -> None:
    relation = {"rel_type": "m.thread", "event_id": "$0", "m.in_reply_to": {"event_id": "$1"}}
    one = said({"msgtype": "m.text", "body": "x", "m.relates_to": relation | {"is_falling_back": True}})
    other = said({"msgtype": "m.text", "body": "x", "m.relates_to": relation})
    assert one is not None
    assert other is not None
    assert (one.thread, one.reply_to) == ("$0", "")
    assert (other.thread, other.reply_to) == ("$0", "$1")


def test_commands_are_shown_as_they_are_typed_here() -> None:
    message = Outgoing("k", ROOM, "Schreib: /abo Rostock, und/oder https://a.b/abo [x](https://a.b/x/abo)")
    assert with_signs(message, ("abo", "x")).body == (
        "Schreib: !abo Rostock, und/oder https://a.b/abo [x](https://a.b/x/abo)"
    )
    assert with_signs(Outgoing("k", ROOM, Markup("(/abo)")), ("abo",)).body == "(!abo)"


def test_a_signature_holds_for_this_key_and_content_only() -> None:
    identity = Identity("@bot:example.test", fresh_identity())
    device = {"user_id": "@bot:example.test", "device_id": "D", "keys": {"ed25519:D": "x"}}
    signed = identity.signed_device(device)
    assert identity.vouches_for(signed)
    assert not identity.vouches_for(signed | {"device_id": "E"})
    assert not Identity("@bot:example.test", fresh_identity()).vouches_for(signed)


@given(contents_of_others)
def test_no_signature_of_others_surprises(content: dict[str, Any]) -> None:
    public = Key(fresh_identity()["master"]).public
    assert not is_signed(content, "@bot:example.test", public)
    assert not is_signed({"signatures": content}, "@bot:example.test", public)


@pytest.mark.parametrize(
    ("version", "state_key", "found"),
    [
        ("12", "", ("@anna:example.test", "@ben:example.test")),
        ("13", "", ("@anna:example.test", "@ben:example.test")),
        ("11", "", ()),
        ("org.example.12", "", ()),
        (12, "", ()),
        ("12", None, ()),
    ],
)
def test_since_version_12_whoever_made_a_room_is_above_its_levels(
    version: Any, state_key: str | None, found: tuple[str, ...]
) -> None:
    content = {"room_version": version, "additional_creators": ["@ben:example.test", 7]}
    event = {"sender": "@anna:example.test", "state_key": state_key, "content": content}
    assert creators(event) == found


@given(json_values, json_values)
def test_whatever_a_creation_says_does_no_harm(version: Any, more: Any) -> None:
    content = {"room_version": version, "additional_creators": more}
    assert isinstance(creators({"state_key": "", "content": content}), tuple)
