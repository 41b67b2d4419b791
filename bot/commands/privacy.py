"""What is kept about a person, and how it goes: /datenschutz, /meinedaten, /loeschen."""

from bot.commands.command import Command
from bot.drawn import MY_DATA
from bot.hashes import person_hash
from bot.markup import Markup, bullets
from bot.turn import Turn
from store import privacy
from store.messages import Attachment

Kept = dict[str, list[privacy.Row]]
WHAT = ("alles", "ohne mich")


def notice(turn: Turn, _: str) -> None:
    """/datenschutz: what is kept, why, how long, and who runs the bot."""
    operator, day = turn.services.config.operator, turn.services.config.operator.crisis_texts_reviewed
    kept = turn.services.config.retention
    turn.say(
        "privacy.notice",
        questions=turn.text(
            "privacy.questions_kept" if operator.keep_unanswered else "privacy.questions_not_kept"
        ),
        operator=operator.name or turn.label("privacy.no_operator"),
        contact=operator.contact or turn.label("privacy.no_contact"),
        seen=kept.seen or 0,
        choices=kept.choices or 0,
        reviewed=turn.text("privacy.reviewed", day=f"{day:%d.%m.%Y}")
        if day
        else turn.text("privacy.not_reviewed"),
    )


def my_data(turn: Turn, _: str) -> None:
    """/meinedaten: everything kept about this person, as text and as a file."""
    found = _kept(turn)
    if not found:
        turn.say("privacy.nothing")
        return
    attachment = Attachment(MY_DATA, {"person": turn.person}, turn.label("privacy.file"))
    body = turn.text("privacy.mine", lines=_lines(turn, found), person=turn.person)
    turn.post(body, turn.choice("privacy.delete", "/loeschen"), attachment=attachment)


def erase(turn: Turn, rest: str) -> None:
    """/loeschen: shows what will go, asks, and deletes in one transaction."""
    said = rest.casefold().strip(" .!")
    if said in WHAT:
        key = person_hash(turn.services.key, turn.person)
        gone = privacy.erase(turn.tx, turn.person, key, said != "alles")
        turn.chat = type(turn.chat)(0, turn.incoming.chat.room, turn.incoming.private)
        turn.say("privacy.erased" if gone else "privacy.nothing")
        return
    found = _kept(turn)
    if not found:
        turn.say("privacy.nothing")
        return
    ways = [turn.choice("privacy.keep_reports", "/loeschen ohne mich")] if "reports" in found else []
    all_of_it = turn.choice("privacy.everything" if ways else "privacy.yes", "/loeschen alles")
    turn.say("privacy.sure", *ways, all_of_it, lines=_lines(turn, found))


def _lines(turn: Turn, found: Kept) -> Markup:
    return bullets(turn.count(f"privacy.table_{name}", len(rows)) for name, rows in found.items())


def _kept(turn: Turn) -> Kept:
    return privacy.listed(turn.tx, turn.person, person_hash(turn.services.key, turn.person))


COMMANDS = (
    Command("datenschutz", notice, ("privacy",)),
    Command("meinedaten", my_data, ("mydata",)),
    Command("loeschen", erase, ("delete", "erase"), lambda _, rest: rest.casefold() in ("", *WHAT)),
)
