"""One real homeserver for all tests of the Matrix transport."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homeserver.server import Homeserver, homeserver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What talks with the real homeserver takes minutes: it belongs to the long runs."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.hard)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver")) as running:
        yield running
