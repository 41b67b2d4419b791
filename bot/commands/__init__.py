"""Every command of the bot: one module per feature, each with its own table."""

from bot.commands import (
    asking,
    broadcasting,
    calendars,
    chats,
    curating,
    debates,
    entering,
    exporting,
    house,
    invitations,
    organising,
    privacy,
    progress,
    reports,
    roles,
    subscriptions,
)
from bot.commands.command import Command

ALL: tuple[Command, ...] = (
    *house.COMMANDS,
    *asking.COMMANDS,
    *curating.COMMANDS,
    *debates.COMMANDS,
    *calendars.COMMANDS,
    *subscriptions.COMMANDS,
    *progress.COMMANDS,
    *reports.COMMANDS,
    *invitations.COMMANDS,
    *roles.COMMANDS,
    *chats.COMMANDS,
    *privacy.COMMANDS,
    *entering.COMMANDS,
    *broadcasting.COMMANDS,
    *organising.COMMANDS,
    *exporting.COMMANDS,
)
