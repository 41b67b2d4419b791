"""Roles, invitation codes, and what has been seen: everything that says who may do what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, insert, or_, select, update

from store.prepared import Prepared
from store.tables import invitations, roles, seen, wrong_codes

EVERYWHERE = "*"
SEE = Prepared(insert(seen), then="ON CONFLICT DO NOTHING")


@dataclass(frozen=True)
class RoleRow:
    """One role of one person, for one place or `*`; `until` is its end, if it has one."""

    id: int
    person: str
    role: str
    place: str
    granted_by: str
    granted_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Invitation:
    """What an invitation code gives."""

    role: str
    place: str
    created_by: str
    expires_at: datetime
    role_until: datetime | None


def _current(which: ColumnElement[bool], now: Any) -> Select[Any]:
    query = select(roles).where(which, or_(roles.c.until.is_(None), roles.c.until > now))
    return query.order_by(roles.c.person, roles.c.id)


ROLES_OF = Prepared(_current(roles.c.person == bindparam("person"), bindparam("now")))


def roles_of(tx: Connection, person: str, now: datetime) -> list[RoleRow]:
    """The roles a person has now."""
    return [RoleRow(*row) for row in ROLES_OF.rows(tx, {"person": person, "now": now})]


def all_roles(tx: Connection, now: datetime) -> list[RoleRow]:
    """Everybody's roles, by person."""
    return _roles(tx, roles.c.id > 0, now)


def with_role(tx: Connection, role: str, place: str, now: datetime) -> list[RoleRow]:
    """Who has a role for a place, or for all places."""
    return _roles(tx, (roles.c.role == role) & roles.c.place.in_([place, EVERYWHERE]), now)


def _roles(tx: Connection, which: ColumnElement[bool], now: datetime) -> list[RoleRow]:
    return [RoleRow(**row) for row in tx.execute(_current(which, now)).mappings()]


def grant(
    tx: Connection,
    person: str,
    role: str,
    place: str,
    by: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Give a role; the same role again only takes the new end date."""
    same = (roles.c.person == person) & (roles.c.role == role) & (roles.c.place == place)
    if not tx.execute(update(roles).where(same).values(until=until, granted_by=by)).rowcount:
        values = {"person": person, "role": role, "place": place, "granted_by": by, "granted_at": now}
        tx.execute(insert(roles).values(**values, until=until))


def withdraw(tx: Connection, person: str) -> int:
    """Take away a person's roles; how many there were."""
    return tx.execute(delete(roles).where(roles.c.person == person)).rowcount


def withdraw_granted_by(tx: Connection, person: str, by: str) -> None:
    """Take away what `by` gave to a person."""
    tx.execute(delete(roles).where(roles.c.person == person, roles.c.granted_by == by))


def limit(tx: Connection, person: str, until: datetime) -> int:
    """Give all of a person's roles an end; how many they are."""
    return tx.execute(update(roles).where(roles.c.person == person).values(until=until)).rowcount


def end_term(tx: Connection, role: str, place: str) -> int:
    """Take a role for a place from everybody who has it; how many."""
    return tx.execute(delete(roles).where(roles.c.role == role, roles.c.place == place)).rowcount


def invite(tx: Connection, code_hash: bytes, invitation: Invitation, now: datetime) -> None:
    """Keep an invitation under the hash of its code."""
    values = {**invitation.__dict__, "hash": code_hash, "created_at": now}
    tx.execute(insert(invitations), values)


def redeem(tx: Connection, code_hash: bytes, now: datetime) -> Invitation | None:
    """Use an invitation up; None when there is none, or it has expired."""
    one = invitations.c.hash == code_hash
    row = tx.execute(select(invitations).where(one, invitations.c.expires_at > now)).mappings().first()
    if row is None or not tx.execute(delete(invitations).where(one)).rowcount:
        return None
    return _invitation(row)


def open_invitations(tx: Connection, now: datetime) -> list[Invitation]:
    """Codes that can still be used, without the codes."""
    query = select(invitations).where(invitations.c.expires_at > now).order_by(invitations.c.expires_at)
    return [_invitation(row) for row in tx.execute(query).mappings()]


def _invitation(row: Any) -> Invitation:
    return Invitation(row["role"], row["place"], row["created_by"], row["expires_at"], row["role_until"])


def revoke_invitations(tx: Connection, by: str) -> int:
    """Make a person's open codes worthless; how many there were."""
    return tx.execute(delete(invitations).where(invitations.c.created_by == by)).rowcount


def locked_until(tx: Connection, person_hash: bytes, now: datetime) -> datetime | None:
    """Until when a person may not try codes; None when they may."""
    query = select(wrong_codes.c.locked_until).where(wrong_codes.c.hash == person_hash)
    until: datetime | None = tx.execute(query).scalar()
    return until if until is not None and until > now else None


def wrong_code(tx: Connection, person_hash: bytes, now: datetime, allowed: int, lock: timedelta) -> None:
    """Count a wrong code; after `allowed` of them the person is locked out for `lock`."""
    one = wrong_codes.c.hash == person_hash
    count = int(tx.execute(select(wrong_codes.c.count).where(one)).scalar() or 0) + 1
    until = now + lock if count >= allowed else now
    values = {"count": 0 if count >= allowed else count, "locked_until": until}
    if not tx.execute(update(wrong_codes).where(one).values(**values)).rowcount:
        tx.execute(insert(wrong_codes).values(hash=person_hash, **values))


def see(tx: Connection, mark: bytes, now: datetime) -> bool:
    """Remember that a message was handled; False if it was before."""
    return SEE.count(tx, {"hash": mark, "at": now}) == 1


def forget(tx: Connection, now: datetime, seen_for: timedelta) -> int:
    """Delete what has expired: marks of handled messages, roles, codes and locks; how many."""
    gone = [
        delete(seen).where(seen.c.at <= now - seen_for),
        delete(roles).where(roles.c.until <= now),
        delete(invitations).where(invitations.c.expires_at <= now),
        delete(wrong_codes).where(wrong_codes.c.locked_until <= now - seen_for),
    ]
    return sum(tx.execute(one).rowcount for one in gone)
