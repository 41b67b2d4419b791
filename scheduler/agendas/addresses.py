"""Which web addresses may be asked: the host somebody configured, and no private network behind its back."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 that carries an IPv4 address to a gateway (RFC 6052): what counts is the address inside.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """The one host (with port) that a source may be read from. `private`: it may lie in a private network."""

    scheme: str
    host: str
    port: int
    private: bool = False

    @classmethod
    def of(cls, url: str, private: bool = False) -> "Origin":
        """The origin of an http(s) address. Raises SourceError.

        Who writes a private address out, or "localhost", means it; a name that merely resolves to one
        must be allowed with `private`.
        """
        try:
            parts = urlsplit(url)
            scheme, host = parts.scheme, (parts.hostname or "").rstrip(".")
            port = parts.port or _PORTS.get(scheme, 0)
        except ValueError:
            scheme, host, port = "", "", 0
        if scheme not in _PORTS or not host or "@" in parts.netloc:
            raise SourceError("agendas.bad_address", name=url[:200])
        written_out = host == "localhost" or (literal(host) is not None and not is_public(host))
        return cls(scheme, host, port, private or written_out)

    def absolute(self, address: str, base: str) -> str:
        """An address as it may be asked: absolute, without fragment, and on this host.

        http on a host that is read by https becomes https. Raises SourceError for any other host.
        """
        joined = urljoin(base, address.strip())
        found = Origin.of(joined, self.private)
        if found.host != self.host or (found.scheme, found.port) not in self._doors():
            raise SourceError(
                "agendas.foreign_host", name=self.host, other=f"{found.host}:{found.port}"[:120]
            )
        parts = urlsplit(joined)
        netloc = parts.netloc if found.scheme == self.scheme else self._netloc()
        return urlunsplit((self.scheme, netloc, parts.path, parts.query, ""))

    def _doors(self) -> set[tuple[str, int]]:
        doors = {(self.scheme, self.port)}
        if (self.scheme, self.port) == ("https", 443):
            doors.add(("http", 80))
        return doors

    def _netloc(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def upgraded(self, location: str) -> "Origin | None":
        """The same host by https, when that is where `location` leads from http."""
        try:
            found = Origin.of(location, self.private)
        except SourceError:
            return None
        same = found.host == self.host and (self.scheme, self.port) == ("http", 80)
        return found if same and (found.scheme, found.port) == ("https", 443) else None


def literal(host: str) -> Address | None:
    """The IP address that a host is, or None for a name."""
    try:
        return ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return None


def is_public(host: str) -> bool:
    """Whether a numeric address lies in the public internet."""
    address = literal(host)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    return address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names, and gives private addresses out only where they are allowed.

    What is checked here is what is connected to: a name cannot answer differently in between.
    """

    def __init__(self, private: bool, inner: AbstractResolver | None = None) -> None:
        self._private = private
        self._inner = inner or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._private and not all(is_public(one["host"]) for one in found):
            raise SourceError("agendas.private_address", name=host)
        return found

    async def close(self) -> None:
        await self._inner.close()
