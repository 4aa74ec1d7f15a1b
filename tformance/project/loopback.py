"""The loopback interface, which a fresh network namespace does not have up."""

import fcntl
import socket
import struct
import sys

from tformance.project.terminal import Stop

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def ensure() -> None:
    if _works():
        return
    if sys.platform == "linux":
        _bring_up()
    if not _works():
        raise Stop("This machine's loopback interface is down and may not be changed by you: run `ip link set lo up`.")


def port_is_free(host: str, port: int) -> bool:
    """Whether the web server could listen there; a socket that is only closing does not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _works() -> bool:
    """Tries a connection: listening succeeds on an interface that is down."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 2):
            return True
    except OSError:
        return False


def _bring_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        try:
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
        except PermissionError:
            return
