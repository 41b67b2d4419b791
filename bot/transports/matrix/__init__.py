"""Matrix, plain and end-to-end encrypted: the only place that knows the library nio."""

from bot.transports.matrix.transport import Matrix

__all__ = ["Matrix"]
