"""Where a shelter lies is never passed on, whatever a council paper says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.agendas.discreet import safe_location, without_addresses


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Anmietung Frauenhaus Musterstraße 5a, 18055 Musterow", "Anmietung Frauenhaus …"),
        ("Neubau Frauenhaus Am Alten Markt 12", "Neubau Frauenhaus …"),
        ("Besichtigung des Frauenhauses, Lange Str. 7-9", "Besichtigung des Frauenhauses, …"),
        ("Schutzwohnung in der Karl-Muster-Straße Nr. 14", "Schutzwohnung in der …"),
        ("Förderung Frauenhaus 2027: 20 Plätze", "Förderung Frauenhaus 2027: 20 Plätze"),
        ("Ausbau Musterstraße 5", "Ausbau Musterstraße 5"),
        (
            "Haushalt 2027, Frauenberatungsstelle 12.000 Euro",
            "Haushalt 2027, Frauenberatungsstelle 12.000 Euro",
        ),
    ],
)
def test_addresses_are_left_out_where_help_is_named(title: str, shown: str) -> None:
    assert without_addresses(title) == shown


def test_a_meeting_in_such_a_house_has_no_place() -> None:
    assert safe_location("Frauenhaus, Musterweg 3", "Sozialausschuss") == ""
    assert safe_location("Musterweg 3", "Vor-Ort-Besichtigung der Schutzwohnung") == ""
    assert safe_location("Rathaus, Saal 1", "Zuschuss Frauenhaus") == "Rathaus, Saal 1"


@given(st.text(max_size=300))
def test_any_title_is_read(title: str) -> None:
    assert isinstance(without_addresses(f"Frauenhaus {title}"), str)
