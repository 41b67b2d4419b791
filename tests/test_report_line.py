"""A report is understood however people write it, and what is unclear is asked about, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outcomes import BY_KEY, INSTEAD, OUTCOMES, Outcome
from bot.report_draft import Hint, ReportDraft
from bot.report_line import read_report, render_report
from bot.report_votes import Votes, find_votes
from bot.texts import Texts
from knowledge.places import load_places

PLACES = load_places()


def read(text: str) -> ReportDraft:
    return read_report(text, PLACES)


def gist(text: str) -> tuple[str | None, tuple[str, ...], str | None]:
    draft = read(text)
    return draft.place.name if draft.place else None, draft.measures, draft.outcome


# --- the whole line ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "measures", "outcome", "free"),
    [
        ("Rostock II.1 vertagt: kommt im Januar", "Rostock", "2.1", "vertagt", "kommt im Januar"),
        ("2.1 beschlossen 19:12", None, "2.1", "beschlossen", ""),
        ("2.1 beschlossen: Plätze, 19 zu 12 Stimmen", None, "2.1", "beschlossen", "Plätze, 19 zu 12 Stimmen"),
        ("beschlossen 2.1 und 2.2 in Schwerin mit 19 Ja, 12 Nein", "Schwerin", "2.1 2.2", "beschlossen", ""),
        ("II.1, III.2 abgelehnt LK Rostock", "Landkreis Rostock", "2.1 3.2", "abgelehnt", ""),
        ("Leider wurde 2.1 in Wismar abgelehnt, weil X", "Wismar", "2.1", "abgelehnt", "weil X"),
        ("Schwerin 2.1: abgelehnt, das Geld fehlt", "Schwerin", "2.1", "abgelehnt", "das Geld fehlt"),
        ("Beschlossen: 2.1 in Schwerin, 19 zu 12", "Schwerin", "2.1", "beschlossen", ""),
        ("vertagt: 2.1", None, "2.1", "vertagt", ""),
        ("2.1 vertagt: Schwerin", "Schwerin", "2.1", "vertagt", ""),
        ("2.1 beschlossen: wie zuvor in Rostock", None, "2.1", "beschlossen", "wie zuvor in Rostock"),
        ("2.1 vertagt: 1.1 kam zuerst dran", None, "2.1", "vertagt", "1.1 kam zuerst dran"),
        ("ii 1 lup vertagt", "Landkreis Ludwigslust-Parchim", "2.1", "vertagt", ""),
        ("2.1/2.2 teilweise beschlossen, Greifswald", "Greifswald", "2.1 2.2", "teilweise_beschlossen", ""),
        ("II.1+2 umgesetzt - seit März läuft es", None, "2.1 2.2", "umgesetzt", "seit März läuft es"),
        ("schwerin, maßnahme 2.1, beschlossen, 31:0", "Schwerin", "2.1", "beschlossen", ""),
        ("Der Antrag zur 2.1 ist durchgegangen!", None, "2.1", "beschlossen", ""),
        ("Antrag der Fraktion zu 2.1 abgelehnt: kein Geld", None, "2.1", "abgelehnt",
         "Antrag der Fraktion zu 2.1 abgelehnt: kein Geld"),
        ("2.1 gekürzt um 20.000 Euro", None, "2.1", "gekuerzt", "um 20.000 Euro"),
        ("Schwerin hat 2.1 beschlossen! 22:14 bei 2 Enthaltungen", "Schwerin", "2.1", "beschlossen", ""),
        ("Säule 2 Maßnahme 1 vertagt", None, "2.1", "vertagt", ""),
        ("Säule II, Punkt 2 vertagt", None, "2.2", "vertagt", ""),
        ("1.1-1.3 beschlossen", None, "1.1 1.2 1.3", "beschlossen", ""),
        ("II.2 bis IV.1 beschlossen", None, "2.2 3.1 3.2 4.1", "beschlossen", ""),
        ("2.1 abgelehnt: 12 Ja, 19 Nein", None, "2.1", "abgelehnt", ""),
        ("2.1 and 2.2 rejected in Schwerin", "Schwerin", "2.1 2.2", "abgelehnt", ""),
        ("schwerin,2.1,beschlossen", "Schwerin", "2.1", "beschlossen", ""),
        ("2.1,2.2 vertagt", None, "2.1 2.2", "vertagt", ""),
        ("I.1,I.2 vertagt", None, "1.1 1.2", "vertagt", ""),
        ("Ⅱ.1 vertagt", None, "2.1", "vertagt", ""),
        ("zwei Punkt eins vertagt", None, "2.1", "vertagt", ""),
        ("2. Säule, 1. Maßnahme vertagt", None, "2.1", "vertagt", ""),
        ("dritte Säule zweiter Punkt vertagt", None, "3.2", "vertagt", ""),
        ("1.1 am 2.1 vertagt", None, "1.1", "vertagt", "1.1 am 2.1 vertagt"),
        ("2.1 vertagt, TOP 3.1", None, "2.1", "vertagt", "TOP 3.1"),
        ("2.1 beschlossen, 3.1 folgt im Januar", None, "2.1", "beschlossen", "3.1 folgt im Januar"),
        ("2.1 beschlossen, 3.1 auch", None, "2.1 3.1", "beschlossen", ""),
        ("2.1 eingebracht, wird am 15.1. beschlossen", None, "2.1", "eingebracht",
         "2.1 eingebracht, wird am 15.1. beschlossen"),
        ("Güstrow M2.1 in den Ausschuss zurückverwiesen", "Güstrow", "2.1", "vertagt",
         "Güstrow M2.1 in den Ausschuss zurückverwiesen"),
        ("Teterow 1.1 ist nicht durchgekommen", "Teterow", "1.1", "abgelehnt", ""),
        ("LUP 2.2 ist jetzt in Kraft", "Landkreis Ludwigslust-Parchim", "2.2", "umgesetzt", ""),
        ("2.1 gekürzt: -5 Plätze", None, "2.1", "gekuerzt", "-5 Plätze"),
        ("2.1 _vertagt_", None, "2.1", "vertagt", ""),
        ("2.1 beschlossen, dafür: 19, dagegen: 12, Enthaltungen: 3", None, "2.1", "beschlossen", ""),
    ],
)  # fmt: skip
def test_a_line_is_understood_in_any_order(
    text: str, place: str | None, measures: str, outcome: str, free: str
) -> None:
    assert gist(text) == (place, tuple(measures.split()), outcome)
    assert read(text).text == free


@pytest.mark.parametrize(
    "text",
    ["am 2.1. vertagt", "vertagt am 2.1.2027", "vertagt, 3,2 Mio fehlen", "2.1 Prozent gekürzt",
     "3. Januar: vertagt", "12.1 vertagt", "2.10 vertagt", "vertagt, 2.1 Millionen", "vertagt, 1.1.2 fehlt",
     "vertagt vom 3.2. an", "ab 1.1. vertagt"],
)  # fmt: skip
def test_dates_sums_and_shares_are_no_measures(text: str) -> None:
    assert read(text).measures == ()


# --- outcomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("beschlosen", "beschlossen"),
        ("BESCHLOSSEN", "beschlossen"),
        ("bechlossen", "beschlossen"),
        ("angenommen", "beschlossen"),
        ("einstimmig angenommen", "beschlossen"),
        ("wurde zugestimmt", "beschlossen"),
        ("nicht nur beschlossen", "beschlossen"),
        ("zum Teil beschlossen", "teilweise_beschlossen"),
        ("teilw. beschlossen", "teilweise_beschlossen"),
        ("teilweise angenommen", "teilweise_beschlossen"),
        ("wurde leider nicht mehr behandelt", "nicht_behandelt"),
        ("kam nicht dran", "nicht_behandelt"),
        ("von der Tagesordnung gestrichen", "nicht_behandelt"),
        ("nicht abgelehnt, sondern vertagt", "vertagt"),
        ("eingebracht und vertagt", "vertagt"),
        ("beschlossen und schon umgesetzt", "umgesetzt"),
        ("gekuerzt", "gekuerzt"),
        ("gekurzt", "gekuerzt"),
        ("abgelent", "abgelehnt"),
        ("umgestezt", "umgesetzt"),
        ("wird gekürzt", "gekuerzt"),
        ("der Kreistag lehnt ab", "abgelehnt"),
        ("fand keine Mehrheit", "abgelehnt"),
        ("postponed", "vertagt"),
        ("not discussed", "nicht_behandelt"),
        ("beschlossen, die anderen waren nicht da", "beschlossen"),
        ("beschlossen ohne Gegenstimme", "beschlossen"),
        ("durch!", "beschlossen"),
        ("beschl.", "beschlossen"),
        ("z. T. beschlossen", "teilweise_beschlossen"),
        ("läuft jetzt", "umgesetzt"),
        ("nicht vertagt sondern beschlossen", "beschlossen"),
        ("nicht drangekommen, vertagt", "vertagt"),
    ],
)
def test_outcomes_are_recognised_in_the_words_of_people(words: str, outcome: str) -> None:
    assert read(f"2.1 {words}").outcome == outcome


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.key)
def test_every_spelling_means_its_outcome(outcome: Outcome) -> None:
    for spelling in (outcome.name, *outcome.fuzzy, *outcome.spellings):
        assert read(f"2.1 {spelling}").outcome == outcome.key, spelling
    for hint in outcome.hints:
        assert read(f"2.1 {hint}").unclear[0].candidates[0] == outcome.key, hint
        assert read(f"2.1 vertagt: {hint}").outcome == "vertagt", hint


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        ("nicht beschlossen", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("noch nicht beschlossen", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("beschlossen wurde das nicht", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("was not adopted", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("nicht gekürzt", ("beschlossen", "umgesetzt")),
        ("teilweise abgelehnt", ("teilweise_beschlossen", "abgelehnt")),
        ("Kürzung abgelehnt", ("gekuerzt", "abgelehnt")),
        ("einstimmig", ("beschlossen", "abgelehnt")),
        ("ist nicht durch", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("nicht", ("abgelehnt", "vertagt", "nicht_behandelt")),
        ("Haushalt beschlossen, aber ohne 2.1", ("beschlossen", "abgelehnt", "vertagt", "nicht_behandelt")),
        ("läuft", ("umgesetzt", "beschlossen", "vertagt", "abgelehnt")),
        (
            "Haushalt beschlossen, unser Antrag leider nicht",
            ("beschlossen", "abgelehnt", "vertagt", "nicht_behandelt"),
        ),
    ],
)
def test_what_is_not_clear_is_asked_with_candidates(words: str, candidates: tuple[str, ...]) -> None:
    draft = read(f"2.1 {words}")
    assert draft.outcome is None
    (hint,) = draft.unclear
    assert (hint.key, hint.candidates) == ("hint.outcome_open", candidates)


@pytest.mark.parametrize(
    "words",
    [
        "soll beschlossen werden",
        "wird am 15.1. beschlossen",
        "wird im Januar beschlossen",
        "beschlossen?",
        "ob beschlossen",
    ],
)
def test_plans_and_questions_are_no_outcome(words: str) -> None:
    draft = read(f"2.1 {words}")
    assert draft.outcome is None
    assert draft.unclear[0].candidates[0] == "beschlossen"


@pytest.mark.parametrize(
    "words",
    [
        "durch die Verwaltung",
        "ist durch den Ausschuss",
        "geschlossen",
        "Vertrag",
        "versagt",
        "angelehnt",
        "aufgenommen",
        "behandelt",
        "Haus",
    ],
)
def test_other_words_are_no_outcome(words: str) -> None:
    draft = read(f"2.1 {words}")
    assert (draft.outcome, draft.unclear) == (None, ())


def test_several_outcomes_for_several_measures_are_several_reports() -> None:
    draft = read("2.1 beschlossen, 2.2 vertagt")
    assert draft.outcome is None
    assert draft.unclear == (
        Hint("hint.outcomes_mixed", "beschlossen, 2.2 vertagt", ("beschlossen", "vertagt")),
    )


# --- votes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "votes"),
    [
        ("19:12", Votes(19, 12)),
        ("19 : 12", Votes(19, 12)),
        ("19:12:3", Votes(19, 12, 3)),
        ("19 zu 12 Stimmen", Votes(19, 12)),
        ("19 zu 12 am 9.12.2026", Votes(19, 12)),
        ("mit 19 zu 12 bei 3 Enthaltungen", Votes(19, 12, 3)),
        ("mit 19-12 Stimmen", Votes(19, 12)),
        ("mit 19 gegen 12 Stimmen bei einer Enthaltung", Votes(19, 12, 1)),
        ("19 Ja, 12 Nein, 3 Enthaltungen", Votes(19, 12, 3)),
        ("12 Nein, 19 Ja", Votes(19, 12)),
        ("Ja: 19, Nein: 12, Enthaltung: 3", Votes(19, 12, 3)),
        ("Ja 19 Nein 12", Votes(19, 12)),
        ("19 dafür, 12 dagegen, keine Enthaltung", Votes(19, 12, 0)),
        ("19 für, 12 gegen", Votes(19, 12)),
        ("19 Ja-Stimmen und zwölf Gegenstimmen", Votes(19, 12)),
        ("31 Ja ohne Gegenstimmen", Votes(31, 0)),
        ("31:0", Votes(31, 0)),
        ("einstimmig mit 31 Stimmen", Votes(31, 0)),
        ("19 Ja / 12 Nein / 3 Enth.", Votes(19, 12, 3)),
        ("19J 12N 3E", Votes(19, 12, 3)),
        ("dafür 19, dagegen 12", Votes(19, 12)),
        ("19 yes 12 no 3 abstentions", Votes(19, 12, 3)),
        ("neunzehn zu zwölf", Votes(19, 12)),
        ("einundzwanzig Ja, dreizehn Nein", Votes(21, 13)),
    ],
)
def test_votes_are_recognised_alone_and_in_the_text(words: str, votes: Votes) -> None:
    assert read(f"2.1 beschlossen {words}").votes == votes
    behind = read(f"2.1 beschlossen: drei Plätze mehr, {words}, endlich")
    assert behind.votes == votes
    assert behind.text == f"drei Plätze mehr, {words}, endlich"


@pytest.mark.parametrize(
    "words",
    ["19:12 Uhr", "um 19:12", "um 19:12 Uhr", "ab 18:30", "von 18:30 bis 19:00", "08:05", "am 19.12.",
     "19.12.2026", "19-12", "19/12/3", "3 zu 5 Plätzen", "einstimmig", "3 Enthaltungen", "1234:12",
     "19:12:30:4", "2:1 Prozent"],
)  # fmt: skip
def test_times_dates_and_shares_are_no_votes(words: str) -> None:
    assert find_votes(words) is None
    assert read(f"2.1 vertagt {words}").votes is None


def test_votes_must_fit_the_outcome() -> None:
    turned = read("2.1 abgelehnt 19:12")
    assert (turned.votes, turned.unclear) == (Votes(12, 19), (Hint("hint.votes_turned", "19:12"),))
    odd = read("2.1 beschlossen 12:19")
    assert (odd.votes, odd.unclear) == (None, (Hint("hint.votes_odd", "12:19"),))
    named = read("2.1 beschlossen mit 12 Ja und 19 Nein")
    assert (named.votes, named.unclear) == (Votes(12, 19), (Hint("hint.votes_odd", "12:19"),))
    assert read("2.1 abgelehnt 15:15").unclear == ()


# --- place, measure, link, text ---------------------------------------------------------------------


def test_several_or_unclear_places_are_asked() -> None:
    draft = read("Rostock und Schwerin: 2.1 beschlossen")
    assert draft.place is None
    assert draft.unclear == (Hint("hint.place_open", "", ("Rostock", "Schwerin")),)
    assert gist("Schwerin, Stadt Schwerin 2.1 vertagt")[0] == "Schwerin"


def test_unknown_and_half_named_measures_are_told() -> None:
    assert read("5.1 vertagt").unclear == (Hint("hint.measure_unknown", "5.1"),)
    both = read("2.1 und 2.3 vertagt")
    assert (both.measures, both.unclear) == (("2.1",), (Hint("hint.measure_unknown", "2.3"),))
    assert read("Säule II vertagt").unclear == (Hint("hint.measure_open", "Säule II", ("2.1", "2.2")),)
    assert read("Säule 9 vertagt").unclear == ()


def test_measures_by_words_are_not_guessed() -> None:
    draft = read("Frauenhaus beschlossen")
    assert (draft.measures, draft.unclear, draft.text) == ((), (), "Frauenhaus beschlossen")


@pytest.mark.parametrize(
    ("text", "link", "free"),
    [
        ("2.1 vertagt https://example.org/vo?id=1.", "https://example.org/vo?id=1", ""),
        ("2.1 vertagt (http://example.org/a)", "http://example.org/a", ""),
        ("2.1 vertagt: siehe https://example.org/a, Seite 3", "https://example.org/a", "siehe, Seite 3"),
        ("https://rostock.example/2.2 2.1 vertagt", "https://rostock.example/2.2", ""),
        ("2.1 vertagt https://example.org/a: bald mehr", "https://example.org/a", "bald mehr"),
        ("2.1 vertagt, sagt https://example.org/a !", "https://example.org/a", "sagt!"),
        ("2.1 vertagt javascript:alert(1)", None, "javascript:alert(1)"),
        ("2.1 vertagt ftp://example.org", None, "ftp://example.org"),
    ],
)
def test_only_web_links_are_links(text: str, link: str | None, free: str) -> None:
    draft = read(text)
    assert (draft.link, draft.text, draft.measures, draft.place) == (link, free, ("2.1",), None)


@pytest.mark.parametrize(
    "link", ["https://bank@example.org/", "http://[x", "http://a:b:c/", "https://x/" + "a" * 600]
)
def test_odd_links_are_left_out_and_told(link: str) -> None:
    draft = read(f"2.1 vertagt {link}")
    assert draft.link is None
    assert draft.unclear == (Hint("hint.link_refused"),)


def test_long_texts_are_cut_and_say_so() -> None:
    draft = read("2.1 vertagt: " + "wort " * 99 + "ende")
    assert (len(draft.text), draft.cut) == (499, False)
    draft = read("2.1 vertagt: " + "wort " * 101)
    assert (len(draft.text), draft.cut) == (499, True)
    assert read("2.1 vertagt" + " " * 100_000).cut


def test_control_characters_and_broken_ones_do_not_pass() -> None:
    draft = read("2.1\tvertagt:\x00 a\u202eb\ud800c\nd")
    assert draft.text == "a b c d"
    draft.text.encode()


# --- any text, and back -----------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    draft = read(text)
    assert len(draft.text) <= 500
    assert isinstance(render_report(draft), str)


@pytest.mark.parametrize(
    "part", ["I.1,", "19:", "nicht ", "a", "http://a.", "1 ", "2.1/2", "mit 1 ", ": ", "und ", "ja "]
)
def test_hostile_lengths_are_read_as_their_beginning(part: str) -> None:
    hostile = part * (100_000 // len(part))
    draft = read(hostile)
    assert draft.cut
    assert replace_cut(draft) == replace_cut(read(hostile[:2_000]))


def replace_cut(draft: ReportDraft) -> tuple[object, ...]:
    return draft.place, draft.measures, draft.outcome, draft.votes, draft.link, draft.text, draft.unclear


def facts(draft: ReportDraft) -> tuple[object, ...]:
    return draft.place, draft.measures, draft.outcome, draft.votes, draft.link, draft.text


SAID = """2.1|I.1|IV.2|5.1|Rostock|LK Rostock|Schwerin|lup|19:12|12:19|mit 19 Ja, 12 Nein|3 Enthaltungen
|um 18:30 Uhr|nicht|teilweise|einstimmig|https://example.org/a|http://example.org/b?c=1|und|in|weil
|das Geld fehlt|siehe Seite 3|:|,| - |!|?|.|Säule 2|am 2.1.|3,2 Mio|Frauenhaus"""
PIECES = st.sampled_from([*(outcome.name for outcome in OUTCOMES), *SAID.replace("\n", "").split("|")])


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map(" ".join))
def test_a_rendered_report_reads_back_the_same(text: str) -> None:
    draft = read(text)
    if draft.measures and draft.outcome:
        assert facts(read(render_report(draft))) == facts(draft)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.key)
def test_every_place_and_outcome_reads_back(outcome: Outcome) -> None:
    for place in PLACES.all:
        draft = ReportDraft(
            place, ("2.1", "4.2"), outcome.key, Votes(3, 4, 0), "https://example.org/x", "so kam es"
        )
        assert facts(read(render_report(draft))) == facts(draft), place.name


# --- the table --------------------------------------------------------------------------------------


def test_outcomes_can_be_told_apart_and_have_labels() -> None:
    assert len({outcome.sign for outcome in OUTCOMES}) == len({outcome.colour for outcome in OUTCOMES}) == 8
    assert INSTEAD.keys() == BY_KEY.keys()
    assert {key for keys in INSTEAD.values() for key in keys} <= BY_KEY.keys()
    texts = Texts()
    for outcome in OUTCOMES:
        assert texts.get("de", f"outcome.{outcome.key}") == outcome.name
        assert texts.get("en", f"outcome.{outcome.key}") != outcome.name
        assert len(outcome.sign) == 1
        assert ord(outcome.sign) < 0x2800


@pytest.mark.parametrize(
    "text",
    [
        "Entenhausen 2.1 beschlossen",
        "entenhausen 2.1 beschlossen",
        "Entenhausen: 2.1 beschlossen",
        "Gemeinde Entenhausen 2.1 beschlossen: kommt wieder",
        "Stadtvertretung Entenhausen: 2.1 beschlossen",
        "In Entenhausen wurde 2.1 beschlossen",
        "2.1 in der Stadt Entenhausen beschlossen",
        "2.1 beschlossen in Entenhausen",
    ],
)
def test_a_name_in_the_place_of_a_place_is_asked_about(text: str) -> None:
    draft = read(text)
    assert (draft.place, draft.measures, draft.outcome) == (None, ("2.1",), "beschlossen")
    assert [(one.key, one.written.casefold()) for one in draft.unclear] == [
        ("hint.place_unknown", "entenhausen")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Leider 2.1 abgelehnt: in Entenhausen lief es besser",
        "Stadtrat hat 2.1 abgelehnt",
        "Super 2.1 beschlossen",
        "Frauenhaus 2.1 beschlossen",
        "Der Antrag zu 2.1 wurde beschlossen",
        "Haushaltsausschuss: 2.1 vertagt",
        "2.1 beschlossen, drei Plätze mehr in Aussicht",
        "2.1 in Sitzung beschlossen",
        "TOP 5 2.1 beschlossen",
        "Montag 2.1 gekürzt",
    ],
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert not any(one.key.startswith("hint.place") for one in read(text).unclear)
