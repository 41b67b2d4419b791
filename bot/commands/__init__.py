"""Every command of the bot: one module per feature, each with its own table, found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from bot.commands.command import Command

ALL: tuple[Command, ...] = tuple(
    command
    for module in sorted(found.name for found in iter_modules(__path__))
    for command in getattr(import_module(f"{__name__}.{module}"), "COMMANDS", ())
)
