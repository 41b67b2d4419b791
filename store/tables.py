"""Every table of the store. Instants are UTC milliseconds, so that SQLite and PostgreSQL agree.

Columns that hold a person id are marked `info=PERSON`, those that could lead to the person of their row
`info=OWNED`: listing, export and erasure cover exactly these, and a test fails when one is forgotten.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)

from store.chat_tables import broadcasts, chats, forms, outbox, roles, secrets, seen
from store.columns import EPOCH, MILLISECOND, OWNED, PERSON, Instant, RowId, metadata, table

__all__ = ["EPOCH", "MILLISECOND", "Instant", "metadata"]
__all__ += ["broadcasts", "chats", "forms", "outbox", "roles", "secrets", "seen"]

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
