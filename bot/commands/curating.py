"""/wissen: organisers look after the knowledge: reload it, see what is due and what nobody could answer."""

from bot.commands.command import Command
from bot.markup import Markup, bullets, escape
from bot.texts import render_problem
from bot.turn import Turn
from bot.wisdom import read_knowledge
from errors import KnowledgeError
from knowledge.entries import Entry
from scheduler.calendar import local_day
from store import curating

MOST = 10
CLEAR = "leeren"


def knowledge(turn: Turn, rest: str) -> None:
    """/wissen: an overview; /wissen neu, faellig, fragen, stimmen: one part of it."""
    word, _, more = rest.casefold().partition(" ")
    part = PARTS.get(word)
    if part is None:
        overview(turn)
    else:
        part(turn, more.strip())


def overview(turn: Turn) -> None:
    """How the knowledge is, in numbers."""
    choices = [turn.choice(f"wissen.{word}", f"/wissen {word}") for word in PARTS]
    turn.say(
        "wissen.all",
        *choices,
        entries=len(turn.services.answerer.library.entries),
        due=len(due(turn)),
        questions=curating.count_questions(turn.tx),
        kept=turn.text("wissen.kept" if turn.services.config.operator.keep_unanswered else "wissen.not_kept"),
    )


def reload(turn: Turn, _: str) -> None:
    """Read the content again; if it is broken, the old stays and everybody learns why."""
    try:
        fresh = read_knowledge(turn.services.config)
    except KnowledgeError as error:
        shown = (render_problem(turn.texts, turn.language, one) for one in error.problems[:MOST])
        reason = turn.text(error.key, **error.details)
        turn.say("wissen.broken", reason=Markup(f"{reason}\n\n{bullets(map(escape, shown))}".strip()))
        return
    turn.after.append(lambda: turn.services.wisdom.replace(fresh))
    turn.say("wissen.loaded", entries=len(fresh.library.entries))


def due(turn: Turn) -> list[Entry]:
    """Entries whose review is due, the oldest first."""
    return turn.services.answerer.library.due(local_day(turn.now, turn.zone))


def reviews(turn: Turn, _: str) -> None:
    """What has to be read again."""
    found = due(turn)
    lines = (f"{one.review_by:%d.%m.%Y}: {escape(one.title)} ({escape(one.id)})" for one in found[:MOST])
    turn.say("wissen.due" if found else "wissen.nothing_due", count=len(found), lines=bullets(lines))


def questions(turn: Turn, rest: str) -> None:
    """What nobody could answer; "leeren" when editors have seen it."""
    if rest == CLEAR:
        turn.say("wissen.cleared", count=curating.forget_questions(turn.tx))
        return
    found = curating.kept_questions(turn.tx, MOST)
    if found:
        lines = bullets(f"{one.count} × {escape(one.text)}" for one in found)
        empty = turn.choice("wissen.clear", f"/wissen fragen {CLEAR}")
        turn.say("wissen.open", empty, lines=lines)
    elif turn.services.config.operator.keep_unanswered:
        turn.say("wissen.no_questions")
    else:
        turn.say("wissen.questions_off")


def voices(turn: Turn, _: str) -> None:
    """What people found helpful or not."""
    found = curating.all_ratings(turn.tx)[:MOST]
    library = turn.services.answerer.library
    titles = [known.title if (known := library.get(one.entry)) else one.entry for one in found]
    lines = [
        turn.text("wissen.voice", helpful=one.helpful, unhelpful=one.unhelpful, title=title)
        for one, title in zip(found, titles, strict=True)
    ]
    turn.say("wissen.voices" if found else "wissen.no_voices", lines=bullets(lines))


PARTS = {"neu": reload, "faellig": reviews, "fragen": questions, "stimmen": voices}


def is_part(_: Turn, rest: str) -> bool:
    """Whether the words behind "wissen" name one of its parts."""
    return not rest or rest.casefold().partition(" ")[0] in PARTS


COMMANDS = (Command("wissen", knowledge, ("knowledge",), is_part),)
