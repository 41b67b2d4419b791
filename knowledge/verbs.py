"""Strong verbs: "ausgestiegen", "beschließt" and "nahm … auf" lead to the verb they are forms of."""

from typing import Final

# The infinitive and the forms whose vowel changes. Forms that are better known as nouns
# ("Bund", "Stand", "Gefahr", "Verdacht") are left out; prefixes are taken care of.
_STRONG: Final = """
    beginnen begann begonnen, bleiben blieb geblieben
    brechen bricht brach gebrochen, brennen brannte gebrannt, bringen brachte gebracht
    dringen drang gedrungen, empfehlen empfiehlt empfahl empfohlen
    fahren fährt, fallen fällt fiel gefallen, fangen fängt fing gefangen
    finden fand gefunden, fliegen flog geflogen, fliehen floh geflohen, fließen floss geflossen
    geben gibt gab gegeben, gehen ging gegangen, gelten gilt galt gegolten, gewinnen gewonnen
    greifen griff gegriffen, halten hielt, hängen hing gehangen, heben hob gehoben
    helfen hilft half geholfen, kennen kannte gekannt, kommen kam gekommen, laden lädt lud geladen
    lassen lässt ließ gelassen, laufen läuft lief gelaufen, leiden litt gelitten, lesen liest las gelesen
    nehmen nimmt nahm genommen, nennen nannte genannt, raten rät riet, reißen riss gerissen
    rennen rannte gerannt, rufen rief gerufen, schaffen schuf geschaffen, scheiden schied geschieden
    scheinen schien geschienen, schieben schob geschoben, schlafen schläft schlief geschlafen
    schlagen schlägt schlug geschlagen, schließen schloss geschlossen, schneiden schnitt geschnitten
    schreiben schrieb geschrieben, schreien schrie geschrien, schweigen schwieg geschwiegen
    sehen sieht sah gesehen, senden sandte gesandt, sinken sank gesunken, sitzen saß gesessen
    sprechen spricht sprach gesprochen, springen sprang gesprungen, stehlen stiehlt stahl gestohlen
    steigen stieg gestiegen, sterben stirbt starb gestorben, stoßen stößt stieß gestoßen
    streichen strich gestrichen, streiten stritt gestritten, tragen trägt trug getragen
    treffen trifft traf getroffen, treiben trieb getrieben, treten tritt trat getreten
    trinken trank getrunken, verlieren verlor verloren, wachsen wächst wuchs gewachsen
    weichen wich gewichen, weisen wies gewiesen, werben wirbt warb geworben
    werfen wirft warf geworfen, wissen wusste gewusst, ziehen zog gezogen, zwingen zwang gezwungen
"""
_SEPARABLE: Final = (
    "zusammen zuruck wieder weiter nieder heraus hinaus herein hinein durch fest fort frei nach teil"
    " auf aus bei ein her hin los mit vor weg ab an um zu"
)
_INSEPARABLE: Final = "unter wider miss emp ent ver zer uber be er ge"
SEPARABLE: Final = tuple(_SEPARABLE.split())
PREFIXES: Final = tuple(sorted((*SEPARABLE, *_INSEPARABLE.split()), key=lambda prefix: -len(prefix)))


def strong_forms() -> list[tuple[str, str]]:
    """Every form with its infinitive; participles also without "ge", as in "beschlossen"."""
    verbs = [verb.split() for line in _STRONG.splitlines() for verb in line.split(",") if verb.strip()]
    pairs = [(form, verb[0]) for verb in verbs for form in verb]
    return pairs + [(form[2:], verb) for form, verb in pairs if form.startswith("ge") > verb.startswith("ge")]
