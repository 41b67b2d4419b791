"""What a group is asked, and what it is told when organisers have decided about it."""

from bot.turn import GAP, Services, Speaker
from store.chats import Chat
from store.messages import Choice, Who

# Buttons for the largest places; every other one is named in a reply.
MOST_PLACES = 8
LARGE = ("landkreis", "kreisfreie_stadt")


def place_choices(services: Services, voice: Speaker) -> tuple[Choice, ...]:
    """The places a group may be for, to be pressed by its administrators, and the way to any other."""
    large = [one.name for one in services.places.all if one.kind in LARGE]
    named = [Choice(name, f"/ort {name}", Who.ADMINS) for name in sorted(large)[:MOST_PLACES]]
    return (*named, voice.choice("admission.other_place", f"/ort {GAP}", Who.ADMINS))


def subscribe_choices(voice: Speaker, chat: Chat) -> tuple[Choice, ...]:
    """The offer to be reminded of the debates of the group's place."""
    if chat.place is None:
        return ()
    return (voice.choice("admission.subscribe", f"/abo {chat.place}", Who.ADMINS, place=chat.place),)
