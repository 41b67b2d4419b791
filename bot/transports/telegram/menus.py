"""The menus of commands that Telegram shows: for everybody by kind of chat, and for people with a role."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bot import rights
from bot.app import App
from bot.dialogue import ROLES
from bot.rights import Place, Role, Standing
from bot.texts import DEFAULT_LANGUAGE
from bot.transports.telegram.api import Api
from errors import StoreError
from store import people

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=1)
BETWEEN_SECONDS = 0.1
MEMBER = Standing(Role.MEMBER, Place.GROUP)


class Menus:
    """Keeps the menus as they should be. That they are is worth nothing: failures are tried again."""

    def __init__(self, app: App, api: Api) -> None:
        self._app = app
        self._api = api
        self._general = False
        self._looking = asyncio.Lock()
        self._people: dict[str, Role] = {}

    async def keep(self) -> None:
        """Set the menus now, and look after them from now on."""
        self._app.clock.every("telegram menus", LOOK_AGAIN, self.look)
        await self.look()

    async def look(self) -> None:
        """Bring the menus up to date."""
        try:
            async with self._looking:
                await self._look()
        except (TelegramError, StoreError) as error:
            log.debug("telegram: menus could not be set: %s", type(error).__name__)

    async def _look(self) -> None:
        if not self._general:
            for scope, standing in GENERAL:
                await self._set(scope, standing)
            self._general = True
        wanted = await self._wanted()
        for chat in self._people.keys() - wanted.keys():
            for _, code in self._languages():
                await self._api.delete_my_commands(BotCommandScopeChat(int(chat)), code)
            del self._people[chat]
        for chat, role in wanted.items():
            if self._people.get(chat) is not role:
                await self._set(BotCommandScopeChat(int(chat)), Standing(role, Place.PRIVATE))
                self._people[chat] = role

    async def _wanted(self) -> dict[str, Role]:
        """The roles of people on Telegram beyond that of a member, by their private chat."""
        now = self._app.clock.now()
        rows = await self._app.database.read(lambda tx: people.all_roles(tx, now))
        roles = [(row.person, ROLES[row.role]) for row in rows]
        roles += [(person, Role.ORGANISER) for person in self._app.config.organisers]
        wanted: dict[str, Role] = {}
        for person, role in roles:
            platform, _, chat = person.partition(":")
            if platform == "telegram" and chat.isdigit() and role > Role.MEMBER:
                wanted[chat] = max(role, wanted.get(chat, role))
        return wanted

    async def _set(self, scope: BotCommandScope, standing: Standing) -> None:
        for language, code in self._languages():
            try:
                await self._api.set_my_commands(self._menu(language, standing), scope, code)
            except TelegramError as error:
                # Somebody with a role may never have written to the bot.
                if not isinstance(scope, BotCommandScopeChat):
                    raise
                log.debug("telegram: a menu was refused: %s", type(error).__name__)
            await self._app.clock.pause(BETWEEN_SECONDS)

    def _languages(self) -> list[tuple[str, str | None]]:
        """Each with Telegram's code; that without one is shown where Telegram speaks a language we do not."""
        known = self._app.services.texts.languages
        return [(one, None if one == DEFAULT_LANGUAGE else one) for one in known]

    def _menu(self, language: str, standing: Standing) -> list[BotCommand]:
        texts = self._app.services.texts
        return [BotCommand(name, texts.get(language, f"help.{name}")[:256]) for name in allowed(standing)]


def allowed(standing: Standing) -> Iterable[str]:
    """The commands that a menu shows somebody of that standing, in the order of the table."""
    return [name for name in rights.table() if rights.allows(name, standing)]


GENERAL: tuple[tuple[BotCommandScope, Standing], ...] = (
    (BotCommandScopeDefault(), MEMBER),
    (BotCommandScopeAllPrivateChats(), Standing(Role.MEMBER, Place.PRIVATE)),
    (BotCommandScopeAllGroupChats(), MEMBER),
    (BotCommandScopeAllChatAdministrators(), Standing(Role.MEMBER, Place.GROUP, admin=True)),
)
