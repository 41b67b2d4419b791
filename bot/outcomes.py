"""How a measure fared: the one table of outcomes, their signs, colours, and the words people use for them.

Labels live in the catalogues as f"outcome.{key}". The colours are those of Okabe and Ito ("Color Universal
Design", 2008), which people with any common colour blindness tell apart; the signs say the same without them.
"""

from dataclasses import dataclass

from knowledge.resolution import resolution


@dataclass(frozen=True)
class Outcome:
    """One outcome: `key` is stored, `sign` is one character, `colour` an sRGB hex value.

    `name` is what the bot itself writes; `spellings` and `fuzzy` are the words people use, lower case and
    without umlauts; those in `fuzzy` are recognised with typos too. What only `hints` at it is asked about.
    """

    key: str
    name: str
    sign: str
    colour: str
    fuzzy: tuple[str, ...]
    spellings: tuple[str, ...]
    hints: tuple[str, ...] = ()


def measure_name(code: str) -> str:
    """A measure as people know it: "II.1 Schutzplätze"; by its code alone where it is none."""
    known = resolution().measure(code)
    return f"{known.roman} {known.short}" if known else code


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a block of text, separated by commas."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


OUTCOMES = (
    Outcome(
        key="eingebracht",
        name="eingebracht",
        sign="→",
        colour="#56B4E9",
        fuzzy=phrases("eingebracht, eingereicht, beantragt"),
        spellings=phrases("""
            einbringen, eingebracht worden, einreichen, antrag gestellt, antrag vorgelegt, bringen
            ein, brachten ein, bringt ein, brachte ein, reichen ein, reichten ein, antrag ist raus,
            steht auf der tagesordnung, steht auf der to, eingebr, submitted, proposed, introduced,
            brought in, filed
        """),
    ),
    Outcome(
        key="beschlossen",
        name="beschlossen",
        sign="✓",
        colour="#009E73",
        fuzzy=phrases("""
            beschlossen, angenommen, zugestimmt, verabschiedet, bewilligt, genehmigt, befurwortet,
            durchgekommen, durchgegangen, durchgewunken, durchgewinkt, durchgesetzt
        """),
        spellings=phrases("""
            beschliessen, beschliesst, beschloss, beschluss gefasst, nimmt an, nahm an, stimmt zu,
            stimmte zu, stimmten zu, durchbekommen, durchgekriegt, durchgebracht, durchgeboxt, ging
            durch, gingen durch, geht durch, kam durch, kamen durch, ist durch, sind durch, durch,
            abgenickt, beschl, angen, passed, adopted, approved, accepted, agreed, decided, carried
        """),
        hints=phrases("""
            gewonnen, gut aus, gut gelaufen, gut ausgegangen,
            geklappt, geschafft, gereicht, zustimmung, annahme, erfolg, erfolgreich,
            mehrheit gefunden, eine mehrheit, mehrheit dafur, alle dafur, empfohlen, won
        """),
    ),
    Outcome(
        key="teilweise_beschlossen",
        name="teilweise beschlossen",
        sign="◐",
        colour="#F0E442",
        fuzzy=phrases("teilweise"),
        spellings=phrases("""
            teilw, tw, z t, teils, zum teil, in teilen, nur ein teil, halb beschlossen, halb durch,
            zur halfte, grosstenteils, uberwiegend, weitgehend, abgespeckt, abgeschwacht,
            abgeschwachter form, mit abstrichen, teilbeschluss, teilbeschlossen, partly, partially, in
            part
        """),
    ),
    Outcome(
        key="abgelehnt",
        name="abgelehnt",
        sign="✗",
        colour="#D55E00",
        fuzzy=phrases(
            "abgelehnt, abgeschmettert, zuruckgewiesen, durchgefallen, gescheitert, niedergestimmt"
        ),
        spellings=phrases("""
            ablehnen, ablehnung, lehnt ab, lehnte ab, lehnten ab, lehnen ab, fiel durch, keine
            mehrheit, ohne mehrheit, nicht durchgekommen, nicht durchgegangen, kam nicht durch, ging
            nicht durch, kamen nicht durch, gingen nicht durch, nicht angenommen, nicht zugestimmt,
            nicht bewilligt, nicht genehmigt, nicht befurwortet, keine zustimmung, mehrheit dagegen,
            alle dagegen, stimmt dagegen, stimmte dagegen, stimmten dagegen, verworfen, abgewiesen, gekippt,
            weggestimmt, abgebugelt, abgel, rejected, defeated, declined, refused, failed, voted down,
            turned down, no majority
        """),
        hints=phrases("""
            verloren, schlecht aus, schlecht gelaufen, schlecht ausgegangen,
            niederlage, erfolglos, vom tisch, beerdigt, gestorben, blockiert, verhindert,
            kassiert, lost
        """),
    ),
    Outcome(
        key="vertagt",
        name="vertagt",
        sign="…",
        colour="#CC79A7",
        fuzzy=phrases(
            "vertagt, verschoben, zuruckgestellt, aufgeschoben, verwiesen, uberwiesen, zuruckverwiesen"
        ),
        spellings=phrases("""
            vertagen, vertagung, verschieben, vertagte, vertagten, verschob, verschoben worden, vert,
            geschoben, auf eis gelegt, auf eis, lange bank, postponed, adjourned, deferred, delayed,
            put off, referred
        """),
        hints=phrases("""
            nachstes mal, nachste sitzung, nachsten sitzung, kommt wieder, kommt nochmal, kommt noch
            mal, in den ausschuss, keine entscheidung, nicht entschieden, kein beschluss, nicht
            abgestimmt, next time
        """),
    ),
    Outcome(
        key="nicht_behandelt",
        name="nicht behandelt",
        sign="○",
        colour="#999999",
        fuzzy=phrases("unbehandelt, ausgefallen, abgesetzt, nichtbehandelt"),
        spellings=phrases("""
            nicht auf der tagesordnung, nicht auf der to, von der tagesordnung genommen, von der
            tagesordnung gestrichen, runter von der tagesordnung, runter von der to, von der to
            genommen, von der to gestrichen, fiel aus, not discussed, not dealt with, not on the
            agenda, not heard, not considered
        """),
        hints=phrases("zuruckgezogen, zuruckgenommen, withdrawn"),
    ),
    Outcome(
        key="gekuerzt",
        name="gekürzt",
        sign="↓",
        colour="#E69F00",
        fuzzy=phrases("gekurzt, gestrichen, reduziert, zusammengestrichen, eingespart, halbiert"),
        spellings=phrases("""
            kurzen, kurzung, kurzt, kurzte, kurzten, streichen, streichung, weniger geld, eingedampft,
            gestutzt, rausgestrichen, weggestrichen, cut, cut back, reduced, slashed
        """),
        hints=phrases("rausgeflogen, rausgenommen, gedeckelt, weniger, nicht mehr im haushalt"),
    ),
    Outcome(
        key="umgesetzt",
        name="umgesetzt",
        sign="★",
        colour="#0072B2",
        fuzzy=phrases("umgesetzt, verwirklicht, realisiert, abgeschlossen"),
        spellings=phrases("""
            umsetzen, setzt um, setzen um, setzte um, setzten um, erledigt, fertig, vollzogen, lauft
            jetzt, lauft nun, lauft schon, lauft bereits, lauft endlich, lauft seit, jetzt lauft,
            ist in kraft, sind in kraft, jetzt in kraft, in kraft seit, in kraft getreten,
            implemented, carried out, done, completed, in place
        """),
        hints=phrases("""
            lauft, laufen, angelaufen, gestartet, eroffnet, eingerichtet, besetzt, eingestellt,
            stattgefunden, durchgefuhrt, unterzeichnet, unterschrieben, in betrieb, in kraft, running,
            started, opened
        """),
    ),
)

BY_KEY = {outcome.key: outcome for outcome in OUTCOMES}

NOT_TREATED = BY_KEY["nicht_behandelt"]
TREATED = phrases("""
    behandelt, beraten, besprochen, diskutiert, aufgerufen, drangekommen, dran, abgestimmt, verhandelt, dealt,
    discussed, considered, heard
""")
"""Words that say nothing by themselves, and `NOT_TREATED` behind a "nicht"."""

INSTEAD = {
    "eingebracht": ("nicht_behandelt", "vertagt"),
    "beschlossen": ("abgelehnt", "vertagt", "nicht_behandelt"),
    "teilweise_beschlossen": ("abgelehnt", "beschlossen", "vertagt"),
    "abgelehnt": ("beschlossen", "teilweise_beschlossen", "vertagt"),
    "vertagt": ("beschlossen", "abgelehnt", "nicht_behandelt"),
    "nicht_behandelt": ("beschlossen", "abgelehnt", "vertagt"),
    "gekuerzt": ("beschlossen", "umgesetzt"),
    "umgesetzt": ("beschlossen", "vertagt", "abgelehnt"),
}
"""What may be meant by "nicht" and an outcome: "nicht beschlossen" can be a no or a not yet."""
