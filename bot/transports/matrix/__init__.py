"""Matrix, plain and end-to-end encrypted: the only place that knows the library nio."""

import logging

from bot.transports.matrix.transport import Matrix

__all__ = ["Matrix"]

# The library's log tells who wrote where, and quotes what it could not read.
logging.getLogger("nio").setLevel(logging.CRITICAL)
