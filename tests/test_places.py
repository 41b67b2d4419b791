"""Places as people write them, in a name and in a line; and lists of other federal states."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ConfigError
from knowledge.places import Place, PlaceMatch, load_places

PLACES = load_places()


def found_in(line: str) -> list[tuple[str, str]]:
    return [
        (line[one.start : one.end], one.match.place.name if one.match.place else "?")
        for one in PLACES.find_in(line)
    ]


def names(match: PlaceMatch) -> tuple[str | None, list[str], list[str]]:
    place = match.place.name if match.place else None
    return place, [other.name for other in match.candidates], [other.name for other in match.also]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("HRO", "Rostock"),
        ("Hansestadt Rostock", "Rostock"),
        ("Rostock (Stadt)", "Rostock"),
        ("Bürgerschaft der Hanse- und Universitätsstadt Rostock", "Rostock"),
        ("LRO", "Landkreis Rostock"),
        ("LK Rostock", "Landkreis Rostock"),
        ("lkr. rostock", "Landkreis Rostock"),
        ("Kreis Rostock", "Landkreis Rostock"),
        ("Kreistag Rostock", "Landkreis Rostock"),
        ("Kreistag des Landkreises Rostock", "Landkreis Rostock"),
        ("Rostock, Landkreis", "Landkreis Rostock"),
        ("Rostock Land", "Landkreis Rostock"),
        ("lup", "Landkreis Ludwigslust-Parchim"),
        ("ludwigslust parchim", "Landkreis Ludwigslust-Parchim"),
        ("Kreis Parchim", "Landkreis Ludwigslust-Parchim"),
        ("MSE", "Landkreis Mecklenburgische Seenplatte"),
        ("LK MSE", "Landkreis Mecklenburgische Seenplatte"),
        ("seenplatte", "Landkreis Mecklenburgische Seenplatte"),
        ("NWM", "Landkreis Nordwestmecklenburg"),
        ("nordwest mecklenburg", "Landkreis Nordwestmecklenburg"),
        ("VG", "Landkreis Vorpommern-Greifswald"),
        ("VR", "Landkreis Vorpommern-Rügen"),
        ("vorpommern ruegen", "Landkreis Vorpommern-Rügen"),
        ("Vorpommern-Ru\u0308gen", "Landkreis Vorpommern-Rügen"),
        ("SN", "Schwerin"),
        ("HGW", "Greifswald"),
        ("HST", "Stralsund"),
        ("HWI", "Wismar"),
        ("NB", "Neubrandenburg"),
        ("Waren/Müritz", "Waren (Müritz)"),
        ("waren mueritz", "Waren (Müritz)"),
        ("waren", "Waren (Müritz)"),
        ("Ribnitz", "Ribnitz-Damgarten"),
        ("hagenow land", "Amt Hagenow-Land"),
        ("Amt Hagenow", "Amt Hagenow-Land"),
        ("Züssow", "Amt Züssow"),
        ("Stadt Pasewalk", "Pasewalk"),
        ("Uecker-Randow-Tal", "Amt Uecker-Randow-Tal"),
    ],
)
def test_usual_spellings_are_clear(text: str, name: str) -> None:
    match = PLACES.find(text)
    assert names(match)[:2] == (name, [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Schwerinn", "Schwerin"),
        ("Rostok", "Rostock"),
        ("Landkries Rostok", "Landkreis Rostock"),
        ("griefswald", "Greifswald"),
        ("Stralsunt", "Stralsund"),
        ("Neubrandenbrug", "Neubrandenburg"),
        ("Vorpommern-Rugen", "Landkreis Vorpommern-Rügen"),
        ("mecklenburgische seenplate", "Landkreis Mecklenburgische Seenplatte"),
    ],
)
def test_typing_errors_are_forgiven_and_marked(text: str, name: str) -> None:
    match = PLACES.find(text)
    assert names(match)[0] == name
    assert not match.exact


@pytest.mark.parametrize(
    ("text", "name", "also"),
    [
        ("Rostock", "Rostock", ["Landkreis Rostock"]),
        ("Hagenow", "Hagenow", ["Amt Hagenow-Land"]),
        ("Barth", "Barth", ["Amt Barth"]),
        ("Ludwigslust", "Ludwigslust", ["Landkreis Ludwigslust-Parchim", "Amt Ludwigslust-Land"]),
    ],
)
def test_an_exact_name_wins_and_says_who_else_bears_it(text: str, name: str, also: list[str]) -> None:
    assert names(PLACES.find(text)) == (name, [], also)
    assert PLACES.find(text).exact


@pytest.mark.parametrize("text", ["Müritz", "Rügen", "Vorpommern", "Rostock und Schwerin"])
def test_only_truly_unclear_names_ask_back(text: str) -> None:
    place, candidates, _ = names(PLACES.find(text))
    assert place is None
    assert len(candidates) > 1


def test_a_kind_that_does_not_exist_offers_the_place_of_that_name() -> None:
    assert names(PLACES.find("Landkreis Schwerin")) == (None, ["Schwerin"], [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Haus",
        "alle",
        "Termin",
        "Kreistag",
        "heute",
        "ja",
        "Danke",
        "Land",
        "abo",
        "Köln",
        "Hamburg",
        "Frauenhaus",
        "es waren viele",
        "MV",
        "Mecklenburg",
        "!?",
        "😀",
        "Schwein",
        "Mecklenburg-Vorpommern",
    ],
)
def test_other_words_are_no_places(text: str) -> None:
    assert PLACES.find(text) == PlaceMatch()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Rostock II.1 vertagt", [("Rostock", "Rostock")]),
        (
            "Kreistag Vorpommern-Rügen 15.12. 18 Uhr Haushalt",
            [("Kreistag Vorpommern-Rügen", "Landkreis Vorpommern-Rügen")],
        ),
        ("bericht lk rostock 2.1 beschlossen", [("lk rostock", "Landkreis Rostock")]),
        ("bericht waren 2.1 beschlossen", [("waren", "Waren (Müritz)")]),
        ("Waren 15.12. 18 Uhr", [("Waren", "Waren (Müritz)")]),
        ("In Waren (Müritz) tagt der Rat", [("Waren (Müritz)", "Waren (Müritz)")]),
        ("Wann tagt die Rostocker Bürgerschaft?", [("Rostocker Bürgerschaft", "Rostock")]),
        ("Rostock, Landkreis Rostock", [("Rostock", "Rostock"), ("Landkreis Rostock", "Landkreis Rostock")]),
        ("Schwerinn 2.1 beschlossen", [("Schwerinn", "Schwerin")]),
        (
            "Kreistag Ludwigslust-Parchin 3.12.",
            [("Kreistag Ludwigslust-Parchin", "Landkreis Ludwigslust-Parchim")],
        ),
        ("Landkreis Rostok 1.1 läuft", [("Landkreis Rostok", "Landkreis Rostock")]),
        ("VG 15.12. 18 Uhr", [("VG", "Landkreis Vorpommern-Greifswald")]),
        ("Bürgerschaft; Greifswald", [("Greifswald", "Greifswald")]),
    ],
)
def test_places_are_found_inside_a_line(line: str, expected: list[tuple[str, str]]) -> None:
    assert found_in(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Die Zahlen waren gut",
        "Waren die Zahlen gut?",
        "Frau Barth sagt nein",
        "VG Anna",
        "Mecklenburg-Vorpommern zahlt nicht",
        "Wir lassen alle Stimmen zählen",
        "Wer bezahlt Frauenhäuser im Kreis der Familie?",
    ],
)
def test_ordinary_sentences_name_no_place(line: str) -> None:
    assert found_in(line) == []


def test_the_state_has_six_districts_and_two_free_cities_with_their_councils() -> None:
    districts = [place for place in PLACES.all if place.kind == "landkreis"]
    assert len(districts) == 6
    assert {place.council for place in districts} == {"Kreistag"}
    cities = {place.name: place.council for place in PLACES.all if place.kind == "kreisfreie_stadt"}
    assert cities == {"Rostock": "Bürgerschaft", "Schwerin": "Stadtvertretung"}


def test_every_other_place_lies_in_a_district() -> None:
    for place in PLACES.all:
        own = place.kind in {"landkreis", "kreisfreie_stadt"}
        assert (place.district is None) == own
        assert own or place in PLACES.within(place.district or "")
    assert PLACES.within("Köln") == ()


def test_every_place_is_found_by_its_own_name_and_is_unique() -> None:
    for place in PLACES.all:
        assert PLACES.get(place.name) is place
        assert PLACES.find(place.name).place is place
        assert PLACES.find(place.name.upper()).place is place
        assert [one.match.place for one in PLACES.find_in(f"{place.name} 2.1 beschlossen")] == [place]


def written(folder: Path, text: str) -> Path:
    path = folder / "places.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_another_state_brings_its_own_list(tmp_path: Path) -> None:
    other = load_places(
        written(
            tmp_path,
            "councils: {landkreis: Kreistag, stadt: Stadtrat}\n"
            "places:\n"
            "  landkreis: {Landkreis Oberau: '01001'}\n"
            "  stadt: {Oberau: '01001007', Unterau (See): {district: Landkreis Oberau, aliases: [UAS]}}\n",
        )
    )
    assert names(other.find("Stadtrat Oberau"))[0] == "Oberau"
    assert names(other.find("Oberau")) == ("Oberau", [], ["Landkreis Oberau"])
    assert [place.name for place in other.within("Landkreis Oberau")] == ["Oberau", "Unterau (See)"]
    assert names(other.find("uas"))[0] == "Unterau (See)"
    assert other.find("Rostock") == PlaceMatch()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", {"places.empty"}),
        ("- a", {"places.no_mapping", "places.empty"}),
        ("places: {dorf: {A: '1'}}", {"places.unknown_key", "places.empty"}),
        ("places: {stadt: {A: '1'}}", {"places.no_council"}),
        ("places: {stadt: {A: {council: Rat, size: 3}}}", {"places.unknown_key"}),
        ("places: {stadt: {A: {council: [Rat]}}}", {"places.no_text", "places.no_council"}),
        ("places: {stadt: {A: {council: Rat, aliases: B}}}", {"places.no_texts"}),
        ("places: {stadt: {A: {council: Rat, district: Kreis}}}", {"places.no_district"}),
        ("councils: {stadt: Rat, amt: Rat}\nplaces: {stadt: {A: 1}, amt: {A: 2}}", {"places.twice"}),
    ],
)
def test_a_wrong_list_names_all_its_faults(tmp_path: Path, text: str, keys: set[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_places(written(tmp_path, text))
    assert caught.value.key == "places.wrong"
    assert {problem.key for problem in caught.value.problems} == keys


def test_a_list_that_is_missing_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"places\.unreadable"):
        load_places(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"places\.no_yaml"):
        load_places(written(tmp_path, "places: [\n"))


@pytest.mark.parametrize(
    "text", ["ä" * 100_000, "Rostok " * 15_000, "LK " * 30_000, "(" * 100_000, "a-" * 50_000]
)
def test_hostile_length_is_harmless(text: str) -> None:
    assert isinstance(PLACES.find(text), PlaceMatch)
    assert all(0 <= one.start < one.end <= len(text) for one in PLACES.find_in(text))


PIECES = st.sampled_from(
    [
        "Rostock",
        "rostok",
        "LK",
        "Landkreis",
        "Amt",
        "Stadt",
        "Land",
        "Waren",
        "(Müritz)",
        "Vorpommern",
        "-",
        "Rügen",
        "der",
        "und",
        "Kreistag",
        "VG",
        "2.1",
        "�",
        "̈",
        "Hagenow",
        ")",
        "ß",
        "İ",
    ]
)


@given(
    st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map(" ".join), st.lists(PIECES).map("".join))
)
def test_any_text_in_never_an_exception(text: str) -> None:
    match = PLACES.find(text)
    assert match.place is None or not match.candidates
    spans = [(one.start, one.end) for one in PLACES.find_in(text)]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(one.match.place or one.match.candidates for one in PLACES.find_in(text))


@given(st.sampled_from([place for place in PLACES.all if len(place.name) > 12]), st.data())
def test_a_letter_left_out_of_a_long_name_never_counts_as_another_exact_name(
    place: Place, data: st.DataObject
) -> None:
    left_out = data.draw(st.integers(1, len(place.name) - 2))
    match = PLACES.find(place.name[:left_out] + place.name[left_out + 1 :])
    assert match.place in {place, None} or not match.exact
