"""Which machines may be spoken to at addresses that users give.

Names are resolved here and the connection goes to the very address that was checked, so a name that answers
differently the second time gains nothing. Public addresses are always open; private ones are the operator's to open.
"""

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path

import httpcore2

from tformance.core.errors import Unexpected

ALL, NONE = "all", "none"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# IPv6 addresses whose last 32 bits are an IPv4 one: mapped, translated by NAT64 and by SIIT, and an old form.
CARRYING = [ipaddress.IPv6Network(each) for each in ("::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96", "::/96")]
# Private as well, which `is_global` does not say: a network's own NAT64, and site-local addresses.
LOCAL = [ipaddress.IPv6Network(each) for each in ("64:ff9b:1::/48", "fec0::/10")]


class Reach:
    """`words` are host names, addresses and networks that may be private; `all` opens every private one.

    Link-local addresses, where clouds keep a machine's own credentials, are open only when they are named. The file
    `sample_port` holds the port of the sample organisation's server, which is always open on this machine.
    """

    def __init__(self, words: Iterable[str], sample_port: Path | None = None) -> None:
        given = [word.lower() for word in words if word.lower() != NONE]
        self._is_all = ALL in given
        self._networks = [network for word in given if (network := _network(word)) is not None]
        self._names = {word for word in given if _network(word) is None}
        self._sample_port = sample_port

    def address(self, host: str, port: int) -> str:
        """The address to connect to; raises Unexpected when it may not be spoken to, OSError when there is none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]).partition("%")[0] for info in found]
        closed = [each for each in addresses if not self._is_open(host, port, _plain(each))]
        if closed:
            raise Unexpected(
                f"{host} is a private address ({closed[0]}); the operator of this server can open it with ALLOW_PRIVATE_HOSTS"
            )
        return addresses[0]

    def _is_open(self, host: str, port: int, address: Address) -> bool:
        if address.is_global and not address.is_multicast and not any(address in network for network in LOCAL):
            return True
        if host.lower() in self._names or any(address in network for network in self._networks):
            return True
        if address.is_loopback and self._is_sample(port):
            return True
        return self._is_all and not (address.is_link_local or address.is_multicast)

    def _is_sample(self, port: int) -> bool:
        try:
            return self._sample_port is not None and self._sample_port.read_text().strip() == str(port)
        except OSError:
            return False


class Checked(httpcore2.SyncBackend):
    """Connects to what `Reach` allows and to nothing else."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            address = _reach.address(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} is not known") from error
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


_reach = Reach([])


def open_to(reach: Reach) -> None:
    """Set once by the settings of a process; until then only public addresses are open."""
    global _reach
    _reach = reach


def _plain(text: str) -> Address:
    """An IPv4 address that an IPv6 one carries is judged as what it is."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in CARRYING):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or address


def _network(word: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError:
        return None
