"""Half a question is answered from where the chat was: the measures of the entry before are meant."""

import pytest

from knowledge.answer import Answerer
from knowledge.entries import Entry
from knowledge.leaning import FOLLOWED
from knowledge.library import Library, load_library
from tests.knowledge_bases import PILLARS, entry

ANSWERER, SHIPPED = Answerer(PILLARS), Answerer(load_library())
MONEY, MORE, PILLAR, CAMPAIGN, *_ = PILLARS.entries


def test_the_same_half_question_is_answered_from_what_was_said_before() -> None:
    """The question leads from the pillar to its housing, and never back to where one was."""
    found = ANSWERER.follow("und wird eine schutzwohnung gebaut?", MONEY)
    assert (found.kind, found.entry) == ("answer", MORE)
    assert found.candidates[0].entry is MORE
    assert found.confidence == found.candidates[0].score >= FOLLOWED
    assert MONEY not in [one.entry for one in found.candidates]


@pytest.mark.parametrize("last", PILLARS.entries, ids=lambda one: one.id)
def test_the_entry_before_is_never_the_answer(last: Entry) -> None:
    found = ANSWERER.follow("und wer bezahlt das?", last)
    assert last is not found.entry
    assert last not in [one.entry for one in found.candidates]
    assert len(found.candidates) <= 3


def test_what_fits_nothing_is_only_suggested() -> None:
    found = ANSWERER.follow("und warum?", CAMPAIGN)
    assert (found.kind, found.entry) == ("suggest", None)
    assert {one.score for one in found.candidates} == {0.0}


@pytest.mark.parametrize(
    ("last", "said", "told"),
    [
        ("frauenhaeuser-mv", "wie viele gibt es davon?", "neun"),
        ("gewalthilfegesetz", "ab wann gilt das?", "01.01.2032"),
        ("gewaltschutzgesetz", "und wenn er sich nicht dran hält", "strafbar"),
    ],
)
def test_what_the_entry_itself_tells_is_shown_again(last: str, said: str, told: str) -> None:
    shown = SHIPPED.library.get(last)
    assert shown is not None
    found = SHIPPED.follow(said, shown)
    assert found.entry is shown
    assert told in (found.text or "")


def test_a_base_of_one_entry_has_nothing_to_go_on_with() -> None:
    alone = Answerer(Library((MONEY,)))
    assert alone.follow("und warum?", MONEY).kind == "unknown"
    assert alone.follow("und warum?", MONEY).candidates == ()


def test_a_title_says_what_a_question_without_measure_is_about() -> None:
    """An entry on no measure and no pillar lends its title to the half question."""
    mill = entry("muehle", "Die Mühle am Bach", "mahlt die mühle", answer="Sie mahlt Korn.")
    miller = entry("mueller", "Wer ist Müller der Mühle am Bach?", "müller der mühle", answer="Niemand.")
    baker = entry("baecker", "Wer ist Bäcker?", "bäcker im dorf", answer="Auch niemand.")
    found = Answerer(Library((mill, miller, baker))).follow("und wer ist das?", mill)
    assert found.candidates[0].entry is miller


MILL = entry(
    "muehle",
    "Was macht die Mühle mit dem Korn?",
    "mühle und korn",
    answer="Die Mühle mahlt das Korn.\n\nSeit 1894 dreht sie sich.",
    measures=("2.1",),
)
STORE = entry(
    "speicher",
    "Wo liegt das Korn im Speicher?",
    "speicher für korn",
    answer="Der Speicher hält das Korn trocken, bis es die Mühle mahlt.",
    measures=("2.1",),
)
VILLAGE = Library((MILL, STORE, entry("backen", "Wer backt Brot?", "brot", answer="Die Bäckerin.")))


@pytest.mark.parametrize(
    ("last", "said", "meant", "text"),
    [
        (MILL, "seit wann?", MILL, "Seit 1894 dreht sie sich."),
        (STORE, "mahlt korn", STORE, STORE.answer),
        # Another entry tells more of what is said, or is asked so much more in its own words.
        (MILL, "und mahlt sie korn trocken?", STORE, None),
        (STORE, "mühle korn mahlt", MILL, None),
    ],
    ids=["its own", "told as well", "tells more", "fits better"],
)
def test_the_entry_shown_answers_unless_another_says_more(
    last: Entry, said: str, meant: Entry, text: str | None
) -> None:
    found = Answerer(VILLAGE).follow(said, last)
    assert (found.kind, found.entry, found.text) == ("answer", meant, text)
    assert found.confidence == (FOLLOWED if text else found.candidates[0].score)


def test_what_the_entry_shown_says_to_a_time_asked_for_needs_no_other() -> None:
    """The mill fits better, but what is asked the storehouse tells itself, every word of it."""
    assert Answerer(VILLAGE).follow("und seit wann mahlt die Mühle das Korn?", STORE).entry is STORE


def test_half_a_question_may_be_in_english() -> None:
    pillar = PILLARS.get("saeule-zwei")
    assert pillar is not None
    assert ANSWERER.follow("shelter", pillar, "en").entry is MONEY


def test_among_many_that_fit_better_the_entry_shown_gives_way() -> None:
    """Its own fit is too small to be among the best: it counts as none."""
    names = "Sorten Preise Ernte Handel Lager Saat Güte Mengen Einfuhr Ausfuhr Pflege Feuchte Mahlen Dreschen"
    road = entry("weg", "Der Weg zum Hof", answer="Der Weg führt am Korn vorbei.", measures=("2.1",))
    grain = (
        entry(name, f"Korn {name}", f"korn {name}", answer="Etwas anderes.", measures=("2.1",))
        for name in names.split()
    )
    found = Answerer(Library((road, *grain))).follow("und das Korn?", road)
    assert found.kind == "answer"
    assert found.entry is not road


def test_who_reads_on_gets_what_an_entry_refers_to_then_its_measure_then_its_pillar() -> None:
    first = entry("a", "Erstens", "eins", answer="Siehe [dort](#d).", measures=("2.1",))
    same = entry("b", "Zweitens", "zwei", measures=("2.1", "2.2"))
    twin = entry("c", "Drittens", "drei", measures=("2.1",))
    referred = entry("d", "Viertens", "vier")
    pillar = entry("e", "Fünftens", "fünf", pillar=2)
    base = Answerer(Library((first, same, twin, referred, pillar)))
    assert [one.id for one in base.near(first)] == ["d", "c", "b"]
    assert [one.id for one in base.near(twin)] == ["a", "b", "e"]
    assert [one.id for one in base.near(pillar)] == ["a", "b", "c"]
    assert base.near(referred) == []


def test_questions_about_something_else_are_foreign() -> None:
    assert ANSWERER.is_foreign("Was macht die Sonderpädagogik?")
    assert not ANSWERER.is_foreign("und wer bezahlt das?")
    assert Answerer(Library((MILL, STORE))).is_foreign("Korn regnet")


@pytest.mark.parametrize(
    ("last", "said", "meant"),
    [
        ("frauenhaeuser-mv", "und wer bezahlt das?", "frauenhaus-finanzierung"),
        ("frauenhaeuser-mv", "und wenn alle voll sind?", "abweisungen-mv"),
        ("taeterarbeit", "was kann der kreistag da tun?", "kooperation-hebel"),
        ("gleichstellungsbeauftragte-hebel", "und wer bezahlt das?", None),
        ("istanbul-konvention", "und wer bezahlt das?", None),
    ],
)
def test_half_a_question_stays_with_its_subject(last: str, said: str, meant: str | None) -> None:
    """What is about money elsewhere is no answer: rather three entries near the one before."""
    shown = SHIPPED.library.get(last)
    assert shown is not None
    found = SHIPPED.follow(said, shown)
    assert (found.entry.id if found.entry else None) == meant
    assert found.candidates
