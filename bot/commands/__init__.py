"""Every command of the bot: one module per feature, each with its own table."""

from bot.commands import (
    asking,
    debates,
    entering,
    exporting,
    house,
    invitations,
    organising,
    privacy,
    progress,
    reports,
    subscriptions,
)
from bot.commands.command import Command

ALL: tuple[Command, ...] = (
    *house.COMMANDS,
    *asking.COMMANDS,
    *debates.COMMANDS,
    *subscriptions.COMMANDS,
    *progress.COMMANDS,
    *reports.COMMANDS,
    *invitations.COMMANDS,
    *privacy.COMMANDS,
    *entering.COMMANDS,
    *organising.COMMANDS,
    *exporting.COMMANDS,
)
