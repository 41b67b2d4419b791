"""Whole sentences that ask for what a command does: one table, a command and the ways people say it.

In a way, words in brackets may be left out, "|" parts words that fit there; umlauts may be spelt out.
"""

import re
from typing import Final

# Whoever asks is telling nothing.
ASKING = re.compile(
    r"\b(?:wer|wie|was|wann|warum|wieso|welche\w*|ob|who|how|what|when|why|which)\b|\?\s*$", re.IGNORECASE
)

WAYS: Final = """
loeschen
    (bitte) lösche|lösch|löschen|vergiss (bitte) (alle) (meine) daten (von|über|zu) (mir|mich) (bitte)
    (bitte) lösche|lösch|löschen (bitte) alle daten zu meiner person (bitte)
    (bitte) (alle) (meine) daten (von mir) (bitte) lösche|löschen
    (bitte) lösche|lösch|vergiss (bitte) (alles) (von|über) mich|mir
    (bitte) alles von|über mir|mich löschen|löschst|vergisst|vergessen (bitte)
    (please) delete|erase|forget (all) my data
    (please) delete|erase|forget me
meinedaten
    was hast|habt|weißt|wisst|speicherst du|ihr (alles) von|über mir|mich (gespeichert)
    welche daten hast|habt|speicherst du|ihr (von|über) (mir|mich) (gespeichert)
    hast du (irgendwelche) daten von|über mir|mich (gespeichert)
    was ist|steht (hier) (alles) von|über mir|mich (bekannt|gespeichert)
    (bitte) exportiere|exportier|zeig|zeige|schick|gib (mir) (bitte) (alle) meine daten
    welche rolle hab|habe ich (hier)
    bin ich (hier) admin|organisatorin|organisator|vertreterin|vertreter|mitglied
    what do you know about me
sprache en
    (can|could|do) (you) (please) (speak|in) (switch to) english|englisch (please|bitte)
sprache de
    (wieder|bitte) (auf) deutsch|german (bitte|please)
abos
    was|welche hab|habe|haben ich|wir (denn|alles|hier|gerade) abonniert
    welche abos hab|habe|haben ich|wir (denn|alles|hier|gerade)
    (zeig|zeige) (mir) meine abos|erinnerungen
    stop|stopp|aufhören (damit|bitte)
bericht zurückziehen
    (bitte) lösche|lösch (den|meinen) (letzten) bericht (wieder)
    (den|meinen) (letzten) bericht (wieder) löschen|zurückziehen|zurücknehmen
stand
    was wurde|ist (denn|schon|bisher|bereits|alles) erreicht|beschlossen|umgesetzt|geschafft
    was haben|habt wir|ihr (denn|schon|bisher|bereits|alles) erreicht|beschlossen|umgesetzt|geschafft
berichte
    (zeig|zeige) (mir|uns) (die|alle) neuen|neueste|neuesten|neusten|letzten|aktuellen berichte|meldungen
    was gibt's|gibt (es) neues
    (gibt) (es) was|etwas neues
    (show) (me|us) (all) (the) latest|last|recent|new reports
meineberichte
    (ich) hab|habe mich vertippt|verschrieben|geirrt
    mein|der|dieser bericht ist|war falsch
hilfe
    hilfe|help (bitte) (was) (geht) (hier)
    was geht (denn) hier
    was kann ich hier (alles) machen|tun
    kann ich hier (auch) was|berichte|termine schreiben|eintragen|melden
    (wie) funktioniert das hier
kalender
    (den|die|das) kalender|kalenderadresse|ics abonnieren|abonniere|bekommen|haben
    (bitte) (schick|schicke|gib|zeig) (mir|uns) (die|alle|unsere) termine als kalender|kalenderdatei|ics|datei
pause
    (bitte) (sofort) (pause) (bitte) alles|alle (sendungen|nachrichten) (sofort|bitte) anhalten|stoppen
    stopp|stoppe|stop|halt|halte (bitte) alles|alle (sendungen|nachrichten) (an)
    (bitte) nichts mehr senden|verschicken|posten
pause aus
    (es|jetzt) (kann|geht) weiter (geht's|gehen|machen|senden)
    (mach|macht) weiter (mit) (dem) (senden)
    (die) pause (ist) beenden|vorbei|ende|aufheben|aus
rundruf anhalten
    (bitte) stopp|stoppe|stop|halt|halte (bitte) (den|diesen) rundruf (an)
    (den) rundruf (bitte) (sofort) stoppen|anhalten|unterbrechen
rundruf zurückrufen
    (bitte) (den) (letzten) rundruf (bitte) (wieder) zurückholen|zurücknehmen|zurückziehen|löschen
    (bitte) lösch|lösche (den) (letzten) rundruf (wieder)
rundruf bericht
    was wurde (heute|gestern|zuletzt) (alles) verschickt|gesendet
    wie lief|läuft der (letzte) rundruf
chats
    (zeig|zeige) (mir|uns) (die|alle|unsere) gruppen|chats
    wie|welche (viele) gruppen|chats sind|machen (denn) (dabei|mit|zugelassen)
    wie|welche (viele) gruppen|chats haben|erreichen|gibt wir|es
rollen
    wer sind (unsere|die|alle) vertreterinnen|vertreter|organisatorinnen|organisatoren
    wer ist (hier) (alles) vertreterin|vertreter|organisatorin|organisator
einladen
    (bitte) mach|mache|gib|ernenne @ zur|zum|als|rolle organisatorin|organisator|vertreterin @
    (bitte) mach|mache|gib|ernenne @ zur|zum|als|rolle vertreter|mitglied @
    @ soll (zur|zum|neue|neuer) organisatorin|organisator|vertreterin|vertreter|mitglied werden|sein @
"""
SPELT: Final = (("ä", "(?:ä|ae)"), ("ö", "(?:ö|oe)"), ("ü", "(?:ü|ue)"), ("ß", "(?:ß|ss)"), ("'", "'?"))
# A name, or what else stands in that place.
ANY: Final = "@"


def pattern(way: str) -> re.Pattern[str]:
    """A way of the table as a pattern for the whole of a sentence."""
    parts = re.findall(r"\([^)]*\)|\S+", way)
    said = "".join(map(_part, parts))
    for plain, both in SPELT:
        said = said.replace(plain, both)
    return re.compile(rf"{said}\W*", re.IGNORECASE)


def _part(part: str) -> str:
    if part == ANY:
        return r"(?:[^?]{1,60}?(?:[\s,.!]+|$))?"
    words = rf"(?:{part.strip('()')})(?:[\s,.!]+|\W*$)"
    return f"(?:{words})?" if part[0] == "(" else words


def table(text: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every way of the table with its command, in the order written."""
    command, rows = "", []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith(" "):
            rows.append((command, pattern(line.strip())))
        else:
            command = line
    return tuple(rows)


PLAIN: Final = table(WAYS)
