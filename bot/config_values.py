"""What single values of the configuration allow: addresses, persons, paths, times.

A refusal carries a text key as its type ("config.bad_url"); `bot.config_problems` makes the sentences.
"""

import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.texts import LOCALE, languages_in

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
PERSON = re.compile(r"telegram:[1-9]\d*|matrix:@[^:\s@]+:[^\s@]+|terminal:\S+")
MATRIX_USER = re.compile(r"@[^:\s@]+:[^\s@]+")
MATRIX_SERVER = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
BOT_TOKEN = re.compile(r"\d+:[A-Za-z0-9_\-]+")
FEED_TOKEN = re.compile(r"[!-~]{24,200}")
OFFSET = re.compile(r"[1-9]\d{0,2}[dh]")
# A public key of age (https://age-encryption.org/v1): bech32 of 32 bytes.
RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
QUIET_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def refuse(key: str, **details: object) -> PydanticCustomError:
    """A refusal whose sentence is `key`, in the shape pydantic collects."""
    return PydanticCustomError(key, "refused", details)


def a_language(name: str) -> str:
    known = languages_in(LOCALE)
    if name not in known:
        raise refuse("config.not_allowed", allowed=", ".join(known))
    return name


def a_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise refuse("config.bad_timezone") from None
    return name


def a_web_address(address: str) -> str:
    """An http(s) address with a host; webcal, as calendars are often shared, is https."""
    https = re.sub(r"^webcal://", "https://", address.strip(), flags=re.IGNORECASE)
    try:
        parts = urlsplit(https)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", https):
        raise refuse("config.bad_url")
    if "@" in parts.netloc:
        raise refuse("config.url_with_password")
    return https


def a_database(address: SecretStr) -> SecretStr:
    scheme, found, rest = address.get_secret_value().partition("://")
    if not found or scheme not in DRIVERS:
        raise refuse("config.bad_database")
    return SecretStr(f"{DRIVERS[scheme]}://{rest}")


def a_path(path: Path, info: ValidationInfo) -> Path:
    """Paths are meant from the directory the configuration lies in; ~ is the home directory."""
    base = info.context["base"] if info.context else Path()
    try:
        return (base / path.expanduser()).absolute()
    except RuntimeError:
        raise refuse("config.no_home") from None


def a_directory(path: Path) -> Path:
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises on paths no file system can hold
        raise refuse("config.no_directory", path=str(path))
    return path


def a_file(path: Path) -> Path:
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        raise refuse("config.no_file", path=str(path))
    return path


def shaped(pattern: re.Pattern[str], key: str) -> AfterValidator:
    """A text that must match as a whole; `key` says what is allowed."""

    def check(value: str) -> str:
        if not pattern.fullmatch(value.strip()):
            raise refuse(key)
        return value.strip()

    return AfterValidator(check)


def a_token(token: SecretStr) -> SecretStr:
    if not BOT_TOKEN.fullmatch(token.get_secret_value()):
        raise refuse("config.bad_token")
    return token


def a_feed_token(token: SecretStr) -> SecretStr:
    """Long enough that nobody guesses it."""
    if not FEED_TOKEN.fullmatch(token.get_secret_value()):
        raise refuse("config.bad_feed_token")
    return token


def an_invitation(name: str) -> str:
    if not (MATRIX_USER.fullmatch(name) or MATRIX_SERVER.fullmatch(name)):
        raise refuse("config.bad_invites")
    return name


def a_bind(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535 or re.search(r"\s", bind):
        raise refuse("config.bad_bind")
    return bind


LocalPath = Annotated[Path, AfterValidator(a_path)]
Directory = Annotated[LocalPath, AfterValidator(a_directory)]
File = Annotated[LocalPath, AfterValidator(a_file)]
WebAddress = Annotated[str, AfterValidator(a_web_address)]
Person = Annotated[str, shaped(PERSON, "config.bad_person")]
Offset = Annotated[str, shaped(OFFSET, "config.bad_offset")]
Language = Annotated[str, AfterValidator(a_language)]
Timezone = Annotated[str, AfterValidator(a_timezone)]
Database = Annotated[SecretStr, AfterValidator(a_database)]
BotToken = Annotated[SecretStr, AfterValidator(a_token)]
FeedToken = Annotated[SecretStr, AfterValidator(a_feed_token)]
MatrixUser = Annotated[str, shaped(MATRIX_USER, "config.bad_matrix_user")]
Invitation = Annotated[str, AfterValidator(an_invitation)]
BindAddress = Annotated[str, AfterValidator(a_bind)]
QuietHours = Annotated[
    Annotated[str, shaped(QUIET_HOURS, "config.bad_quiet_hours")] | None,
    # Empty, with or without quotes: none.
    BeforeValidator(lambda given: None if given == "" else given),
]
Recipient = Annotated[str, shaped(RECIPIENT, "config.bad_recipient")]
Days = Annotated[int, Field(ge=1, le=3650)] | None
