"""Tells systemd how the program is (sd_notify(3)): a datagram with a few words to a socket it names."""

import asyncio
import os
import socket
from collections.abc import Mapping

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


def notify(state: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Say a state; False where nobody listens: the program was not started by systemd."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as said:
        try:
            # A leading @ stands for the abstract namespace.
            said.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return False
    return True


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often to say that we live: twice in the time after which systemd gives us up."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 2_000_000 if ours and microseconds.isdecimal() else None


async def keep_alive() -> None:
    """Say again and again that the event loop turns, for as long as it does."""
    seconds = watchdog_seconds()
    while seconds:
        notify(ALIVE)
        await asyncio.sleep(seconds)
