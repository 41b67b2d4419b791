"""`saeulenbot erase`."""

import secrets
from typing import Annotated

import typer

from bot.app import KEY_BYTES, MARKS
from bot.cli.common import ConfigOption, DataOption, app, configured, say, sentence, with_store
from bot.hashes import person_hash
from scheduler.clock import SystemClock
from store import chats, privacy
from store.database import Database, Transaction


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="A person id, such as telegram:123.")],
    reports: Annotated[
        bool, typer.Option("--reports", help="Their reports too; else they stay without them.")
    ] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Erase everything kept about a person, as when they ask for it by letter."""
    settings = configured(config, data)
    now, fresh = SystemClock().now(), secrets.token_bytes(KEY_BYTES)

    async def work(database: Database) -> int:
        def gone(tx: Transaction) -> int:
            key = chats.secret(tx, MARKS, fresh, now)
            return privacy.erase(tx, person, person_hash(key, person), keep_reports=not reports)

        return await database.write(gone)

    say(sentence("erase.done", person=person, rows=with_store(settings, work)))
