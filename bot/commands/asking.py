"""Questions to the knowledge base, and browsing the four pillars."""

from bot.commands.command import Command, anything
from bot.markup import Markup, escape
from bot.turn import Turn
from knowledge import crisis
from knowledge.answer import Answer
from knowledge.entries import Entry, Source
from knowledge.resolution import Measure, Pillar, resolution
from store.messages import Choice

ENTRY = "#"
# "säule 2" is a command, "säule 2 und was sie will" a question.
SHORT = 8
MOST_ENTRIES = 8


def answer(turn: Turn, question: str) -> None:
    """Answer a question: with an entry, with a choice of entries, or by saying that it is not known."""
    found = turn.found(question)
    if found.kind == "answer" and found.entry is not None:
        show_entry(turn, found.entry)
    elif found.kind == "smalltalk":
        turn.post(escape(found.text or ""))
    elif found.kind == "suggest":
        suggest(turn, found)
    else:
        turn.say("answer.unknown", helpline=helpline(turn))


def suggest(turn: Turn, found: Answer) -> None:
    """Ask which of up to three entries was meant."""
    choices = [Choice(one.entry.title, f"/frage {ENTRY}{one.entry.id}") for one in found.candidates]
    turn.say("answer.suggest", *choices)


def show_entry(turn: Turn, entry: Entry) -> None:
    """An entry with its sources and, where it is close to people in danger, the help line."""
    easy = turn.chat.easy and entry.easy
    parts = [f"**{escape(entry.title)}**", (entry.easy if easy else entry.answer) or ""]
    if entry.helpline:
        parts.append(helpline(turn))
    parts.append(sources(turn, entry))
    turn.post("\n\n".join(part.strip() for part in parts))


def sources(turn: Turn, entry: Entry) -> str:
    """Where an entry's facts come from: one line, or a list."""
    shown = [source(one) for one in entry.sources]
    if len(shown) == 1:
        return turn.text("answer.source", source=Markup(shown[0]))
    return turn.text("answer.sources", sources=Markup("\n".join(f"- {one}" for one in shown)))


def source(one: Source) -> str:
    """A source as people can check it: title, section, link."""
    title = escape(one.title if one.section is None else f"{one.title}, {one.section}")
    return f"[{title}]({one.url})" if one.url else title


def helpline(turn: Turn) -> Markup:
    """The line that stands under everything close to violence."""
    return Markup(crisis.footer(turn.language, turn.chat.easy))


def ask(turn: Turn, rest: str) -> None:
    """/frage: a question, or an entry by its id."""
    entry = turn.services.answerer.library.get(rest[1:]) if rest.startswith(ENTRY) else None
    if entry is not None:
        show_entry(turn, entry)
    elif rest:
        answer(turn, rest)
    else:
        turn.say("answer.which_question")


def pillars(turn: Turn, _: str) -> None:
    """/saeulen: the four pillars, each to be opened."""
    known = resolution()
    lines = [f"**{pillar_title(turn, pillar)}** ({_measures(pillar)})" for pillar in known.pillars]
    choices = [Choice(pillar_title(turn, one), f"/saeule {one.number}") for one in known.pillars]
    turn.say(
        "pillars.all", *choices, title=known.title, lines=Markup("\n".join(f"- {line}" for line in lines))
    )


def _measures(pillar: Pillar) -> str:
    return ", ".join(measure.roman for measure in pillar.measures)


def pillar_title(turn: Turn, pillar: Pillar) -> str:
    return turn.label("pillars.title", roman=pillar.roman, name=pillar.name)


def one_pillar(turn: Turn, rest: str) -> None:
    """/saeule 2: a pillar with its measures; /saeule 2.1: one measure with its entries."""
    known = resolution()
    named = known.references(f"Säule {rest}")
    measure = known.find_measure(rest)
    if measure is not None:
        show_measure(turn, measure)
    elif named.pillars:
        show_pillar(turn, known.pillars[named.pillars[0] - 1])
    elif rest:
        turn.say("pillars.unknown", said=rest[:40], count=len(known.pillars))
    else:
        pillars(turn, rest)


def show_pillar(turn: Turn, pillar: Pillar) -> None:
    lines = Markup("\n".join(f"- **{one.roman}** {escape(one.text)}" for one in pillar.measures))
    choices = [Choice(f"{one.roman} {one.short}", f"/saeule {one.code}") for one in pillar.measures]
    turn.say("pillars.one", *choices, title=pillar_title(turn, pillar), lines=lines)


def show_measure(turn: Turn, measure: Measure) -> None:
    entries = [one for one in turn.services.answerer.library.entries if measure.code in one.measures]
    # What is about this measure alone comes before what touches it.
    entries.sort(key=lambda one: (len(one.measures), measure.code not in one.title))
    choices = [Choice(one.title, f"/frage {ENTRY}{one.id}") for one in entries[:MOST_ENTRIES]]
    turn.say("pillars.measure", *choices, roman=measure.roman, short=measure.short, text=measure.text)


def emergency(turn: Turn, _: str) -> None:
    """/notfall: where to get help, for whoever asks."""
    turn.post(
        crisis.text_for(crisis.Need.VIOLENCE, "private" if turn.incoming.private else "group", turn.language)
    )


def names_pillar(_: Turn, rest: str) -> bool:
    """Whether the words behind "säule" are just a number."""
    named = resolution().references(f"Säule {rest}")
    return not rest or (len(rest) < SHORT and bool(named.measures or named.pillars or named.unknown))


COMMANDS = (
    Command("frage", ask, ("ask", "question"), anything),
    Command("saeulen", pillars, ("pillars",)),
    Command("saeule", one_pillar, ("pillar", "massnahme", "measure"), names_pillar),
    Command("notfall", emergency, ("emergency", "hilfetelefon", "sos", "notruf")),
)
