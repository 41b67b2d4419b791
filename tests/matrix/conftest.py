"""One real homeserver for all tests of the Matrix transport."""

from collections.abc import Iterator

import pytest

from tests.homeserver.server import Homeserver, homeserver


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver")) as running:
        yield running
