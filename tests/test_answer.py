"""Three honest outcomes: an answer, a choice of three, or "that I do not know"; people in danger first."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import crisis
from knowledge.answer import NOTHING_NAMED, Answer, Answerer
from knowledge.crisis import Need
from knowledge.entries import Entry
from knowledge.found import Hit
from knowledge.library import Library
from knowledge.particulars import particulars_missing
from tests.knowledge_bases import PILLARS, entry

ANSWERER = Answerer(PILLARS)


def _entry(answer: Answer) -> str | None:
    return answer.entry.id if answer.entry else None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Wer bezahlt Frauenhäuser?", "geld"),
        ("wer finanziert frauenhaeuser", "geld"),
        ("Maßnahme 2.1", "geld"),
        ("II.1", "geld"),
        ("Säule 2", "saeule-zwei"),
        ("Was steht in der zweiten Säule?", "saeule-zwei"),
        ("4.2", "bericht"),
        ("Gibt es Gleichstellungsberichte?", "bericht"),
    ],
)
def test_clear_questions_are_answered(question: str, found: str) -> None:
    answer = ANSWERER.ask(question)
    assert (answer.kind, _entry(answer)) == ("answer", found)
    assert answer.candidates[0].entry.id == found
    assert 0.5 <= answer.confidence <= 1


@pytest.mark.parametrize(
    "question", ["Säule V", "Was steht in Säule 7?", "Maßnahme 5.1", "die fünfte Säule", "Säule 2.9"]
)
def test_what_the_resolution_does_not_have_is_not_answered(question: str) -> None:
    assert ANSWERER.ask(question).kind == "unknown"


@pytest.mark.parametrize(
    "question", ["Wie koche ich Kartoffelsuppe?", "qwertz asdf", "Wer gewinnt die Meisterschaft?"]
)
def test_far_questions_are_not_answered(question: str) -> None:
    answer = ANSWERER.ask(question)
    assert answer.kind in {"unknown", "suggest"}
    assert answer.entry is None


@pytest.mark.parametrize(
    "question",
    [
        "Wer bezahlt Frauenhäuser in Wismar?",
        "Wer bezahlt Rostocker Frauenhäuser?",
        "Wer bezahlte 1999 Frauenhäuser?",
    ],
)
def test_a_place_or_year_the_entry_does_not_hold_makes_it_a_suggestion(question: str) -> None:
    answer = ANSWERER.ask(question)
    assert answer.kind == "suggest"
    assert answer.candidates[0].entry.id == "geld"


def test_a_year_beside_a_measure_counts_as_a_year() -> None:
    assert ANSWERER.ask("Maßnahme 2.1 im Jahr 1999").kind == "suggest"


def test_an_entry_that_admits_the_gap_answers_for_any_place() -> None:
    answer = ANSWERER.ask("Wie viele Frauenhausplätze gibt es in Wismar?")
    assert (answer.kind, _entry(answer)) == ("answer", "keine-angaben-orte")


def test_a_figure_the_entry_holds_is_answered() -> None:
    assert _entry(ANSWERER.ask("Schutzwohnungen ausgebaut 2022")) == "ausbau"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("nur 3 Stunden Geld", False),
        ("Geld am 25. November", False),
        ("Geld nach Artikel 97", True),
        ("500 Euro", True),
    ],
)
def test_small_figures_are_asked_for_only_where_they_number_something(question: str, missing: bool) -> None:
    assert particulars_missing(question, NOTHING_NAMED, PILLARS.entries[0]) is missing


@pytest.mark.parametrize("question", ["Wetter am 25. November", "Bus nach Wismar", "2022 in Wismar wetten"])
def test_a_date_or_a_place_alone_carries_neither_answer_nor_suggestion(question: str) -> None:
    feast = entry(
        "feier", "Feier am 25. November", "25.11.", answer="In Wismar feierten 2022 alle. Wetteifer."
    )
    base = Answerer(Library((*PILLARS.entries, feast)))
    assert base.ask(question).kind == "unknown"
    assert _entry(base.ask("Feier am 25. November")) == "feier"


def test_danger_comes_before_everything() -> None:
    answer = ANSWERER.ask("Hallo, mein Mann schlägt mich")
    assert answer.kind == "crisis"
    assert answer.text == crisis.text_for(Need.VIOLENCE, "private")
    assert (answer.candidates, answer.confidence) == ((), 1)
    english = ANSWERER.ask("My husband is hitting me", "en")
    assert english.text == crisis.text_for(Need.VIOLENCE, "private", "en")


def test_small_talk_is_answered_kindly_but_a_thanked_question_is_a_question() -> None:
    german, english = ANSWERER.ask("👍"), ANSWERER.ask("👍", "en")
    assert {(one.kind, one.confidence) for one in (german, english)} == {("smalltalk", 1)}
    assert german.text
    assert english.text not in (None, german.text)
    assert _entry(ANSWERER.ask("Danke, und wer bezahlt Frauenhäuser?")) == "geld"


@pytest.mark.parametrize("asked", PILLARS.entries)
def test_an_entry_asked_in_its_own_words_is_the_answer(asked: Entry) -> None:
    assert [_entry(ANSWERER.ask(wording.upper())) for wording in asked.wordings] == [asked.id] * len(
        asked.wordings
    )


def test_a_base_about_something_else_knows_pillars_of_its_own() -> None:
    roman = Library(
        (entry("a", "Wie hoch ist die Säule 7?", "säule 7 höhe"), entry("b", "Wer baute das Tor?", "tor"))
    )
    assert _entry(Answerer(roman).ask("Wie hoch ist Säule 7?")) == "a"


@pytest.mark.parametrize("question", ["", " \t\n", "\x00\x07", "\ud800\udfff", "\u202e", "?", "\u200b" * 500])
def test_nothing_asked_is_unknown(question: str) -> None:
    assert ANSWERER.ask(question) == Answer("unknown")


def test_a_wording_without_words_catches_nothing() -> None:
    odd = Answerer(Library((entry("a", "Was tun?", "???", "!"), entry("b", "Wann mahlt die Mühle?"))))
    assert odd.ask("?") == Answer("unknown")


LEADERS = Library(
    (
        entry("muehle", "Wer leitet die Mühle?", "leitung der mühle"),
        entry("schmiede", "Wer leitet die Schmiede?", "leitung der schmiede"),
        entry("markt", "Wann ist Markt?", "wer leitet am dienstag im hafen bei regen den markt der fischer"),
    )
)


def test_what_two_subjects_fit_alike_is_a_choice() -> None:
    answer = Answerer(LEADERS).ask("wer leitet das?")
    assert answer.kind == "suggest"
    assert [one.entry.id for one in answer.candidates] == ["muehle", "schmiede", "markt"]
    assert answer.confidence < 0.5


def test_much_that_is_in_no_entry_makes_it_a_suggestion() -> None:
    fresh = Answerer(PILLARS)
    assert fresh.ask("Gleichstellungsbericht Raketen").kind == "answer"
    answer = fresh.ask("Gleichstellungsbericht Raketen Trompeten")
    assert (answer.kind, answer.confidence) == ("suggest", 0.5)
    assert answer.candidates[0].entry.id == "bericht"


@pytest.mark.parametrize(
    "one", [entry("a", "Worum geht es?", pillar=2), entry("a", "Geld", measures=("2.1",))]
)
def test_a_base_on_a_single_pillar_or_measure_follows_the_resolution(one: Entry) -> None:
    base = Answerer(Library((one, entry("b", "Wann mahlt die Mühle?"))))
    assert base.ask("2.1").candidates[0].entry is one
    assert base.ask("Säule 7 in der Mühle") == Answer("unknown")


def test_a_title_of_two_questions_is_found_by_its_first() -> None:
    both = Answerer(
        Library((entry("a", "Wer mahlt Korn, und wer backt Brot?"), entry("b", "Wann ist Markt?")))
    )
    answer = both.ask("Wer mahlt Korn?")
    assert (_entry(answer), answer.candidates[0].score) == ("a", 1.0)
    three = Answerer(Library((entry("a", "Wer mahlt Korn, wer backt Brot, und wer isst es?"),)))
    assert three.hits("Wer mahlt Korn?")[0].exact
    name = Answerer(Library((entry("a", "Korn, Brot und Mehl"), entry("b", "Wann ist Markt?"))))
    assert name.ask("Korn?").candidates[0].score < 1


class Meaning:
    """A search by meaning that always means the last entry."""

    def rank(self, _question: str, hits: Sequence[Hit], _bonus: object) -> list[Hit]:
        return [Hit(len(PILLARS.entries) - 1, 0.9, False), *hits]


def test_a_common_word_alone_is_a_choice_unless_a_place_stands_beside_it() -> None:
    topics = ("Korn", "Brot", "Mehl", "Hefe", "Salz", "Malz", "Kleie", "Teig", "Schrot")
    same = [entry(f"e{at}", f"{name} in der Mühle", f"{name} mahlen") for at, name in enumerate(topics)]
    asked = entry("preis", "Was kostet die Mühle?", "Mühle kostet was", "Mühle in Rostock kostet wieviel")
    base = Answerer(Library((asked, *same)))
    assert base.ask("was hat die Mühle damit zu tun").kind == "suggest"
    assert _entry(base.ask("Was kostet die Mühle?")) == "preis"
    assert _entry(base.ask("kostet die mühle in Rostock wieviel")) == "preis"


def test_what_is_denied_is_not_what_is_asked() -> None:
    assert _entry(ANSWERER.ask("nicht die Säule 4, sondern die 2")) == "saeule-zwei"
    assert _entry(ANSWERER.ask("nicht 2.1 sondern 4.2")) == "bericht"


def test_a_draft_comes_first_only_when_it_is_asked_for() -> None:
    draft = entry("entwurf", "Musterantrag Mühle", "Die Mühle braucht Mehl", measures=("2.1",))
    plain = entry("muehle", "Maßnahme Mühle", "Die Mühle braucht Mehl", measures=("2.1",))
    base = Answerer(Library((draft, plain, entry("markt", "Wann ist Markt?"))))
    assert base.ask("Braucht die Mühle mehr Mehl?").candidates[0].entry is plain
    assert base.ask("Antrag: Die Mühle braucht Mehl").candidates[0].entry is draft


@pytest.mark.parametrize(
    ("law", "missing"),
    [
        ("Kinderrechtskonvention", True),
        ("Mühlenkonvention", False),
        ("Mehlabkommen", True),
    ],
)
def test_another_treaty_is_not_the_one_an_entry_names(law: str, missing: bool) -> None:
    one = entry("vertrag", "Was ist die Mühlen-Konvention?")
    assert particulars_missing(f"Was steht in {law}?", NOTHING_NAMED, one) is missing


def test_a_word_that_an_entry_holds_by_the_way_is_no_answer() -> None:
    answer = Answerer(PILLARS).ask("Liste der Kinos")
    assert (answer.kind, answer.candidates) == ("unknown", ())
    assert 0 < answer.confidence < 0.2


def test_an_entry_asked_in_its_own_words_stands_before_others_that_fit_less() -> None:
    first, *others = Answerer(PILLARS).ask("Wer bezahlt Frauenhäuser?").candidates
    assert (first.entry, first.score) == (PILLARS.entries[0], 1.0)
    assert [one.entry.id for one in others] == ["keine-angaben-orte", "fortbildung"]
    assert 0.3 > others[0].score > others[1].score > 0


def test_entries_on_one_measure_speak_for_each_other() -> None:
    alone = (entry("b", "Wer deckt das Dach?", measures=("1.1",)), entry("c", "Was kostet Regen?"))
    helper = entry("a", "Das Dach der Mühle", measures=("1.1",))
    one, both = Answerer(Library(alone)), Answerer(Library((*alone, helper)))
    assert both.hits("dach decken")[0].score > both._search.rank("dach decken", None)[0].score
    assert one.hits("dach decken")[0].score == one._search.rank("dach decken", None)[0].score


def test_what_two_entries_on_one_measure_hold_alike_is_a_choice() -> None:
    mill = entry("muehle", "Die Mühle", "mühle", answer="Sie mahlt das Korn.", measures=("2.1",))
    store = entry("speicher", "Der Speicher", "speicher", answer="Er hält, was sie mahlt.", measures=("2.1",))
    answer = Answerer(Library((mill, store))).ask("Was mahlt das?")
    assert (answer.kind, {one.entry.id for one in answer.candidates}) == ("suggest", {"muehle", "speicher"})


def test_one_word_that_two_entries_say_is_a_choice_and_two_words_of_one_are_an_answer() -> None:
    answer = ANSWERER.ask("Geld")
    assert (answer.kind, answer.entry) == ("suggest", None)
    assert [one.entry.id for one in answer.candidates[:2]] == ["geld", "kampagne"]
    assert _entry(ANSWERER.ask("dauerhaft Geld")) == "kampagne"


def test_the_better_a_question_fits_the_surer_is_its_answer() -> None:
    asked = ("Wer zahlt?", "dauerhaft Geld", "Wer bezahlt?", "Wer bezahlt Frauenhäuser?")
    chances = [ANSWERER.ask(question).confidence for question in asked]
    assert chances == sorted(chances)
    assert chances[1] < 0.9 < chances[-1]


def test_who_reads_english_may_ask_in_a_few_english_words() -> None:
    assert _entry(ANSWERER.ask("shelter money", "en")) == "geld"
    assert not ANSWERER.is_foreign("shelter money", "en")
    assert ANSWERER.is_foreign("shelter money")


def test_an_entry_asked_in_its_own_words_leaves_as_many_others_to_choose_from() -> None:
    mills = [entry(f"m{at}", f"Die Mühle in {place}") for at, place in enumerate(
        ("Rostock", "Schwerin", "Wismar", "Güstrow", "Parchim", "Barth", "Ribnitz", "Anklam")
    )]  # fmt: skip
    base = Answerer(Library(tuple(mills)))
    own, any_mill = base.hits("Die Mühle in Parchim"), base.hits("Welche Mühle?")
    assert (own[0].position, own[0].score, len(own)) == (4, 1, len(any_mill))


class Weakest:
    """A search by meaning that means what fits least, of all that was found."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bool]] = []

    def rank(self, question: str, hits: Sequence[Hit], bonus: Sequence[float] | None) -> list[Hit]:
        self.heard.append((question, bonus is not None))
        return list(reversed(hits))


def test_search_by_meaning_hears_the_question_and_chooses_from_all_that_was_found() -> None:
    many = Library(tuple(entry(f"e{at}", "Korn " + "und Mehl " * at) for at in range(1, 9)))
    meaning = Weakest()
    found = Answerer(many, meaning).hits("Korn")
    assert found[0].position == Answerer(many)._search.rank("Korn", None, 12)[-1].position
    Answerer(PILLARS, meaning).ask("Maßnahme 2.1")
    assert meaning.heard == [("Korn", False), ("Maßnahme 2.1", True)]


def test_search_by_meaning_has_the_word() -> None:
    assert _entry(Answerer(PILLARS, Meaning()).ask("Geld, woher?")) == PILLARS.entries[-1].id


def test_the_same_question_gets_the_same_answer() -> None:
    assert ANSWERER.ask("Frauenhaus Geld") == Answerer(PILLARS).ask("Frauenhaus Geld")


@given(st.text())
def test_any_message_gets_an_honest_outcome(text: str) -> None:
    answer = ANSWERER.ask(text)
    assert (answer.entry is not None) == (answer.kind == "answer")
    assert (answer.text is not None) == (answer.kind in {"smalltalk", "crisis"})
    assert 0 <= answer.confidence <= 1
    assert len(answer.candidates) <= 3
    assert all(0 <= candidate.score <= 1 for candidate in answer.candidates)


@pytest.mark.parametrize("piece", ["Wer bezahlt Frauenhäuser? ", "säule ", "((((a+)+)+)+)", "mein antrag "])
def test_very_long_messages_are_answered_from_their_start(piece: str) -> None:
    assert ANSWERER.ask(piece * (100_000 // len(piece))).kind in {"answer", "suggest", "unknown"}
