"""People by name: an id in a message gets the name its platform gives it, when the message goes out.

Names are never stored. What waits in the outbox holds the id alone, in a mark that nobody can write:
in escaped text the brackets are escaped too. A platform without names shows the mark as the id.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.markup import Markup, escape
from store.messages import Outgoing

MARKED = re.compile(r"\[([a-z]+:[^\[\]\\]{1,300})\]\(person:\)")
# In a longer list only the first are looked up: every one of them asks the platform.
MOST_LOOKED_UP = 30

# The name of a person by their id ("telegram:123"), or "" where the platform gives none.
NameOf = Callable[[str], Awaitable[str]]


def marked(person: str) -> Markup:
    """A person's id, to be shown with their name."""
    plain = not set(person) & set("[]\\")
    return Markup(f"[{person}](person:)" if plain else escape(person))


async def with_names(message: Outgoing, name_of: NameOf) -> Outgoing:
    """The message with every marked person as "Name (id)", or as the id alone."""
    people = list(dict.fromkeys(MARKED.findall(message.body)))
    if not people:
        return message
    names = {one: await name_of(one) for one in people[:MOST_LOOKED_UP]}
    body = MARKED.sub(lambda found: _shown(found[1], names.get(found[1], "")), message.body)
    return replace(message, body=body)


def _shown(person: str, name: str) -> str:
    return f"{escape(name)} ({escape(person)})" if name else escape(person)
