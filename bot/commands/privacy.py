"""What is kept about a person, and how it goes: /datenschutz, /meinedaten, /loeschen."""

from bot.commands.command import Command
from bot.hashes import person_hash
from bot.markup import Markup
from bot.recipe_names import MY_DATA
from bot.turn import Turn
from store import privacy
from store.messages import Attachment, Choice


def notice(turn: Turn, _: str) -> None:
    """/datenschutz: what is kept, why, how long, and who runs the bot."""
    operator = turn.services.config.operator
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
        reviewed=Markup(_reviewed(turn)),
    )


def _reviewed(turn: Turn) -> str:
    day = turn.services.config.operator.crisis_texts_reviewed
    if day is None:
        return turn.text("privacy.not_reviewed")
    return turn.text("privacy.reviewed", day=f"{day:%d.%m.%Y}")


def my_data(turn: Turn, _: str) -> None:
    """/meinedaten: everything kept about this person, as text and as a file."""
    found = _kept(turn)
    if not found:
        turn.say("privacy.nothing")
        return
    lines = [f"- {turn.count(f'privacy.table_{name}', len(rows))}" for name, rows in found.items()]
    attachment = Attachment(MY_DATA, {"person": turn.person}, turn.label("privacy.file"))
    body = turn.text("privacy.mine", lines=Markup("\n".join(lines)), person=turn.person)
    turn.post(body, Choice(turn.label("privacy.delete"), "/loeschen"), attachment=attachment)


def erase(turn: Turn, rest: str) -> None:
    """/loeschen: shows what will go, asks, and deletes in one transaction."""
    said = rest.casefold().strip(" .!")
    if said in ("alles", "ohne mich"):
        key = person_hash(turn.services.key, turn.person)
        gone = privacy.erase(turn.tx, turn.person, key, said != "alles")
        turn.chat = type(turn.chat)(0, turn.incoming.chat.room, turn.incoming.private)
        turn.say("privacy.erased" if gone else "privacy.nothing")
        return
    found = _kept(turn)
    if not found:
        turn.say("privacy.nothing")
        return
    lines = [f"- {turn.count(f'privacy.table_{name}', len(rows))}" for name, rows in found.items()]
    turn.say("privacy.sure", *_ways(turn, "reports" in found), lines=Markup("\n".join(lines)))


def _ways(turn: Turn, has_reports: bool) -> list[Choice]:
    if not has_reports:
        return [Choice(turn.label("privacy.yes"), "/loeschen alles")]
    return [
        Choice(turn.label("privacy.keep_reports"), "/loeschen ohne mich"),
        Choice(turn.label("privacy.everything"), "/loeschen alles"),
    ]


def _kept(turn: Turn) -> dict[str, list[privacy.Row]]:
    return privacy.listed(turn.tx, turn.person, person_hash(turn.services.key, turn.person))


COMMANDS = (
    Command("datenschutz", notice, ("privacy",)),
    Command("meinedaten", my_data, ("mydata",)),
    Command(
        "loeschen",
        erase,
        ("delete", "erase"),
        lambda _, rest: rest.casefold() in ("", "alles", "ohne mich"),
    ),
)
