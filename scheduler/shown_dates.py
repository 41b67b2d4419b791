"""Moments as people read them: "Di., 15.12.2026, 18:00 Uhr"."""

from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.calendar import instants

WEEKDAYS = {
    "de": ("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def show_when(start: datetime, time_known: bool, zone: ZoneInfo, language: str) -> str:
    """The moment for people in the zone: "Di., 15.12.2026, 18:00 Uhr"; "Tue, 15 Dec 2026, 18:00"."""
    local = start.astimezone(zone)
    german = language.startswith("de")
    weekday = WEEKDAYS["de" if german else "en"][local.weekday()]
    if german:
        day = f"{weekday}, {local:%d.%m.}{local.year}"
        clock = f", {local:%H:%M} Uhr"
    else:
        day = f"{weekday}, {local.day} {MONTHS[local.month - 1]} {local.year}"
        clock = f", {local:%H:%M}"
    return day + (clock + _season(local, zone, german) if time_known else "")


def _season(local: datetime, zone: ZoneInfo, german: bool) -> str:
    """In the hour that exists twice: which of the two."""
    if len(instants(local.replace(tzinfo=None, fold=0), zone)) < 2:
        return ""
    if local.dst():
        return " (Sommerzeit)" if german else " (summer time)"
    return " (Winterzeit)" if german else " (winter time)"
