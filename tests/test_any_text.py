"""Whatever people type, in whatever state the dialogue is: an answer, and never an apology for a mistake."""

import asyncio
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import ALL
from tests.stage.terminal import on_stage

APOLOGY = "Da ist mir etwas schiefgegangen"
NAMES = sorted({name for command in ALL for name in (command.name, *command.aliases)})
WORDS = """
Rostock | LK Rostock | 2.1 | II.2 | beschlossen | vertagt | 19:12 | 15.12. 18 Uhr | morgen | alle | aus | ja
1 | 2 | 9 | Haushalt | https://example.org/x | : | ? | {} | # | absagen 1 | ändern 1 | falsch 1 | speichern
korrigieren 1 | zurückziehen 1 | vertretung | orga | bis 9.6.2029 | * | [x](y) | '; DROP TABLE reports; --
=1+1 | ../../etc/passwd | (a+)+$ | 🙂
"""
SIGNS = ["\u202e", "\ud800", "\x00"]
PIECES = st.sampled_from([*re.split(r" \| |\n", WORDS.strip()), *SIGNS])
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, min_size=1, max_size=5).map(" ".join),
    st.tuples(
        st.sampled_from(["/", "!", ""]), st.sampled_from(NAMES), st.lists(PIECES, max_size=5).map(" ".join)
    ).map(lambda parts: f"{parts[0]}{parts[1]} {parts[2]}"),
)


@settings(max_examples=max(1, settings().max_examples // 5))
@given(st.lists(st.tuples(st.sampled_from(["anna", "ben", "mia", "gast"]), TEXTS), min_size=5, max_size=25))
def test_any_conversation_is_answered(said: list[tuple[str, str]]) -> None:
    asyncio.run(_talk(said))


async def _talk(said: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with on_stage(Path(folder)) as stage:
            await stage.introduce("anna", "organiser", "*")
            await stage.introduce("ben", "representative", "Rostock")
            await stage.introduce("gast", "guest", "*")
            for name, text in said:
                await stage.say(name, text)
                heard = stage.heard()
                assert heard, f"no answer to {text!r}"
                assert not any(APOLOGY in answer for _, answer in heard), f"{name}> {text!r}"
