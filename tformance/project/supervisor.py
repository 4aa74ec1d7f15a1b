"""Keeps the product's processes running as one tree, and takes all of them down together."""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tformance.project import children, paths
from tformance.project.postgres.cluster import Cluster
from tformance.project.terminal import say

LONGEST_DELAY = 30.0
PATIENCE = 6.0  # work is rows: a worker that is cut off goes on where it was
STEADY_AFTER = 60.0  # seconds after which a child's earlier failures are forgotten
LARGEST_LOG = 20_000_000


@dataclass
class Child:
    """One supervised process; a one-shot is not started again once it ended well."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    one_shot: bool = False
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    due_at: float = 0.0
    done: bool = False

    @property
    def log(self) -> Path:
        return paths.logs() / f"{self.name}.log"

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = children.start(self.command, log=self.log, env=self.environment)
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Note an end, and start again when the waiting time is over."""
        if self.process is not None and self.process.poll() is not None:
            self._ended(self.process)
        if self.process is None and not self.done and time.monotonic() >= self.due_at:
            self.start()

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        children.kill_group(process)  # before a successor starts
        self.process = None
        if self.one_shot and process.returncode == 0:
            self.done = True
            return
        if time.monotonic() - self.started_at > STEADY_AFTER:
            self.failures = 0
        delay = min(2.0**self.failures - 1, LONGEST_DELAY)
        self.failures += 1
        self.due_at = time.monotonic() + delay
        say(f"{self.name} ended ({process.returncode}): starting it again in {delay:.0f} s, see {self.log}")

    def cut_log(self) -> None:
        """Keep the last part of a log that grew too large; the child appends, so cutting is safe."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            self.log.open("w").close()


@dataclass
class Tree:
    """The database server and the children that need it."""

    cluster: Cluster | None
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def stop_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def add(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def watch(self) -> None:
        """One look at everything; called a few times a second."""
        if self.cluster is not None and self.cluster.ended():
            say("PostgreSQL ended: starting it again")
            self.cluster.start()
        for child in self.children:
            child.watch()
            child.cut_log()

    def stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in running:
            children.end(process, patience=max(deadline - time.monotonic(), 0.1))
        if self.cluster is not None:
            self.cluster.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
