"""Agenda items: what concerns the help system and its money is found however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.relevance import Level, Verdict, judge, judge_meeting

ASSOCIATIONS = ("Blaue Tür e.V.", "Förderverein Leuchtturm e. V.")


@pytest.mark.parametrize(
    "item",
    [
        "Zuschuss an das Frauenhaus Musterstadt",
        "Finanzierung der Frauenhäuser im Landkreis",
        "FRAUENHAEUSER - KUERZUNG DER MITTEL",
        "Frauenhaus-Finanzierung ab 2031",
        "Frauen- und Kinderschutzhaus: Mietkosten",
        "Leistungsvereinbarung mit der Interventionsstelle",
        "Personalstellen in der Täterarbeit, Stellenaufstockung",
        "Vertrag mit der Beratungsstelle für Betroffene häuslicher Gewalt",
        "Fachberatungsstelle gegen sexualisierte Gewalt: Erhöhung der Förderung",
        "Haushalt 2031: Schutzwohnung",
        "Frauenhuas: Zuschuss",
        "Freigabe des Sperrvermerks für die Opferambulanz",
        "Mädchen- u. Frauen- u. Kinderschutzhaus, Gebühren",
        "Zuschuss des Frauenotrufs",
        "Istanbul-Konv.: Stellenanteile",
    ],
)
def test_the_help_system_with_money_comes_first(item: str) -> None:
    assert judge(item).level is Level.SHELTER_MONEY


@pytest.mark.parametrize(
    "item",
    [
        "Bericht des Frauenschutzhauses",
        "Umsetzung der Istanbul-Konvention",
        "Istanbul-\nKonvention: Konzept",
        "Taeterarbeit im Landkreis",
        "Bedarfsplanung nach dem Gewalthilfegesetz",
        "Häusl. Gewalt: Fallzahlen",
        "Nein zu Gewalt an Frauen",
        "Gewalt gegen Mädchen und Frauen verhindern",
        "Fachberatungstelle stellt sich vor",
        "Schutzwohnungen ausbauen",
        "Vorstellung der Frauenberatung",
        "Aktion zum Tag der Beseitigung von Gewalt gg. Frauen",
    ],
)
def test_the_help_system_without_money_is_told(item: str) -> None:
    assert judge(item).level is Level.SHELTER


@pytest.mark.parametrize(
    "item",
    [
        "Haushaltssatzung und Haushaltsplan 2031",
        "Haushaltsatzung 2031",
        "Doppelhaushalt 2031/2032: Einbringung",
        "DHH 31/32",
        "1. Nachtragshaushaltssatzung 2031",
        "Haushaltssicherungskonzept, Fortschreibung",
        "Haushalts-\nsicherungskonzept",
        "Haushaltswirtschaftliche Sperre",
        "Hauswirtschaftliche Sperre 2031",
        "Eckwertebeschluss",
        "Mittelfristige Finanzplanung 2031 bis 2035",
        "Kürzung freiwilliger Leistungen",
        "THH 5000: Soziales",
        "Teilhaushalt 4 Jugend und Soziales",
        "Vorläufige Haushaltsführung",
        "Haushalt 2031",
        "Haushalt",
        "Verabschiedung des Haushalts",
        "Aufstellung des Regionshaushalts 2031",
        "Haushaltssatzung 2031 einschl. Wirtschaftsplan des Eigenbetriebs Bäder",
        "Änderungsanträge der Fraktionen A, B und C zum Haushalt",
        "2. NT 2031",
        "Haushaltssanierungsplan",
        "Beitrittsbeschluss zur Haushaltsverfügung",
    ],
)
def test_the_budget_as_a_whole_is_told(item: str) -> None:
    assert judge(item).level is Level.BUDGET


@pytest.mark.parametrize(
    "item",
    [
        "Bericht der Gleichstellungsbeauftragten",
        "Gleichstellungsplan 2031",
        "Gleichstelungsbeauftragte: Bestellung",
        "Frauenförderplan",
        "Kommunaler Präventionsrat",
        "Gender Budgeting",
        "Abberufung der Gleichst.beauftr.",
    ],
)
def test_equality_structures_are_told(item: str) -> None:
    assert judge(item).level is Level.EQUALITY


@pytest.mark.parametrize(
    "item",
    [
        "",
        "Einwohnerfragestunde",
        "Neubesetzung des Haushalts- u. Finanzausschusses 2031",
        "Haushaltsplan 2031 des Eigenbetriebs Bäder",
        "Annahme des Angebots von Zuwendungen",
        "Annahme einer Spende für den Tierpark",
        "Freiwillige Feuerwehr: Bestätigung der Wehrführung",
        "Kostenersatz für freiwillige Leistungen der Freiwilligen Feuerwehr",
        "Behindertengleichstellung im Nahverkehr",
        "Gleichstellung von Tagesmüttern und Kitas",
        "Haushaltsbefragung zur Mobilität",
        "Bürgerhaushalt 2031",
        "Folgen des Bundeshaushalts 2031",
        "Ortsteilhaushalt Musterdorf - Doppelhaushalt 2031/32",
        "THH 6450: Parkpflege",
        "Teilhaushalt 7 Grünflächen",
        "Jahresabschluss für das Haushaltsjahr 2029",
        "Haushaltsplan des Zweckverbandes Wasser",
        "Überplanmäßige Ausgabe nach § 7 der Haushaltssatzung",
        "Mittel für den Radweg im Haushalt 2031",
        "Ersatzbeschaffung eines Löschfahrzeugs, mittelfristige Finanzplanung",
        "Fachberatungsstelle für Wohnungslose",
        "Gewalt gegen Einsatzkräfte",
        "Gewaltprävention an Schulen",
        "Präventionstag",
        "Neubau einer DHH mit Carport",
        "Ermächtigungen nach der Gemeindehaushaltsverordnung",
        "Zuschuss zum Bauernhaus",
        "Ausschuss für Haushalt und Finanzen",
        "Gedenken an die Opfer von Krieg und Gewaltherrschaft",
        "SkF: Personalkosten der Ganztagsschule",
    ],
)
def test_false_friends_are_left_in_peace(item: str) -> None:
    assert judge(item) == Verdict(Level.NONE, ())


@pytest.mark.parametrize(
    ("item", "meeting", "level"),
    [
        ("Doppelhaushalt 2031/32: Anmeldungen", "Ortschaftsrat Musterdorf", Level.NONE),
        ("Zuschuss für das Frauenhaus", "Ortsbeirat Mitte", Level.SHELTER_MONEY),
        ("Haushaltssicherung: Sachstand", "Bauausschuss (öffentlich)", Level.NONE),
        ("Haushaltssicherung: Sachstand", "Sozialausschuss", Level.BUDGET),
        ("Haushaltssicherung: Sachstand", "Ausschuss für Bau, Umwelt und Finanzen", Level.BUDGET),
        ("Haushaltssatzung 2031", "Kulturausschuss", Level.BUDGET),
        ("HHS7_AB_12: Weniger Blumen", "Stadtrat", Level.NONE),
        ("HHS7_SJB_3: Zuschüsse kürzen", "Stadtrat", Level.BUDGET),
        ("HHS 2031", "Stadtrat", Level.BUDGET),
        ("Haushaltsantrag: Bänke am Markt", "Stadtrat", Level.NONE),
        ("Haushaltsanträge der Fraktionen", "Stadtrat", Level.BUDGET),
        ("Eckwerte der Verkehrsplanung", "Stadtrat", Level.NONE),
        ("Eckwerte für den Haushalt 2031", "Stadtrat", Level.BUDGET),
    ],
)
def test_where_and_how_a_budget_is_discussed_decides(item: str, meeting: str, level: Level) -> None:
    assert judge(item, meeting).level is level


def test_the_name_of_the_meeting_brings_the_money() -> None:
    assert judge("Frauennotruf", "Stadtrat (HH-Beratung)").level is Level.SHELTER_MONEY
    assert judge("Frauennotruf", "Sozialausschuss").level is Level.SHELTER
    assert judge("Finanzierung ab 2031", "Sondersitzung Frauenhaus").level is Level.SHELTER_MONEY
    assert judge("Einwohnerfragestunde", "Haushaltsberatung").level is Level.NONE


@pytest.mark.parametrize("item", ["Verein Blaue Tür", "Bericht der Blauen Tür", "BLAUE TUER e.V."])
def test_local_associations_count_as_the_help_system(item: str) -> None:
    assert judge(item).level is Level.NONE
    assert judge(item, "", ASSOCIATIONS).level is Level.SHELTER
    assert judge(item, "Haushaltsberatung 2031", ASSOCIATIONS).level is Level.SHELTER_MONEY


def test_a_word_for_money_in_an_association_is_only_its_name() -> None:
    assert judge("Förderverein Leuchtturm", "", ASSOCIATIONS).level is Level.SHELTER
    assert judge("Förderverein Leuchtturm: Zuschuss", "", ASSOCIATIONS).level is Level.SHELTER_MONEY


def test_the_words_are_shown_as_they_were_written() -> None:
    verdict = judge("Kürzung bei den FRAUENHÄUSERN", "Haushaltsberatung")
    assert verdict.matched == ("FRAUENHÄUSERN", "Kürzung", "Haushaltsberatung")


def test_a_meeting_is_as_urgent_as_its_most_urgent_item() -> None:
    items = ["Haushaltssatzung 2031", "Bericht der Gleichstellungsbeauftragten", "Zuschuss Frauenhaus"]
    assert judge_meeting("Stadtvertretung", items) == Verdict(Level.SHELTER_MONEY, ("Frauenhaus", "Zuschuss"))
    assert judge_meeting("Stadtvertretung", items[:2]) == Verdict(Level.BUDGET, ("Haushaltssatzung",))
    assert judge_meeting("Haushaltsberatung 2031", []).level is Level.BUDGET
    assert judge_meeting("Finanzausschuss", []) == Verdict(Level.NONE, ())


def test_levels_are_ordered_by_weight() -> None:
    assert [level.weight for level in Level] == [4, 3, 2, 1, 0]
    assert max(Level.NONE, Level.BUDGET, key=lambda level: level.weight) is Level.BUDGET


@given(st.text(), st.text(), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_gets_a_verdict(item: str, meeting: str, associations: list[str]) -> None:
    verdict = judge(item, meeting, associations)
    assert verdict == judge(item, meeting, associations)
    assert bool(verdict.matched) == (verdict.level is not Level.NONE)
    assert all(word in item or word in meeting for word in verdict.matched)


@pytest.mark.parametrize(
    "part", ["haushalt", "frauen und ", "in den ", "gewalt gegen ", "a-", "§ 1 ", "opfer "]
)
def test_hostile_lengths_are_judged_by_their_beginning(part: str) -> None:
    hostile = part * (100_000 // len(part))
    assert judge(hostile, hostile, ASSOCIATIONS) == judge(hostile[:1_000], hostile[:1_000], ASSOCIATIONS)


@pytest.mark.parametrize(
    ("item", "level"),
    [
        ("Straßenausbau Frauenhausstraße 12-20", Level.NONE),
        ('Bebauungsplan Nr. 17 "Am Frauenhaus"', Level.NONE),
        ("Schutzhütte am Waldweg", Level.NONE),
        ("Zuschuss für das Tierheim", Level.NONE),
        ("Haushaltsgeräte für die Kita", Level.NONE),
        ("Haushalts- und Stellenplan 2031", Level.BUDGET),
        ("Erlass der Haushalts- satzung 2031", Level.BUDGET),
        ("Anträge der Fraktionen zum Haushalt", Level.BUDGET),
        ("Ergebnishaushalt und Finanzhaushalt 2031", Level.BUDGET),
        ("2. Lesung Haushalt", Level.BUDGET),
        ("Stellenplan", Level.BUDGET),
        ("Zuschuss Frauenhs. 2031", Level.SHELTER_MONEY),
        ("Kofinanzierung Schutzhaus für Frauen", Level.SHELTER_MONEY),
        ("Gleichstellung von Rad- und Autoverkehr", Level.NONE),
    ],
)
def test_streets_cut_words_and_abbreviations_are_told_apart(item: str, level: Level) -> None:
    assert judge(item).level is level
