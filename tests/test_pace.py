"""Pace: no limit of a platform is broken, none is left unused, and nobody waits for others' limits."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from scheduler.clock import Wakened
from scheduler.pace import Limits, Pace

BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LIMITS = Limits(a_second=30, between=timedelta(seconds=1), groups_a_minute=20)


class FastClock:
    """Time that goes by as fast as everybody waits for it."""

    def __init__(self) -> None:
        self._now = BEGIN
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._now

    def wake_at(self, name: str, at: datetime, wakened: Wakened) -> None:
        raise NotImplementedError

    def every(self, name: str, interval: timedelta, wakened: Wakened) -> None:
        raise NotImplementedError

    async def pause(self, seconds: float) -> None:
        self._count += 1
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), self._count, sleeper))
        await sleeper

    async def run(self) -> None:
        """Let time go by until nobody waits any more."""
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            if not self._sleepers:
                return
            at, _, sleeper = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not sleeper.done():
                sleeper.set_result(None)


async def sent(plan: dict[str, int], limits: Limits = LIMITS, priority: int = 1) -> list[tuple[float, str]]:
    """When messages go out: so many to each chat, one after the other in each."""
    clock, found = FastClock(), list[tuple[float, str]]()
    pace = Pace(limits, clock)

    async def send(chat: str, count: int) -> None:
        for _ in range(count):
            async with pace.turn(chat, priority):
                found.append(((clock.now() - BEGIN).total_seconds(), chat))

    tasks = [asyncio.create_task(send(chat, count)) for chat, count in plan.items()]
    await clock.run()
    await asyncio.gather(*tasks)
    return found


async def test_thirty_a_second_and_not_one_less() -> None:
    times = [at for at, _ in await sent({str(number): 1 for number in range(300)})]
    assert max(sum(start <= at < start + 0.999 for at in times) for start in times) <= 30
    assert times[-1] < 10.05


async def test_one_a_second_to_a_chat() -> None:
    times = [at for at, _ in await sent({"5": 5})]
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))
    assert times[-1] < 4.2


async def test_twenty_a_minute_to_a_group() -> None:
    times = [at for at, _ in await sent({"-5": 45})]
    assert max(sum(start <= at < start + 60 for at in times) for start in times) == 20
    assert 120 <= times[-1] < 126


async def test_a_chat_that_must_wait_holds_up_nobody() -> None:
    found = await sent({"-5": 25, "7": 1, "8": 1, "9": 1})
    assert max(at for at, chat in found if chat != "-5") < 0.14


async def test_the_urgent_goes_first() -> None:
    clock, order = FastClock(), list[int]()
    pace = Pace(LIMITS, clock)

    async def send(chat: str, priority: int) -> None:
        async with pace.turn(chat, priority):
            order.append(priority)

    tasks = [asyncio.create_task(send(str(number), 3)) for number in range(10)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(send("urgent", 0)))
    await clock.run()
    await asyncio.gather(*tasks)
    assert order.index(0) <= 1


async def test_who_gives_up_in_the_line_leaves_no_gap() -> None:
    clock = FastClock()
    pace = Pace(LIMITS, clock)
    gone = asyncio.create_task(pace.admitted(1))
    await asyncio.sleep(0)
    gone.cancel()
    waiting = asyncio.create_task(pace.admitted(1))
    await clock.run()
    await waiting
    assert clock.now() - BEGIN < timedelta(seconds=0.1)


async def test_memory_does_not_grow_with_chats() -> None:
    fast = Limits(a_second=100_000, between=timedelta(0), groups_a_minute=20)
    clock = FastClock()
    pace = Pace(fast, clock)
    for number in range(2500):
        async with pace.turn(str(number), 1):
            pass
        clock._now += timedelta(seconds=1)
    assert len(pace._said) <= 1001
