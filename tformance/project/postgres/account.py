"""Whose rights the database server gets: it refuses to run as root, so root starts it as somebody else."""

import ctypes
import enum
import os
import sys
from functools import cache
from pathlib import Path

NOBODY = 65534
CLONE_NEWUSER = 0x10000000


class Account(enum.Enum):
    SELF = "the user who started it"
    NAMESPACE = "root, seen as nobody inside a user namespace"
    NOBODY = "nobody"

    def enter(self) -> None:
        """Called in the child before exec."""
        if self is Account.NAMESPACE:
            _enter_namespace()
        elif self is Account.NOBODY:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def admit(self, directory: Path) -> None:
        """Let this account pass through a directory of ours."""
        if self is Account.NOBODY:
            directory.chmod(0o711)

    def own(self, path: Path) -> None:
        """Give a file or directory to this account, where it is not ours in the first place."""
        if self is Account.NOBODY:
            os.chown(path, NOBODY, NOBODY)


@cache
def choose() -> Account:
    if os.geteuid() != 0:
        return Account.SELF
    if "TFORMANCE_NO_USERNS" not in os.environ and _namespace_works():
        return Account.NAMESPACE
    return Account.NOBODY


def _enter_namespace() -> None:
    """Files stay root's outside; no account is added and no directory is opened up."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def _namespace_works() -> bool:
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace()
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
