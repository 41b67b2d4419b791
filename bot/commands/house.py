"""The bot itself: /start, /hilfe, /sprache, /leicht, /pause, /status."""

from datetime import datetime

from bot import condition, rights
from bot.commands.command import Command
from bot.commands.invitations import CODE, join
from bot.condition import Condition
from bot.markup import Markup, bullets, escape
from bot.retention import kept_days
from bot.turn import Turn
from store import chats
from store.messages import Choice

ON = frozenset({"", "an", "ein", "on", "ja"})
OFF = frozenset({"aus", "off", "nein", "weg"})


def start(turn: Turn, rest: str) -> None:
    """/start: who the bot is; in private one's own id and role, and what to do next.

    Telegram says "/start CODE" for people who open an invitation's link.
    """
    if not turn.incoming.private:
        turn.say("start.group")
        return
    if CODE.fullmatch(rest):
        join(turn, rest)
        return
    name, everywhere = turn.standing.role.name.lower(), turn.label("abo.everywhere")
    places = ", ".join(everywhere if place == "*" else place for place in sorted(turn.standing.places))
    role = turn.text(f"role.{name}", places=places)
    choices = [
        turn.choice("start.pillars", "/saeulen"),
        turn.choice("start.dates", "/termine"),
        turn.choice("start.help", "/hilfe"),
    ]
    next_step = turn.text(f"start.next_{name}")
    turn.say("start.private", *choices, person=turn.person, role=role, next=next_step)


def show_help(turn: Turn, _: str) -> None:
    """/hilfe: exactly what this person may do here."""
    allowed = [name for name in rights.table() if rights.allows(name, turn.standing)]
    groups = []
    for role in ("anyone", "member", "representative", "organiser"):
        # For whom a command is says the role it needs in private.
        names = [name for name in allowed if rights.needed(name, rights.Place.PRIVATE) == role]
        if names:
            lines = (f"{turn.label(f'usage.{name}')} – {turn.label(f'help.{name}')}" for name in names)
            groups.append(f"{turn.text(f'help.for_{role}')}\n\n{bullets(map(escape, lines))}")
    turn.say("help.all", groups=Markup("\n\n".join(groups)))


def _languages(turn: Turn) -> dict[str, list[str]]:
    """What people call each language: its code, its own name, and what others call it."""
    texts = turn.services.texts
    return {code: [code, *texts.get(code, "language.names").split(", ")] for code in texts.languages}


def language(turn: Turn, rest: str) -> None:
    """/sprache en: the language of this chat."""
    said = rest.casefold().strip(" .!")
    chosen = next((code for code, names in _languages(turn).items() if said in names), None)
    if chosen is None:
        own = [Choice(names[1].capitalize(), f"/sprache {code}") for code, names in _languages(turn).items()]
        turn.say("language.which", *own)
        return
    chats.change(turn.tx, turn.known_chat().id, language=chosen)
    turn.chat = chats.find(turn.tx, turn.incoming.chat)
    turn.say("language.done")


def easy(turn: Turn, rest: str) -> None:
    """/leicht: easy language as this chat's default, on or off."""
    said = rest.casefold().strip(" .!")
    wanted = not turn.chat.easy if said == "" else said not in OFF
    chats.change(turn.tx, turn.known_chat().id, easy=wanted)
    turn.say("easy.on" if wanted else "easy.off")


def pause(turn: Turn, rest: str) -> None:
    """/pause stops all posting at once; /pause aus goes on where it stopped."""
    stop = rest.casefold().strip(" .!") not in OFF
    chats.set_setting(turn.tx, chats.PAUSE, "on" if stop else None)
    if stop:
        turn.say("pause.on", turn.choice("pause.end", "/pause aus"))
    else:
        turn.say("pause.off")


def status(turn: Turn, _: str) -> None:
    """/status: how the bot is, what somebody should look after, and how long things are kept."""
    found = condition.look(turn.tx, turn.now)
    numbers = turn.text(
        "status.all",
        groups=found.groups,
        admitted=found.admitted,
        waiting=found.waiting,
        next=_when(turn, found.next_reminder),
        entries=len(turn.services.answerer.library.entries),
        backup=_when(turn, found.backup),
        paused=turn.label("status.paused" if found.paused else "status.running"),
    )
    pulse = turn.services.pulse
    known = condition.findings(found, turn.now, turn.services.platforms)
    wrong = [*condition.troubles(pulse, turn.now), *known] if pulse.since else []
    todo = bullets(turn.text(one.key, **one.details) for one in wrong)
    parts = [
        Markup(f"{numbers}{_source_lines(turn, found)}"),
        turn.text("status.todo", lines=todo) if todo else turn.text("status.fine"),
        turn.text("status.kept", lines=_kept_lines(turn)),
    ]
    turn.post("\n\n".join(parts))


def _when(turn: Turn, at: datetime | None) -> str:
    return turn.when(at) if at else turn.label("status.none")


def _source_lines(turn: Turn, found: Condition) -> str:
    """When each platform was heard, and each source could be read, one a line."""
    heard = turn.services.pulse.heard.items()
    lines = [turn.text("status.heard", platform=name, when=turn.when(at)) for name, at in heard]
    lines += [
        turn.text("status.source", source=one.name, when=_when(turn, one.last_success))
        for one in found.sources
    ]
    return "".join(f"\n- {line}" for line in lines)


def _kept_lines(turn: Turn) -> Markup:
    """How long each kind of data is kept, one a line."""
    spans = kept_days(turn.services.config).items()
    return bullets(
        f"{turn.label(f'kept.{name}')}: "
        + (turn.text("kept.until_deleted") if days is None else turn.count("kept.days", days))
        for name, days in spans
    )


def is_switch(_: Turn, rest: str) -> bool:
    """Whether the words behind a switch are nothing, "an" or "aus"."""
    said = rest.casefold().strip(" .!")
    return said in ON | OFF


def is_language(turn: Turn, rest: str) -> bool:
    return not rest or any(rest.casefold() in names for names in _languages(turn).values())


COMMANDS = (
    Command("start", start),
    Command("hilfe", show_help, ("help", "commands", "befehle")),
    Command("sprache", language, ("language",), is_language),
    Command("leicht", easy, ("easy",), is_switch),
    Command("pause", pause, (), is_switch),
    Command("status", status),
)
