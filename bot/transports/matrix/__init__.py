"""Matrix, plain and end-to-end encrypted: the only place that knows the library nio."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["Matrix"]

# The library's log tells who wrote where, and quotes what it could not read.
logging.getLogger("nio").setLevel(logging.CRITICAL)


class Nothing(ModuleType):
    """A module of which nothing is used."""

    def __getattr__(self, name: str) -> None:
        return None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Nothing is loaded under these names while the block runs; who wants them later gets the real ones."""
    empty = {name: Nothing(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]


# The library brings a second client for other kinds of HTTP, and one for proxies: 2 MB that nobody here uses.
with without("h11", "h2", "h2.connection", "h2.events", "aiohttp_socks"):
    from bot.transports.matrix.transport import Matrix
