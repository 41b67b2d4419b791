"""The language of a message: told only where small words leave no doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language import spoken


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my husband beats me", "en"), ("I don’t know where to go", "en"), ("Who pays for shelters?", "en"),
        ("Wer bezahlt das Frauenhaus?", "de"), ("ich hab Angst vor ihm", "de"), ("HILFE er ist da", "de"),
        ("Rostock", None), ("/stand", None), ("", None), ("report 2.1 adopted 19 to 12", None), ("ok", None),
        ("the report of the Kreistag ist nicht da", None),
    ],
)  # fmt: skip
def test_small_words_tell(text: str, language: str | None) -> None:
    assert spoken(text) == language


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert spoken(text) in ("de", "en", None)
