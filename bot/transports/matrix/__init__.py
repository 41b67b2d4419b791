"""Matrix, plain and end-to-end encrypted: the only place that knows the library nio."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["Matrix"]

# The library's log tells who wrote where, and quotes what it could not read.
logging.getLogger("nio").setLevel(logging.CRITICAL)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Nothing is loaded under these names while the block runs; who wants them later gets the real ones."""
    empty = {name: ModuleType(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]


# The library brings another client for another kind of HTTP, 2 MB that nobody here uses.
with without("h2", "h2.connection", "h2.events"):
    from bot.transports.matrix.transport import Matrix
