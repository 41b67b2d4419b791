"""Updates as Telegram sends them, read strictly: what does not fit is no update for us.

Source: https://core.telegram.org/bots/api#update. Fields that nobody here uses are not read.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ANONYMOUS_ADMIN = 1087968824
INSIDE = frozenset({"creator", "administrator", "member"})
WORDLESS = (
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "photo",
    "document",
    "poll",
    "location",
    "venue",
    "contact",
    "dice",
    "story",
)


class Piece(BaseModel):
    """A part of an update. Numbers are numbers and texts are texts, or it is refused."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class User(Piece):
    id: int = Field(gt=0)
    is_bot: bool = False


class Chat(Piece):
    id: int
    type: Literal["private", "group", "supergroup", "channel"]
    title: str = ""


class Entity(Piece):
    type: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)
    user: User | None = None


class Button(Piece):
    callback_data: str = ""


class Keyboard(Piece):
    inline_keyboard: list[list[Button]]


class File(Piece):
    """A picture in one size, or a file."""

    file_id: str
    file_size: int = 0
    file_name: str = ""
    mime_type: str = ""


class Replied(Piece):
    message_id: int
    sender: User | None = Field(default=None, alias="from")
    forum_topic_created: Any = None


class Message(Piece):
    """A message; `text` and `caption` are what was written, everything from `voice` on was not."""

    message_id: int
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    is_automatic_forward: bool = False
    forward_origin: Any = None
    text: str | None = None
    caption: str | None = None
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    reply_to_message: Replied | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    edit_date: int = 0
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    reply_markup: Keyboard | None = None
    voice: Any = None
    audio: Any = None
    video: Any = None
    video_note: Any = None
    animation: Any = None
    sticker: Any = None
    photo: Any = None
    document: Any = None
    poll: Any = None
    location: Any = None
    venue: Any = None
    contact: Any = None
    dice: Any = None
    story: Any = None

    @property
    def said(self) -> str:
        return self.text if self.text is not None else self.caption or ""

    @property
    def file(self) -> File | None:
        """The picture in its largest size, or the file."""
        found = self.photo[-1] if isinstance(self.photo, list) and self.photo else self.document
        try:
            return None if found is None else File.model_validate(found)
        except ValidationError:
            return None

    @property
    def wordless(self) -> bool:
        """Whether it is something to hear or see, and not a message of Telegram's own."""
        return any(getattr(self, name) is not None for name in WORDLESS)


class Member(Piece):
    status: str
    is_member: bool = False

    @property
    def inside(self) -> bool:
        return self.status in INSIDE or (self.status == "restricted" and self.is_member)


class MemberChange(Piece):
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    old_chat_member: Member
    new_chat_member: Member


class CallbackQuery(Piece):
    id: str
    sender: User = Field(alias="from")
    message: Message | None = None
    data: str = ""


class Update(Piece):
    update_id: int = Field(ge=0)
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberChange | None = None


def read_update(raw: object) -> Update | None:
    """The update, or None for one that cannot be read."""
    try:
        return Update.model_validate(raw)
    except (ValidationError, RecursionError):
        return None


def number_of(raw: object) -> int | None:
    """The number of an update, even of one that cannot be read."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None
