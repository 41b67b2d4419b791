"""Questions to the knowledge base, and browsing the four pillars."""

import re

from bot.commands.command import Command, anything
from bot.markup import Markup, bullets, escape
from bot.turn import Turn
from knowledge import crisis
from knowledge.answer import Answer
from knowledge.entries import Entry, Source
from knowledge.resolution import Measure, Pillar, resolution
from store import curating
from store.messages import Choice

ENTRY = "#"
# "säule 2" is a command, "säule 2 und was sie will" a question.
SHORT = 8
MOST_ENTRIES = 8
# More sources than these are one question away.
MOST_SOURCES = 3
HELPED, NOT_HELPED = "gut", "schlecht"
LONGEST_KEPT = 200
# What could tell somebody's address or number is not kept, whatever it is.
PRIVATE = re.compile(r"@|\d{5}|://|\d[\d /-]{6}\d")


def answer(turn: Turn, question: str) -> None:
    """Answer a question: with an entry, with a choice of entries, or by saying that it is not known."""
    # Another base may give "2.1" another meaning.
    known = turn.services.answerer.follows_resolution
    if known and (measure := resolution().asked_for(question)):
        show_measure(turn, measure)
        return
    found = turn.found(question)
    turn.after.append(lambda: turn.services.pulse.answers.update([found.kind]))
    if found.kind == "answer" and found.entry is not None:
        show_entry(turn, found.entry, found.easy)
    elif found.kind == "smalltalk":
        turn.post(escape(found.text or ""))
    elif found.kind == "suggest":
        suggest(turn, found)
    else:
        turn.say("answer.unknown", way=way_to_organisers(turn), helpline=helpline(turn))
        keep_for_editors(turn, question)


def way_to_organisers(turn: Turn) -> Markup:
    """Where people can turn with what the bot does not know."""
    operator = turn.services.config.operator
    contact = ", ".join(part for part in (operator.name, operator.contact) if part)
    way = turn.text("answer.way_contact", contact=contact) if contact else turn.text("answer.way")
    return Markup(way + other_language(turn))


def other_language(turn: Turn) -> Markup:
    """How to keep the language somebody writes in, where it is not the chat's."""
    usual = turn.chat.language or turn.services.config.language
    return Markup("") if turn.language == usual else turn.text("answer.my_language")


def keep_for_editors(turn: Turn, question: str) -> None:
    """Keep a question without person or chat, where the operator wants it; never after a crisis."""
    told = " ".join(question.split())
    wanted = turn.services.config.operator.keep_unanswered
    hushed = turn.services.wisdom.recall.hushed(turn.incoming.chat, turn.now)
    if wanted and not hushed and 0 < len(told) <= LONGEST_KEPT and not PRIVATE.search(told):
        curating.keep_question(turn.tx, told, turn.now)


def suggest(turn: Turn, found: Answer) -> None:
    """Ask which of up to three entries was meant."""
    choices = [Choice(one.entry.title, f"/frage {ENTRY}{one.entry.id}") for one in found.candidates]
    turn.say("answer.suggest", *choices)


def show_entry(turn: Turn, entry: Entry, easy: bool = False) -> None:
    """An entry with its sources and, where it is close to people in danger, the help line."""
    simple = entry.easy if easy or turn.chat.easy else None
    parts = [f"**{escape(entry.title)}**", simple or entry.answer]
    if entry.helpline:
        parts.append(helpline(turn))
    parts.append(sources(turn, entry))
    turn.post("\n\n".join(part.strip() for part in parts), *helpful_choices(turn, entry))
    chat, now, recall = turn.incoming.chat, turn.now, turn.services.wisdom.recall
    turn.after.append(lambda: recall.remember(chat, entry.id, now))


def show_passage(turn: Turn, entry: Entry, passage: str) -> None:
    """What the entry shown before says to half a question."""
    parts = [turn.text("more.passage", title=entry.title), passage]
    if entry.helpline:
        parts.append(helpline(turn))
    turn.post("\n\n".join((*parts, sources(turn, entry))))
    chat, now, recall = turn.incoming.chat, turn.now, turn.services.wisdom.recall
    turn.after.append(lambda: recall.remember(chat, entry.id, now))


def helpful_choices(turn: Turn, entry: Entry) -> list[Choice]:
    """Whether it helped: asked quietly, and only in private."""
    if not turn.incoming.private:
        return []
    return [
        turn.choice("helpful.yes", f"/frage {ENTRY}{entry.id} {HELPED}"),
        turn.choice("helpful.no", f"/frage {ENTRY}{entry.id} {NOT_HELPED}"),
    ]


def sources(turn: Turn, entry: Entry) -> str:
    """Where an entry's facts come from: one line, or the first of a list."""
    shown = [source(one) for one in entry.sources[:MOST_SOURCES]]
    if len(shown) == 1:
        return turn.text("answer.source", source=Markup(shown[0]))
    left = len(entry.sources) - len(shown)
    if left:
        shown.append(turn.text("answer.more_sources", count=left))
    return turn.text("answer.sources", sources=bullets(shown))


def source_list(turn: Turn, entry: Entry) -> Markup:
    """All sources, with the day each was read and the day the entry was checked."""
    dated = [
        turn.text("more.read", source=Markup(source(one)), date=f"{one.read:%d.%m.%Y}")
        if one.read
        else source(one)
        for one in entry.sources
    ]
    dated.append(turn.text("more.reviewed", date=f"{entry.reviewed:%d.%m.%Y}"))
    return bullets(dated)


def source(one: Source) -> str:
    """A source as people can check it: title, section, link."""
    title = escape(one.title if one.section is None else f"{one.title}, {one.section}")
    return f"[{title}]({one.url})" if one.url else title


def helpline(turn: Turn) -> Markup:
    """The line that stands under everything close to violence."""
    return Markup(crisis.footer(turn.language, turn.chat.easy))


def ask(turn: Turn, rest: str) -> None:
    """/frage: a question, an entry by its id, or how helpful that was."""
    name, _, word = rest.removeprefix(ENTRY).partition(" ")
    entry = turn.services.answerer.library.get(name) if rest.startswith(ENTRY) else None
    if entry is not None and word in (HELPED, NOT_HELPED):
        rate(turn, entry, word == HELPED)
    elif entry is not None:
        show_entry(turn, entry)
    elif rest:
        answer(turn, rest)
    else:
        turn.say("answer.which_question")


def rate(turn: Turn, entry: Entry, helpful: bool) -> None:
    """Count a voice for an entry; nobody can tell whose it was."""
    curating.rate(turn.tx, entry.id, helpful)
    turn.say("helpful.thanks" if helpful else "helpful.sorry", way=way_to_organisers(turn))


def pillars(turn: Turn, _: str) -> None:
    """/saeulen: the four pillars, each to be opened."""
    known = resolution()
    lines = bullets(f"**{pillar_title(turn, pillar)}** ({_measures(pillar)})" for pillar in known.pillars)
    choices = [Choice(pillar_title(turn, one), f"/saeule {one.number}") for one in known.pillars]
    turn.say("pillars.all", *choices, title=known.title, lines=lines)


def _measures(pillar: Pillar) -> str:
    return ", ".join(measure.roman for measure in pillar.measures)


def pillar_title(turn: Turn, pillar: Pillar) -> str:
    return turn.label("pillars.title", roman=pillar.roman, name=pillar.name)


def one_pillar(turn: Turn, rest: str) -> None:
    """/saeule 2: a pillar with its measures; /saeule 2.1: one measure with its entries."""
    known = resolution()
    measure = known.find_measure(rest)
    if measure is not None:
        show_measure(turn, measure)
    elif (named := known.references(f"Säule {rest}")).pillars:
        show_pillar(turn, known.pillars[named.pillars[0] - 1])
    elif rest:
        turn.say("pillars.unknown", said=rest[:40], count=len(known.pillars))
    else:
        pillars(turn, rest)


def show_pillar(turn: Turn, pillar: Pillar) -> None:
    lines = bullets(f"**{one.roman}** {escape(one.text)}" for one in pillar.measures)
    choices = [Choice(f"{one.roman} {one.short}", f"/saeule {one.code}") for one in pillar.measures]
    turn.say("pillars.one", *choices, title=pillar_title(turn, pillar), lines=lines)


def show_measure(turn: Turn, measure: Measure) -> None:
    entries = turn.services.answerer.library.about(measure.code)[:MOST_ENTRIES]
    choices = [Choice(one.title, f"/frage {ENTRY}{one.id}") for one in entries]
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
