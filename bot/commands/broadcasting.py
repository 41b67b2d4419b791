"""/rundruf: one message to many chats. Shown before it counts, and looked after while it runs."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.broadcast_posts import reached
from bot.broadcast_words import ALL_BUT, WHICH_HOUR, command_signs, read_audience, read_headed, read_start
from bot.commands.circulating import RUNNING, Act, cancel, too_long
from bot.commands.command import Command
from bot.markup import Markup, escape
from bot.names import MARKED
from bot.turn import GAP, Turn
from scheduler.broadcasts import DRAFT_KEPT
from scheduler.date_words import Unclear
from store import broadcasts
from store.broadcasts import Broadcast
from store.messages import LARGEST_FILE, Choice

# So many broadcasts a person may send in a day.
MOST_A_DAY = 5
DAY = timedelta(days=1)
LISTED = 5
WORDS = {
    **{one: one for one in ("senden", "verwerfen", "an", "wann", "text", "anhalten", "weiter", "bericht")},
    **{one: one for one in ("nochmal", "korrigieren", "zurückrufen")},
    **dict.fromkeys(("absenden", "abschicken"), "senden"),
    **dict.fromkeys(("stop", "stopp", "stoppen"), "anhalten"),
    **dict.fromkeys(("zurueckrufen", "löschen", "loeschen"), "zurückrufen"),
    "abbrechen": "verwerfen",
    "fortsetzen": "weiter",
    "status": "bericht",
}
ACTION = re.compile(
    rf"(?P<word>{'|'.join(WORDS)})"
    r"(?:\s+(?:nr\.?\s*|#)?(?P<number>\d{1,9}(?![.:\d]|\s*uhr\b)))?(?:\s+(?P<rest>\S.*))?",
    re.IGNORECASE | re.DOTALL,
)
# A few words without the signs of a sentence; the colon of "9:30" is none.
NAME = r"(?:[^\s:!?,]|(?<=\d):(?=\d)){1,40}"
NAMED_ONLY = re.compile(rf"{NAME}(?:[ ,]+{NAME}){{0,9}}")
# These need no number behind them to be meant: what they are about is the last one.
LATEST = frozenset({"korrigieren", "zurückrufen", "zurueckrufen"})


def broadcast(turn: Turn, rest: str) -> None:
    """/rundruf TEXT; /rundruf an Rostock, morgen 9 Uhr: TEXT; then senden, anhalten, weiter and so on."""
    said = ACTION.fullmatch(rest)
    word = WORDS[said["word"].casefold()] if said is not None else ""
    if said is not None and (said["number"] or not said["rest"] or said["word"].casefold() in LATEST):
        _act(turn, word, said["number"], said["rest"] or "")
    elif said is not None and _about_draft(turn, word, said["rest"]):
        return
    elif rest or turn.incoming.file is not None:
        _draft(turn, rest)
    else:
        _overview(turn)


def _about_draft(turn: Turn, word: str, rest: str) -> bool:
    """ "/rundruf an Rostock" says whom the draft is for, and is no text for everybody; whether it was so."""
    named = NAMED_ONLY.fullmatch(rest) is not None
    if word not in CHANGING or (word != "text" and not named):
        return False
    one = draft_of(turn)
    if one is None and word != "text":
        one = broadcasts.keep_draft(turn.tx, empty(turn), turn.now)
    if one is not None:
        CHANGING[word](turn, one, rest)
    return one is not None


# --- the draft ------------------------------------------------------------------------------------------


def draft_of(turn: Turn) -> Broadcast | None:
    """The draft this person is writing."""
    return broadcasts.draft_of(turn.tx, turn.person, turn.now - DRAFT_KEPT)


def empty(turn: Turn) -> Broadcast:
    places = () if turn.standing.covers("*") else tuple(sorted(turn.standing.places))
    return Broadcast(turn.person, turn.incoming.chat, "", places=places)


def _draft(turn: Turn, text: str) -> None:
    if all_but := ALL_BUT.fullmatch(text):
        kept = broadcasts.keep_draft(
            turn.tx, replace(empty(turn), text=all_but["text"], file=turn.incoming.file), turn.now
        )
        _readdress(turn, kept, all_but["but"])
        return
    one, headed = empty(turn), read_headed(turn, text)
    one = replace(one, text=text if headed is None else headed.text, file=turn.incoming.file)
    if headed is not None:
        to = headed.audience
        one = replace(one, places=to.places or one.places, platforms=to.platforms)
    keep(turn, one, headed.starts if headed else None)


def keep(turn: Turn, one: Broadcast, starts: datetime | Unclear | None = None) -> None:
    """Keep a draft and show it, unless something about it cannot be. It names nobody by their id."""
    one = one if isinstance(starts, Unclear) else replace(one, starts=starts or one.starts)
    one = replace(one, text=MARKED.sub(r"\1", one.text))
    foreign = [place for place in one.places if not turn.standing.covers(place)]
    if foreign:
        turn.say("termin.not_your_place", place=foreign[0])
    elif one.file is not None and int(one.file.arguments.get("size") or 0) > LARGEST_FILE:
        turn.say("rundruf.file_too_large", most=LARGEST_FILE // 2**20)
    elif not too_long(turn, one.text, one.file is not None):
        kept = broadcasts.keep_draft(turn.tx, one, turn.now)
        if isinstance(starts, Unclear):
            _ask_when(turn, kept, starts)
        elif kept.text:
            preview(turn, kept)
        else:
            turn.ask(f"rundruf text {kept.id} {GAP}", "rundruf.which_text")


def preview(turn: Turn, one: Broadcast) -> None:
    """The message just as it will look, and below it who gets it when."""
    turn.post(Markup(one.text), attachment=one.file)
    to = reached(turn.tx, turn.services.places, turn.services.platforms, one)
    if not to:
        lines: list[str] = [turn.text("rundruf.reaches_nobody")]
    else:
        platforms = sorted({chat.ref.platform for chat in to})
        lines = [
            _platform_line(turn, one, name, sum(c.ref.platform == name for c in to)) for name in platforms
        ]
    send = [Choice(turn.label("rundruf.send"), f"/rundruf senden {one.id}")] if to else []
    turn.say(
        "rundruf.preview",
        *send,
        Choice(turn.label("rundruf.whom"), f"/rundruf an {one.id}"),
        Choice(turn.label("rundruf.when"), f"/rundruf wann {one.id}"),
        Choice(turn.label("rundruf.reword"), f"/rundruf text {one.id}"),
        Choice(turn.label("rundruf.drop"), f"/rundruf verwerfen {one.id}"),
        lines=Markup("\n".join(f"- {line}" for line in lines)),
        whom=_whom(turn, one),
        when=turn.when(one.starts) if one.starts else turn.label("rundruf.at_once"),
    )


def _platform_line(turn: Turn, one: Broadcast, platform: str, count: int) -> str:
    """How many chats, and what looks different there."""
    how = [turn.count("rundruf.chats", count, platform=platform)]
    if one.file is not None and platform == "matrix":
        how.append(turn.text("rundruf.file_apart"))
    if one.file is not None and platform != one.file.arguments["platform"]:
        how.append(turn.text("rundruf.file_carried", platform=one.file.arguments["platform"]))
    how += command_signs(turn, one.text, platform)
    return "; ".join(how)


def _whom(turn: Turn, one: Broadcast) -> str:
    parts = [*one.places, *(name.capitalize() for name in one.platforms)]
    return ", ".join(parts) or turn.label("rundruf.everybody")


# --- what is done with it -------------------------------------------------------------------------------


def _act(turn: Turn, word: str, number: str | None, rest: str) -> None:
    drafting = word in DRAFTING
    one = broadcasts.get(turn.tx, int(number)) if number else _last(turn, drafting)
    if one is None or (one.state == "draft" and one.author != turn.person):
        turn.say("rundruf.no_such")
    elif (drafting and one.author != turn.person) or (
        one.author != turn.person and not turn.standing.covers("*")
    ):
        turn.say("rundruf.not_yours")
    elif drafting and (one.state != "draft" or not _fresh(turn, one)):
        if word == "verwerfen" and one.state == "planned":
            cancel(turn, one)
        else:
            turn.say("rundruf.over" if one.state == "draft" else "rundruf.already", number=one.id)
    else:
        (DRAFTING[word] if drafting else RUNNING[word])(turn, one, rest)


def _last(turn: Turn, drafting: bool) -> Broadcast | None:
    if drafting:
        return draft_of(turn)
    return next(iter(broadcasts.latest(turn.tx, 1, turn.person)), None)


def _fresh(turn: Turn, one: Broadcast) -> bool:
    known = draft_of(turn)
    return known is not None and known.id == one.id


def _send(turn: Turn, one: Broadcast, _: str) -> None:
    """Its author says that it is to go out."""
    if not one.text:
        turn.ask(f"rundruf text {one.id} {GAP}", "rundruf.which_text")
        return
    if broadcasts.confirmed_since(turn.tx, turn.person, turn.now - DAY) >= MOST_A_DAY:
        turn.say("rundruf.enough", most=MOST_A_DAY)
        return
    starts = max(one.starts or turn.now, turn.now)
    broadcasts.change(turn.tx, one.id, turn.now, state="planned", starts=starts, confirmed_at=turn.now)
    turn.replanned = True
    if starts > turn.now:
        cancel = Choice(turn.label("rundruf.cancel"), f"/rundruf verwerfen {one.id}")
        turn.say("rundruf.planned", cancel, number=one.id, when=turn.when(starts))


def _drop(turn: Turn, one: Broadcast, _: str) -> None:
    broadcasts.drop(turn.tx, one.id)
    turn.say("rundruf.dropped")


def _readdress(turn: Turn, one: Broadcast, rest: str) -> None:
    if not rest:
        turn.ask(f"rundruf an {one.id} {GAP}", "rundruf.whom_how", *_audiences(turn))
        return
    audience = read_audience(turn, rest)
    if audience.unread:
        turn.ask(f"rundruf an {one.id} {GAP}", "rundruf.whom_unread", said=audience.unread[:60])
        return
    own = empty(turn).places
    keep(turn, replace(one, places=audience.places or own, platforms=audience.platforms))


def _audiences(turn: Turn) -> list[Choice]:
    to = reached(turn.tx, turn.services.places, turn.services.platforms, empty(turn))
    platforms = sorted({chat.ref.platform.capitalize() for chat in to})
    places = sorted({chat.place for chat in to if chat.place})
    names = [*(platforms if len(platforms) > 1 else []), *places[:6]]
    return [Choice(turn.label("rundruf.everybody"), "alle"), *(Choice(name, name) for name in names)]


def _reschedule(turn: Turn, one: Broadcast, rest: str) -> None:
    now = Choice(turn.label("rundruf.at_once"), "jetzt")
    if not rest:
        turn.ask(f"rundruf wann {one.id} {GAP}", "rundruf.when_how", now)
        return
    starts = read_start(turn, rest)
    if isinstance(starts, Unclear):
        _ask_when(turn, one, starts)
    else:
        keep(turn, replace(one, starts=starts))


def _ask_when(turn: Turn, one: Broadcast, unclear: Unclear) -> None:
    options = [
        Choice(turn.when(at), f"{at.astimezone(turn.services.zone):%d.%m.%Y %H:%M}") for at in unclear.options
    ]
    known = f"am {unclear.details['day']} um " if unclear.key == WHICH_HOUR else ""
    turn.ask(f"rundruf wann {one.id} {known}{GAP}", unclear.key, *options, **unclear.details)


def _reword(turn: Turn, one: Broadcast, rest: str) -> None:
    if rest:
        keep(turn, replace(one, text=rest, file=turn.incoming.file or one.file))
    else:
        turn.ask(f"rundruf text {one.id} {GAP}", "rundruf.which_text")


def _overview(turn: Turn) -> None:
    """The last ones, and the question what the next shall say."""
    known = broadcasts.latest(turn.tx, LISTED)
    lines = [f"- {_summary(turn, one)}" for one in known]
    choices = [
        Choice(turn.label("rundruf.report_of", number=one.id), f"/rundruf bericht {one.id}") for one in known
    ]
    turn.ask(f"rundruf {GAP}", "rundruf.how", *choices, lines=Markup("\n".join(lines)))


def _summary(turn: Turn, one: Broadcast) -> str:
    when: datetime | None = one.starts or one.confirmed_at
    return turn.text(
        "rundruf.summary",
        number=one.id,
        when=turn.when(when) if when else "",
        whom=_whom(turn, one),
        state=turn.label(f"rundruf.stands_{'cancelled' if one.cancelled else one.state}"),
        sent=one.sent,
        chats=one.chats,
        who=escape(one.author) if one.author else turn.label("rundruf.somebody"),
    )


DRAFTING: dict[str, Act] = {
    "senden": _send,
    "verwerfen": _drop,
    "an": _readdress,
    "wann": _reschedule,
    "text": _reword,
}
CHANGING = {word: DRAFTING[word] for word in ("an", "wann", "text")}
COMMANDS = (
    Command("rundruf", broadcast, ("broadcast",), lambda _, rest: not rest or bool(ACTION.fullmatch(rest))),
)
