"""/rundruf, once it is on its way: stopped, continued, reported, sent again, corrected, taken back."""

from collections.abc import Callable

from bot.broadcast_posts import PAGE, Posts
from bot.markup import Markup
from bot.turn import GAP, Turn
from scheduler.broadcasts import Course
from store import broadcasts, circulation
from store.broadcasts import Broadcast
from store.messages import Choice, Kind

# Fits into one post on every platform, with room for what bullets and numbers add.
LONGEST_TEXT, LONGEST_WITH_FILE = 3_800, 960
# The words after "nochmal" for all chats in a state.
STATES = {"fehlgeschlagen": "failed", "failed": "failed", "unklar": "unknown", "unknown": "unknown"}


def units(text: str) -> int:
    """The length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def too_long(turn: Turn, text: str, with_file: bool) -> bool:
    """Whether a text does not fit into one post; then that was said."""
    length, most = units(text), LONGEST_WITH_FILE if with_file else LONGEST_TEXT
    if length > most:
        turn.say("rundruf.too_long", length=length, most=most)
    return length > most


def cancel(turn: Turn, one: Broadcast) -> None:
    """A broadcast that is planned for later does not take place."""
    broadcasts.change(turn.tx, one.id, turn.now, state="done", text="", file=None, ended_at=turn.now)
    turn.say("rundruf.dropped")


def _stop(turn: Turn, one: Broadcast, _: str) -> None:
    if one.state == "running":
        circulation.hold(turn.tx, one.id, turn.now)
    _show(turn, one.id)


def _go_on(turn: Turn, one: Broadcast, _: str) -> None:
    if one.state == "stopped":
        circulation.release(turn.tx, one.id, turn.now)
        turn.replanned = True
        turn.say("rundruf.goes_on", number=one.id)
    else:
        _show(turn, one.id)


def _show(turn: Turn, number: int) -> None:
    """How it goes, as an answer."""
    one = broadcasts.get(turn.tx, number)
    if one is None or one.state == "planned":
        turn.say("rundruf.planned", number=number, when=turn.when(one.starts or turn.now) if one else "")
        return
    failed = circulation.follow_ups(turn.tx, number, "failed")
    following = sum(circulation.follow_ups(turn.tx, number, "waiting").values())
    tally, undone = (
        circulation.tally(turn.tx, number),
        (failed.get(Kind.AMEND, 0), failed.get(Kind.RECALL, 0)),
    )
    course = Course(one, tally, None, following, *undone)
    shown = Posts(turn.services.texts, turn.services.config).show(turn.tx, course)
    turn.post(shown.body, *shown.choices)


def _report(turn: Turn, one: Broadcast, rest: str) -> None:
    if not rest.isdigit():
        _show(turn, one.id)
        return
    page = max(1, int(rest[:4]))
    lines = Posts(turn.services.texts, turn.services.config).page(turn.tx, one, turn.language, page)
    more = Choice(turn.label("rundruf.next_page"), f"/rundruf bericht {one.id} {page + 1}")
    choices = [more] if one.chats > page * PAGE else []
    turn.say("rundruf.pages" if lines else "rundruf.no_more", *choices, number=one.id, lines=Markup(lines))


def _again(turn: Turn, one: Broadcast, rest: str) -> None:
    """Send it once more where it failed, where nobody knows, or to one chat by its number."""
    state = STATES.get(rest.casefold())
    rows = circulation.delivered(
        turn.tx, one.id, [state] if state else ("failed", "unknown", "sent", "recalled")
    )
    if state is None:
        rows = [row for row in rows if rest.isdigit() and row.chat == int(rest[:9])]
    if not one.text:
        turn.say("rundruf.forgotten")
    elif not rows:
        turn.say("rundruf.again_whom", number=one.id)
    else:
        sent = circulation.send_again(turn.tx, one, rows, turn.now)
        turn.post(turn.count("rundruf.again", sent))
        turn.replanned = True


def _correct(turn: Turn, one: Broadcast, rest: str) -> None:
    if one.author != turn.person:
        turn.say("rundruf.not_yours")
    elif not one.text:
        turn.say("rundruf.forgotten")
    elif not rest:
        turn.ask(f"rundruf korrigieren {one.id} {GAP}", "rundruf.correct_how", number=one.id)
    elif too_long(turn, rest, one.file is not None):
        return
    elif one.state == "planned":
        broadcasts.change(turn.tx, one.id, turn.now, text=rest)
        turn.say("rundruf.reworded", number=one.id)
    else:
        edited = circulation.correct(turn.tx, one, rest, turn.now)
        turn.post(turn.count("rundruf.corrects", edited, number=one.id))
        turn.replanned = True


def _take_back(turn: Turn, one: Broadcast, rest: str) -> None:
    sent = circulation.tally(turn.tx, one.id).get("sent", 0)
    if one.state == "planned":
        cancel(turn, one)
    elif not sent and one.state == "done":
        turn.say("rundruf.nothing_out", number=one.id)
    elif rest.casefold().strip(" .!") != "ja":
        sure = Choice(turn.label("rundruf.take_back_yes"), f"/rundruf zurückrufen {one.id} ja")
        turn.post(turn.count("rundruf.take_back_sure", sent, number=one.id), sure)
    else:
        deleted = circulation.take_back(turn.tx, one, turn.now)
        turn.post(turn.count("rundruf.takes_back", deleted, number=one.id))
        turn.replanned = True


Act = Callable[[Turn, Broadcast, str], None]
RUNNING: dict[str, Act] = {
    "anhalten": _stop,
    "weiter": _go_on,
    "bericht": _report,
    "nochmal": _again,
    "korrigieren": _correct,
    "zurückrufen": _take_back,
}
