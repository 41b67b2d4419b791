"""Wishes in whole sentences are commands; questions about the same things stay questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wishes import wished
from knowledge.places import load_places

PLACES = load_places()


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Erinner mich an Schwerin", "abo Schwerin"),
        ("kannst du mich bitte an sitzungen in greifswald erinnern?", "abo Greifswald"),
        ("Erinnere uns 3 Tage vorher an Debatten im LK Rostock", "abo Landkreis Rostock 3 Tage"),
        ("sag mir bescheid wenn in wismar was ist", "abo Wismar"),
        ("please remind us of Rostock one week before", "abo Rostock one week"),
        ("Stand in Schwerin?", "stand Schwerin"),
        ("wie ist der aktuelle Stand", "stand"),
        ("Zeig mir den Stand von 2.1", "stand 2.1"),
        ("Wie weit seid ihr?", "stand"),
        ("Wie weit ist Rostock mit der Umsetzung?", "stand Rostock"),
        ("Was haben wir schon erreicht?", "stand"),
        ("was wurde bisher beschlossen", "stand"),
        ("neueste Berichte", "berichte"),
        ("zeig mir die letzten berichte!", "berichte"),
        ("ich hab mich vertippt", "meineberichte"),
        ("Mein Bericht war falsch.", "meineberichte"),
        ("Berichte über Gewalt in Rostock", None),
        ("Wie lasse ich mich an Sitzungen in Rostock erinnern?", None),
        ("Erinner mich nicht mehr an Rostock", None),
        ("Erinner mich an Mamas Geburtstag", None),
        ("Ich erinnere mich an die Sitzung in Rostock", None),
        ("Der Bescheid für das Frauenhaus in Rostock ist da", None),
        ("gib mir Bescheid, wenn in Rostock was ist", "abo Rostock"),
        ("Stand der Technik", None),
        ("haltet mich zu Wismar auf dem Laufenden", "abo Wismar"),
        ("wir würden gern wissen, wenn in Wismar was ansteht", "abo Wismar"),
        ("ich hätte gerne Erinnerungen für Wismar", "abo Wismar"),
        ("Wismar bitte raus", "abo aus Wismar"),
        ("Ich will nichts mehr von Wismar hören", "abo aus Wismar"),
        ("schalte die Erinnerungen für Wismar aus", "abo aus Wismar"),
        ("Gibt es was Neues aus Wismar?", "stand Wismar"),
        ("was gibt's neues?", "berichte"),
        (
            "informiere alle Gruppen: die Demo ist um 17 Uhr",
            "rundruf an alle Gruppen: die Demo ist um 17 Uhr",
        ),
        ("oh, den Rundruf bitte wieder löschen", "rundruf zurückrufen"),
        ("stopp den Rundruf!", "rundruf anhalten"),
        ("bitte alles sofort anhalten", "pause"),
        ("Pause bitte, alles anhalten", "pause"),
        ("weiter geht's", "pause aus"),
        ("Welche Rolle habe ich hier?", "meinedaten"),
        ("kannst du bitte alles über mich löschen", "loeschen"),
        ("Mach Kim zur Organisatorin", "einladen"),
        ("zeig mir die Gruppen", "chats"),
        ("schick mir die Termine als Kalender", "kalender"),
        ("Was wurde über mich geschrieben?", None),
        ("Wer hat den Rundruf gelöscht?", None),
        ("Was wurde in der Konvention beschlossen?", None),
        ("Ich stand vor dem Rathaus in Rostock", None),
        ("", None),
    ],
)
def test_a_sentence_asks_for_what_a_command_does(text: str, command: str | None) -> None:
    assert wished(text, PLACES) == command


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    wished(text, PLACES)
