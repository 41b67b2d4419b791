"""Telegram: the only package that knows the Bot API."""

from bot.transports.telegram.transport import Telegram, make_telegram

__all__ = ["Telegram", "make_telegram"]
