"""Who administers a group: some commands are theirs. Asked once in a while, not with every message."""

from datetime import datetime, timedelta

from telegram.error import TelegramError

from bot.app import App
from bot.transports.telegram import events
from bot.transports.telegram.api import Api
from bot.transports.telegram.updates import Message

ADMINS_KEPT = timedelta(minutes=5)


class Admins:
    """Who administers a group, asked once in a while."""

    def __init__(self, app: App, api: Api) -> None:
        self._app = app
        self._api = api
        self._known: dict[int, tuple[datetime, frozenset[str]]] = {}

    async def includes(self, message: Message, sender: str) -> bool:
        """Whether a person is an administrator where the message was written."""
        if events.is_private(message) or not sender:
            return False
        chat, now = message.chat.id, self._app.clock.now()
        asked, known = self._known.get(chat, (None, frozenset()))
        if asked is None or now - asked > ADMINS_KEPT:
            known = await self._ask(chat, now)
        return sender in known

    async def _ask(self, chat: int, now: datetime) -> frozenset[str]:
        try:
            members = await self._api.get_chat_administrators(chat)
        except TelegramError:
            return frozenset()
        known = frozenset(events.person(member.user.id) for member in members)
        self._known = {name: one for name, one in self._known.items() if now - one[0] <= ADMINS_KEPT}
        self._known[chat] = (now, known)
        return known
