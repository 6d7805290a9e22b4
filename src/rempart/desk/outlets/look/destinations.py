"""Where a look may go: public addresses, over HTTP, on the usual ports. Everything else is refused by rule.

An address in a report is written by a stranger. Without these rules it could make the desk knock at doors inside the network
it runs in. A name is resolved once and the connection goes to the very address that was checked, so that a name which changes
its mind between the check and the call (DNS rebinding) gains nothing. Redirects pass the same checks at every hop.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import ada_url

from rempart.desk.outlets.look.troubles import Trouble

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, float], Sequence[str]]
"""A name and the seconds left; IP addresses back. Raises ``socket.gaierror`` or ``TimeoutError``."""

LONGEST_URL = 8_192
USUAL_PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024
"""Below it live mail, remote shells and the like; only the two usual ports are called there."""

# Names that never belong to the public web; an onion address is not even asked of a resolver, which would tell it to strangers.
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".onion", ".i2p", ".home.arpa", ".lan")

# Written out: what Python calls global has changed between its versions.
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b:1::/48", "100::/64", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32",
        "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """The rules forbid calling this. ``trouble`` says which one."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Target:
    """One URL, as a browser reads it, ready to be called."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def has_usual_port(self) -> bool:
        """Whether the port is the scheme's own."""
        return self.port == USUAL_PORTS[self.scheme]

    @property
    def literal(self) -> IPAddress | None:
        """The IP address, when the host is one."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None


def read_target(url: str, base: str | None = None) -> Target:
    """Read a URL (or the ``Location`` found on ``base``). Raises :class:`Refused`."""
    if len(url) > LONGEST_URL:
        raise Refused(Trouble.TOO_LONG)
    try:
        read = ada_url.URL(url, base) if base else ada_url.URL(url)
    except ValueError as error:
        raise Refused(Trouble.UNREADABLE) from error
    scheme = read.protocol.rstrip(":")
    if scheme not in USUAL_PORTS:
        raise Refused(Trouble.SCHEME)
    port = int(read.port) if read.port else USUAL_PORTS[scheme]
    host = read.hostname.strip("[]").rstrip(".")
    if not host or len(read.href) > LONGEST_URL:
        raise Refused(Trouble.UNREADABLE)
    return Target(scheme, host, port, read.pathname + read.search)


def check_port(target: Target, reported_port: int) -> None:
    """Only the usual ports, and the one the report itself named. Raises :class:`Refused`."""
    if target.has_usual_port or target.port in USUAL_PORTS.values():
        return
    if target.port != reported_port or target.port < FIRST_FREE_PORT:
        raise Refused(Trouble.PORT)


def check_name(target: Target, *, allow_private: bool) -> None:
    """What can be refused before any resolver is asked. Raises :class:`Refused`."""
    literal = target.literal
    if literal is not None:
        if not (is_public(literal) or (allow_private and literal.is_loopback)):
            raise Refused(Trouble.PRIVATE_ADDRESS)
        return
    if allow_private and is_local_name(target.host):
        return
    if "." not in target.host or target.host.endswith(_PRIVATE_ENDINGS):
        raise Refused(Trouble.PRIVATE_NAME)


def is_local_name(host: str) -> bool:
    """Whether the name is this very machine, by RFC 6761; the hosts of a rehearsal have such names."""
    return host == "localhost" or host.endswith(".localhost")


def addresses_of(target: Target, resolve: Resolve, seconds: float, *, allow_private: bool) -> list[IPAddress]:
    """The addresses that may be called, after one single resolution. Raises :class:`Refused`, or what ``resolve`` raises."""
    if target.literal is not None:
        return [target.literal]
    if allow_private and is_local_name(target.host):
        return [ipaddress.ip_address("127.0.0.1")]
    found = [ipaddress.ip_address(text) for text in resolve(target.host, seconds) if "%" not in text]
    allowed = [address for address in found if is_public(address)]
    if not allowed:
        raise Refused(Trouble.PRIVATE_ADDRESS)
    return allowed


def is_public(address: IPAddress) -> bool:
    """Whether the address, and any IPv4 address hidden in it, belongs to the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = _hidden_in(address)
        if hidden:
            return all(is_public(inner) for inner in hidden)
    is_refused = any(address.version == network.version and address in network for network in _REFUSED)
    return not is_refused and not address.is_multicast


def _hidden_in(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses a translator or tunnel would make of it: mapped, NAT64, 6to4, Teredo (server and client)."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    return address.teredo or ()


def system_resolve(host: str, seconds: float) -> Sequence[str]:
    """Ask the system's resolver, for so many seconds at most."""
    answers: SimpleQueue[Sequence[str] | socket.gaierror] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put([str(row[4][0]) for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)])
        except socket.gaierror as error:
            answers.put(error)
        except (OSError, UnicodeError):
            answers.put(socket.gaierror(socket.EAI_FAIL, "the resolver failed"))

    # getaddrinfo takes no time-out: what it does after ours is its own affair.
    threading.Thread(target=ask, daemon=True, name="look-resolver").start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty as error:
        raise TimeoutError from error
    if isinstance(answer, socket.gaierror):
        raise answer
    return answer
