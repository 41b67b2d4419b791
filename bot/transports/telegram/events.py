"""What an update means to the program: pure functions from Telegram's shapes to ours."""

import re
from datetime import datetime

from bot.transports.telegram.api import Account
from bot.transports.telegram.buttons import pressed
from bot.transports.telegram.updates import ANONYMOUS_ADMIN, CallbackQuery, Message, Replied
from store.messages import FILE, Attachment, ChatRef, Incoming

PLATFORM = "telegram"
COMMAND = re.compile(r"/\w{1,64}(?:@(\w{1,64}))?(?!\S)")
DEEP_LINK = re.compile(r"/start(?:@\w{1,64})?\s+([\w-]{1,64})\s*")
LONGEST_KEPT = 100_000


def where(message: Message) -> ChatRef:
    """The chat and, in a group with topics, the topic; General has none."""
    thread = message.message_thread_id if message.is_topic_message else None
    return ChatRef(PLATFORM, str(message.chat.id), str(thread or ""))


def is_private(message: Message) -> bool:
    return message.chat.type == "private"


def person(number: int) -> str:
    """The person id of a Telegram user."""
    return f"{PLATFORM}:{number}"


def is_anonymous(message: Message) -> bool:
    """Whether an administrator wrote in the name of the group."""
    wrote_as = message.sender_chat
    return wrote_as is not None and wrote_as.id == message.chat.id


def author(message: Message) -> str | None:
    """Who wrote it; empty for somebody in the name of a chat; None when it is not for us to answer."""
    if message.chat.type == "channel" or message.is_automatic_forward:
        return None
    if message.sender_chat is not None:
        return ""
    if message.sender is None or message.sender.is_bot or message.sender.id == ANONYMOUS_ADMIN:
        return None
    return person(message.sender.id)


def is_for(account: Account, message: Message) -> bool:
    """Whether a message is meant for the bot: in groups a command, a reply to it, or a mention."""
    if is_private(message):
        return True
    if message.forward_origin is not None:
        return False
    command = COMMAND.match(message.said)
    if command is not None:
        return command[1] is None or command[1].casefold() == account.name.casefold()
    return answered(account, message) is not None or mentions(account, message)


def answered(account: Account, message: Message) -> Replied | None:
    """The bot's own message that is replied to. A topic's first message is no message of anybody."""
    reply = message.reply_to_message
    if reply is None or reply.sender is None or reply.sender.id != account.id:
        return None
    return None if reply.forum_topic_created is not None else reply


def mentions(account: Account, message: Message) -> bool:
    """Whether the bot is named, as @name or as a contact."""
    units = message.said[:LONGEST_KEPT].encode("utf-16-le", "surrogatepass")
    for entity in [*message.entities, *message.caption_entities]:
        if entity.type == "text_mention" and entity.user is not None and entity.user.id == account.id:
            return True
        named = units[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le", "replace")
        if entity.type == "mention" and named.casefold() == f"@{account.name}".casefold():
            return True
    return False


def words(account: Account, message: Message) -> str:
    """What was said, without the bot's name; a link with a code is the command that takes one."""
    text = message.said[:LONGEST_KEPT]
    link = DEEP_LINK.fullmatch(text)
    if link is not None and is_private(message):
        return f"/beitreten {link[1]}"
    if text.startswith("/") or not account.name:
        return text
    return re.sub(rf"(?i)[,:\s]*@{re.escape(account.name)}\b[,:\s]*", " ", text).strip()


def attached(message: Message) -> Attachment | None:
    """The picture or file that came with a message; a picture sent as a file stays one."""
    file = message.file
    if file is None:
        return None
    picture = message.photo is not None
    arguments = {
        "platform": PLATFORM,
        "reference": file.file_id,
        "name": file.file_name or ("bild.jpg" if picture else "datei"),
        "mime": "image/jpeg" if picture else file.mime_type or "application/octet-stream",
        "size": str(file.file_size),
        "as_file": "" if picture else "yes",
    }
    return Attachment(FILE, arguments)


def incoming(account: Account, message: Message, sender: str, now: datetime, admin: bool) -> Incoming:
    """A message as the dialogue takes it. An edit has a key of its own, for every time it was edited."""
    edit = f":{message.edit_date}" if message.edit_date else ""
    reply = answered(account, message)
    return Incoming(
        key=f"{PLATFORM}:{message.chat.id}:{message.message_id}{edit}",
        chat=where(message),
        sender=sender,
        text=words(account, message),
        received_at=now,
        private=is_private(message),
        admin=admin,
        edited=bool(message.edit_date),
        forwarded=message.forward_origin is not None,
        message_id=str(message.message_id),
        reply_to=str(reply.message_id) if reply else "",
        file=attached(message),
        wordless=message.wordless,
    )


def press(query: CallbackQuery, message: Message, now: datetime, admin: bool) -> Incoming | None:
    """A pressed button as the dialogue takes it; None when it is none of ours."""
    chosen = pressed(query.data)
    if chosen is None:
        return None
    return Incoming(
        key=f"{PLATFORM}:press:{query.id}",
        chat=where(message),
        sender=person(query.sender.id),
        text="",
        received_at=now,
        private=is_private(message),
        admin=admin,
        message_id=str(message.message_id),
        press=chosen,
    )
