"""What it means when a message that became a report is edited or deleted: it is said as a command."""

from dataclasses import replace

from bot.report_draft import render_report
from bot.report_line import read_report
from knowledge.places import Places
from store import reports
from store.database import Transaction
from store.messages import ChatRef
from store.reports import Report

COMMAND_SIGNS = "/!"


def standing_reports(tx: Transaction, chat: ChatRef, message_id: str, person: str) -> list[Report]:
    """The reports that this person made of one message, and that still stand."""
    made = reports.of_message(tx, f"{chat.room}#{message_id}")
    return [one for one in made if one.person == person and not one.withdrawn]


def corrections(made: list[Report], text: str, places: Places) -> list[str]:
    """The sentences that bring reports in line with the edited text of their message."""
    said = text.strip()
    if said[:1] in COMMAND_SIGNS and len(said) > 1:
        said = said.partition(" ")[2].strip()
    if len(made) == 1:
        return [f"/bericht korrigieren {made[0].id} {said}"]
    draft = read_report(said, places)
    return [
        f"/bericht korrigieren {one.id} {render_report(replace(draft, measures=(one.measure,)))}"
        if one.measure in draft.measures
        else f"/bericht zurückziehen {one.id}"
        for one in made
    ]


def withdrawals(made: list[Report]) -> list[str]:
    """The sentences that withdraw the reports of a deleted message."""
    return [f"/bericht zurückziehen {one.id}" for one in made]
