"""The tables of what is said: chats and who speaks in them, broadcasts, and what waits to be sent."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)

from store.columns import OWNED, PERSON, Instant, RowId, table

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
