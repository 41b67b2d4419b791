"""One real homeserver for all tests of the Matrix transport."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homeserver.server import Homeserver, homeserver

# Played by every run: one test, so that one homeserver is started.
SMOKE = "test_it_starts_answers_and_stops"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What talks with the real homeserver takes minutes: all but the smoke test belongs to the long runs."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.name != SMOKE:
            item.add_marker(pytest.mark.hard)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver")) as running:
        yield running
