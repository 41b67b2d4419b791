"""Who may say what, and where: one table, read in one place.

Rows are commands, columns are kinds of chats:
  private   a private chat with the bot (or the terminal)
  group     a group that an organiser has admitted
  foreign   a group that nobody has admitted (yet)
A cell names the least that is needed: anyone < member < representative < organiser, or `admin`, which
is an administrator of the group or an organiser; "-" means: not here.

A person without a role is a member in admitted chats and just anyone elsewhere.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache

TABLE = """
command         private         group           foreign
start           anyone          anyone          anyone
hilfe           anyone          anyone          anyone
frage           anyone          anyone          anyone
saeulen         anyone          anyone          anyone
saeule          anyone          anyone          anyone
termine         anyone          anyone          anyone
kalender        anyone          anyone          anyone
dabei           anyone          anyone          -
notfall         anyone          anyone          anyone
datenschutz     anyone          anyone          anyone
leicht          anyone          admin           admin
sprache         anyone          admin           admin
abo             anyone          admin           -
abos            anyone          anyone          -
ort             anyone          admin           admin
spaeter         anyone          -               -
stumm           anyone          admin           -
stand           member          member          -
berichte        member          member          -
bericht         member          member          -
meineberichte   representative  -               -
beitreten       anyone          -               -
meinedaten      anyone          -               -
loeschen        anyone          -               -
termin          organiser       organiser       -
vorschau        organiser       -               -
rundruf         organiser       -               -
einladen        organiser       -               -
rollen          organiser       -               -
chats           organiser       -               -
pause           organiser       organiser       -
wissen          organiser       -               -
export          organiser       -               -
status          organiser       -               -
"""


class Role(IntEnum):
    """What a person is to the bot, ordered: each may do what those before may."""

    ANYONE = 0
    MEMBER = 1
    REPRESENTATIVE = 2
    ORGANISER = 3


class Place(StrEnum):
    """The columns of the table."""

    PRIVATE = "private"
    GROUP = "group"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Standing:
    """Who is speaking, and where. `places` are those of the person's highest role, "*" for all."""

    role: Role
    where: Place
    admin: bool = False
    places: frozenset[str] = frozenset()

    def covers(self, place: str) -> bool:
        """Whether the person's role holds for a place."""
        return "*" in self.places or place in self.places


@lru_cache(maxsize=1)
def table() -> dict[str, dict[Place, str]]:
    """The table as a mapping: command -> kind of chat -> cell."""
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        row[0]: {Place(column): cell for column, cell in zip(head[1:], row[1:], strict=True)} for row in rows
    }


def needed(command: str, where: Place) -> str:
    """The cell for a command; commands that are not in the table are for nobody."""
    return table().get(command, {}).get(where, "-")


def allows(command: str, standing: Standing) -> bool:
    """The one check of the whole program."""
    cell = needed(command, standing.where)
    if cell == "-":
        return False
    if cell == "admin":
        return standing.admin or standing.role == Role.ORGANISER
    return standing.role >= Role[cell.upper()]
