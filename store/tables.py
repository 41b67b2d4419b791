"""Every table of the store. Instants are UTC milliseconds, so that SQLite and PostgreSQL agree.

Columns that hold a person id are marked `info=PERSON`, those that could lead to the person of their row
`info=OWNED`: listing, export and erasure cover exactly these, and a test fails when one is forgotten.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
PERSON = {"person": "id"}
OWNED = {"person": "owned"}


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole milliseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + value * MILLISECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# An id that PostgreSQL counts in 64 bits and SQLite in its rowid.
RowId = BigInteger().with_variant(Integer, "sqlite")


def table(name: str, *parts: Any, **options: Any) -> Table:
    """A table whose row ids, where it has them, are never given twice: people press old buttons."""
    counted = any(isinstance(part, Column) and part.type is RowId for part in parts)
    return Table(name, metadata, *parts, sqlite_autoincrement=counted, **options)


secrets = table(
    "secrets",
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

seen = table(
    "seen",
    Column("hash", LargeBinary, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

chats = table(
    "chats",
    Column("id", RowId, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("chat", Text, nullable=False, info=OWNED),
    Column("private", Boolean, nullable=False),
    # The person a private chat is with; empty for groups.
    Column("person", Text, nullable=False, default="", info=PERSON),
    Column("admitted", Boolean, nullable=False, default=False),
    Column("active", Boolean, nullable=False, default=True),
    # Since when the bot cannot reach it any more; says nothing while the chat is active.
    Column("gone_at", Instant),
    Column("language", Text),
    Column("easy", Boolean, nullable=False, default=False),
    Column("place", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("platform", "chat"),
    Index("ix_chats_person", "person"),
)

roles = table(
    "roles",
    Column("id", RowId, primary_key=True),
    Column("person", Text, nullable=False, info=PERSON),
    Column("role", Text, nullable=False),
    # A place name, or "*" for all places.
    Column("place", Text, nullable=False, default="*"),
    Column("granted_by", Text, nullable=False, info=PERSON),
    Column("granted_at", Instant, nullable=False),
    Column("until", Instant),
    UniqueConstraint("person", "role", "place"),
)

forms = table(
    "forms",
    Column("person", Text, primary_key=True, info=PERSON),
    Column("platform", Text, primary_key=True),
    Column("chat", Text, primary_key=True, info=OWNED),
    # The sentence so far: what is said next is put behind it and read again as a whole.
    Column("sentence", Text, nullable=False, info=OWNED),
    Column("expires_at", Instant, nullable=False, index=True),
)

# One message of an organiser to many chats; what became of it in each of them is in the outbox.
broadcasts = table(
    "broadcasts",
    Column("id", RowId, primary_key=True),
    # Empty when the person was erased: that it was sent, and to how many, stays.
    Column("author", Text, nullable=False, info=PERSON),
    # Where its author spoke, and is told how it goes.
    Column("platform", Text, nullable=False),
    Column("chat", Text, nullable=False, info=OWNED),
    # Text and file are kept only as long as they can be sent again or corrected.
    Column("text", Text, nullable=False, info=OWNED),
    Column("file", JSON(none_as_null=True), info=OWNED),
    # Whom it is for: names of places and platforms, none for all of them.
    Column("places", JSON, nullable=False),
    Column("platforms", JSON, nullable=False),
    # When it goes out; empty for at once.
    Column("starts", Instant),
    Column("state", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
    Column("chats", Integer, nullable=False, default=0),
    Column("sent", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("unknown", Integer, nullable=False, default=0),
    # The outbox row of the message that shows how it goes.
    Column("progress", BigInteger),
    CheckConstraint("state IN ('draft', 'planned', 'running', 'stopped', 'done')", name="state"),
    Index("ix_broadcasts_state", "state", "starts"),
    Index("ix_broadcasts_author", "author", "confirmed_at"),
)

outbox = table(
    "outbox",
    Column("id", RowId, primary_key=True),
    Column("key", Text, nullable=False, unique=True, info=OWNED),
    Column("platform", Text, nullable=False),
    Column("chat", Text, nullable=False, info=OWNED),
    Column("thread", Text, nullable=False, default=""),
    Column("kind", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("body", Text, nullable=False, info=OWNED),
    Column("choices", JSON(none_as_null=True), info=OWNED),
    Column("attachment", JSON(none_as_null=True), info=OWNED),
    Column("silent", Boolean, nullable=False),
    Column("reply_to", Text, nullable=False, default=""),
    Column("asked", Text, nullable=False, default="", info=PERSON),
    Column("replaces", BigInteger),
    Column("broadcast", ForeignKey("broadcasts.id", ondelete="CASCADE")),
    Column("not_before", Instant, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),
    Column("tries", SmallInteger, nullable=False, default=0),
    Column("parts_done", SmallInteger, nullable=False, default=0),
    Column("sent_id", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant, index=True),
    # `held` and `recalled` are states of broadcasts only: stopped by a person, and deleted again.
    CheckConstraint("state IN ('waiting', 'held', 'sent', 'failed', 'unknown', 'recalled')", name="state"),
    Index("ix_outbox_broadcast", "broadcast", "state"),
    Index("ix_outbox_due", "state", "platform", "priority", "id"),
    Index("ix_outbox_chat", "platform", "chat", "id"),
)

debates = table(
    "debates",
    Column("id", RowId, primary_key=True),
    Column("place", Text, nullable=False),
    Column("council", Text, nullable=False, default=""),
    Column("title", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("time_known", Boolean, nullable=False, default=True),
    Column("ends", Instant),
    Column("location", Text, nullable=False, default=""),
    Column("url", Text, nullable=False, default=""),
    Column("items", JSON, nullable=False),
    Column("level", Text, nullable=False),
    # Whether members are reminded of it: entered by people, or judged relevant.
    Column("announced", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    # Goes up whenever place, time or state change: reminders are told once per version.
    Column("version", Integer, nullable=False, default=1),
    Column("created_by", Text, nullable=False, default="", info=PERSON),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("state IN ('draft', 'proposed', 'planned', 'cancelled', 'wrong')", name="state"),
    Index("ix_debates_starts", "starts"),
    Index("ix_debates_place", "place", "starts"),
)

debate_sources = table(
    "debate_sources",
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("debate", ForeignKey("debates.id", ondelete="CASCADE"), nullable=False, index=True),
    # What the source said last, as a hash: the same again changes nothing.
    Column("fingerprint", Text, nullable=False),
)

# What was asked where, and what came of it: one row per configured source.
sources = table(
    "sources",
    Column("name", Text, primary_key=True),
    Column("first_try", Instant, nullable=False),
    Column("last_try", Instant, nullable=False),
    # The last time that everything could be read.
    Column("last_success", Instant),
    Column("etag", Text, nullable=False, default=""),
    Column("modified", Text, nullable=False, default=""),
    Column("paused_until", Instant),
    # The key of the sentence that says what is wrong; empty when nothing is.
    Column("problem", Text, nullable=False, default=""),
    # When organisers were told that it is silent; empty again once it speaks.
    Column("reported_at", Instant),
)

# Who was asked how a debate went. A row without a person says that there was nobody to ask.
followups = table(
    "followups",
    Column("debate", ForeignKey("debates.id", ondelete="CASCADE"), primary_key=True),
    Column("person", Text, primary_key=True, info=PERSON),
    Column("asked_at", Instant, nullable=False),
    # When it is asked again, once; empty when it is not.
    Column("again_at", Instant, index=True),
)

# Who goes there, as a keyed hash of the person: it can be counted, and erased by that person, but not read.
attendance = table(
    "attendance",
    Column("debate", ForeignKey("debates.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

subscriptions = table(
    "subscriptions",
    Column("id", RowId, primary_key=True),
    Column("chat", ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("thread", Text, nullable=False, default=""),
    # A place name, or "*" for all places.
    Column("place", Text, nullable=False),
    # Whether a district's municipalities count too.
    Column("towns", Boolean, nullable=False, default=False),
    Column("offsets", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The levels of debates that are wanted ("shelter_money,shelter"); empty: all that are told.
    Column("levels", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("chat", "thread", "place"),
    Index("ix_subscriptions_place", "place"),
)

# Where a chat's calendar is found: the hash of the address that counts now, empty when none does.
calendars = table(
    "calendars",
    Column("chat", ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("thread", Text, primary_key=True),
    # Goes up with every new address, so that no earlier one ever counts again.
    Column("serial", Integer, nullable=False),
    Column("hash", LargeBinary, unique=True),
)

reminders = table(
    "reminders",
    Column("id", RowId, primary_key=True),
    Column("debate", ForeignKey("debates.id", ondelete="CASCADE"), nullable=False),
    Column("chat", ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("thread", Text, nullable=False, default=""),
    # "7d", "1h" before the start, or "late": one notice for a debate that became known late.
    Column("offset", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", Text, nullable=False, default="due"),
    # When it was told, or put off to a later day.
    Column("told_at", Instant),
    CheckConstraint("state IN ('due', 'told', 'missed')", name="state"),
    UniqueConstraint("debate", "chat", "thread", "offset", "version"),
    Index("ix_reminders_due", "state", "due_at"),
    Index("ix_reminders_chat", "chat", "state"),
)

reports = table(
    "reports",
    Column("id", RowId, primary_key=True),
    # Empty when the person was erased and the report stayed.
    Column("person", Text, nullable=False, info=PERSON),
    Column("place", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("yes", Integer),
    Column("no", Integer),
    Column("abstained", Integer),
    Column("link", Text, nullable=False, default=""),
    Column("debate", ForeignKey("debates.id", ondelete="SET NULL"), index=True),
    Column("revision", Integer, nullable=False, default=1),
    Column("withdrawn", Boolean, nullable=False, default=False),
    # The chat message the report was made of: editing it amends the report.
    Column("message", Text, nullable=False, default="", info=OWNED),
    Column("reported_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_reports_cell", "place", "measure", "reported_at"),
    Index("ix_reports_person", "person", "reported_at"),
    Index("ix_reports_time", "reported_at"),
    Index("ix_reports_message", "message"),
)

report_revisions = table(
    "report_revisions",
    Column("report", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("place", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("yes", Integer),
    Column("no", Integer),
    Column("abstained", Integer),
    Column("link", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

# The latest report that stands, per place and measure: what /stand shows without a scan.
progress = table(
    "progress",
    Column("place", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("report", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False, index=True),
    # What somebody else reported about the same time, if it contradicts.
    Column("rival", ForeignKey("reports.id", ondelete="SET NULL"), index=True),
)

invitations = table(
    "invitations",
    Column("hash", LargeBinary, primary_key=True),
    Column("role", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("created_by", Text, nullable=False, info=PERSON),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    # The end of the role that the code gives, such as the end of a council's term.
    Column("role_until", Instant),
)

# Wrong invitation codes, counted under a keyed hash of the person.
wrong_codes = table(
    "wrong_codes",
    Column("hash", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("locked_until", Instant, nullable=False, index=True),
)

settings = table(
    "settings",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# How often people in private chats called an entry helpful; nobody knows who.
ratings = table(
    "ratings",
    Column("entry", Text, primary_key=True),
    Column("helpful", Integer, nullable=False),
    Column("unhelpful", Integer, nullable=False),
)

# Questions nobody could answer, kept for editors where the operator wants it; without person or chat.
questions = table(
    "questions",
    Column("text", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False, index=True),
)
