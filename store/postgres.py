"""The store on PostgreSQL: shared by several processes, through asyncpg."""

from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store import schema
from store.database import TRIES, Work, is_serialization_failure, translated

T = TypeVar("T")


class PostgresDatabase:
    """Serializable transactions; one that another got in the way of is run again."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str) -> "PostgresDatabase":
        engine = create_async_engine(
            url, isolation_level="SERIALIZABLE", pool_pre_ping=True, hide_parameters=True
        )
        database = cls(engine)
        try:
            await database.write(schema.upgrade)
        except BaseException:
            await engine.dispose()
            raise
        return database

    async def write(self, work: Work[T]) -> T:
        """Run `work` as one transaction, again after a serialization failure."""
        for left in reversed(range(TRIES)):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except OSError as error:
                # Nobody listens at the address, or the network is down: the driver says it in its own words.
                raise translated(error, "PostgreSQL") from error
            except DBAPIError as error:
                if not (left and is_serialization_failure(error)):
                    raise translated(error, "PostgreSQL") from error
        raise AssertionError("the last try returns or raises")

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent snapshot."""
        return await self.write(work)

    async def close(self) -> None:
        await self._engine.dispose()
