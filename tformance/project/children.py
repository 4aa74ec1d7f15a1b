"""Child processes that never outlive the product: own process group, a signal when the parent dies."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals) -> None:
    """Called in the child before exec. Linux only, and bound to the parent's *thread*: start children from the main one."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def start(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    before_exec: Callable[[], None] | None = None,
) -> subprocess.Popen[bytes]:
    def prepare() -> None:
        os.setsid()
        if before_exec is not None:
            before_exec()
        die_with_parent(death_signal)  # last: the kernel forgets it when the user changes

    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, preexec_fn=prepare
        )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End what a dead or stuck child left behind; an orphaned web worker would keep answering on the port."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes], patience: float) -> None:
    """Wait for a child that was asked to stop, then insist."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    kill_group(process)
    process.wait()
