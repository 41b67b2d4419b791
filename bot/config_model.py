"""What may stand in the configuration: one model per section, and its defaults.

A section is any subclass of `Section`; the example file and its test list every field found here.
"""

import os
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.config_values import (
    BindAddress,
    BotToken,
    Database,
    Days,
    Directory,
    FeedToken,
    File,
    Invitation,
    Language,
    LocalPath,
    MatrixUser,
    Offset,
    Person,
    QuietHours,
    Recipient,
    Timezone,
    WebAddress,
    refuse,
)

DATABASE_FILE = "saeulenbot.db"


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a person's programs keep their data, by the XDG base directory specification."""
    home = environment.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path("~/.local/share").expanduser()
    return base / "saeulenbot"


class Section(BaseModel):
    """A mapping with known keys. An empty value stands for the default, unless "nothing" is allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def empty_means_default(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None or cls.may_be_empty(name)}

    @classmethod
    def may_be_empty(cls, name: object) -> bool:
        field = cls.model_fields.get(str(name))
        return field is None or type(None) in get_args(field.annotation)


class Reminders(Section):
    """How long before a debate chats are reminded: days ("7d") on the calendar, hours ("12h") elapsed."""

    offsets: tuple[Offset, ...] = ("7d", "1d")


class Source(Section):
    """Where meetings of one place are read from: a web address or a file."""

    place: str
    url: WebAddress | None = None
    file: LocalPath | None = None
    type: Literal["oparl", "ics", "yaml"] | None = None
    automatic: bool = False
    private: bool = False

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if (self.url is None) == (self.file is None):
            raise refuse("config.url_or_file")
        return self


class Operator(Section):
    """Who runs the bot, as /datenschutz tells it, and when a counselling service read the crisis texts."""

    name: str | None = None
    contact: str | None = None
    crisis_texts_reviewed: date | None = None
    keep_unanswered: bool = False


class Telegram(Section):
    """The Telegram account; `token` holds what was found in file, environment or configuration."""

    token: BotToken
    token_file: LocalPath | None = None
    api_url: WebAddress | None = None


class Matrix(Section):
    """The Matrix account: by password (a session is kept), or by access token."""

    homeserver: WebAddress
    user: MatrixUser
    password: SecretStr | None = None
    password_file: LocalPath | None = None
    access_token: SecretStr | None = None
    device_id: str | None = None
    invites: tuple[Invitation, ...] = ()

    @model_validator(mode="after")
    def some_way_in(self) -> Self:
        if self.password is None and self.access_token is None:
            raise refuse("config.matrix_needs_secret")
        return self


class Http(Section):
    """The small web server; `bind` empty switches it off, no `feed_token` the feed of reports."""

    bind: BindAddress | None = "127.0.0.1:8480"
    public_url: WebAddress | None = None
    feed_token: FeedToken | None = None
    feed_token_file: LocalPath | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, or None when switched off."""
        if self.bind is None:
            return None
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)


class Retention(Section):
    """After how many days something is deleted; None keeps it."""

    seen: Days = 30
    choices: Days = 60
    sent: Days = 30
    questions: Days = 90
    chats: Days = 90
    logs: Days = 30
    debates: Days = None
    reports: Days = None


class Backup(Section):
    """Whom backups are encrypted for, where no passphrase is said."""

    recipient: Recipient | None = None


class Config(Section):
    """The whole configuration, checked; secrets show as ********** wherever it is printed."""

    language: Language = "de"
    timezone: Timezone = "Europe/Berlin"
    database: Database | None = None
    data_dir: LocalPath = Field(default_factory=default_data_dir)
    knowledge: Directory | None = None
    semantic: bool = False
    places: File | None = None
    reminders: Reminders = Reminders()
    quiet_hours: QuietHours = "21:00-08:00"
    sources: tuple[Source, ...] = ()
    associations: tuple[str, ...] = ()
    organisers: tuple[Person, ...] = ()
    operator: Operator = Operator()
    telegram: Telegram | None = None
    matrix: Matrix | None = None
    http: Http = Http()
    retention: Retention = Retention()
    backup: Backup = Backup()

    @property
    def zone(self) -> ZoneInfo:
        """The zone people see times in, unless a place has its own."""
        return ZoneInfo(self.timezone)

    @property
    def platforms(self) -> frozenset[str]:
        """The platforms the bot has an account on."""
        return frozenset(
            name for name, one in (("telegram", self.telegram), ("matrix", self.matrix)) if one is not None
        )

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL with its secrets, for the store only: never print it."""
        if self.database is not None:
            return self.database.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Start and end of the hours without posts, as wall time in `zone`; it may pass midnight."""
        if self.quiet_hours is None:
            return None
        start, end = (time.fromisoformat(clock) for clock in self.quiet_hours.split("-"))
        return start, end
