"""A private PostgreSQL server from the binaries of a wheel, listening on a Unix socket only."""

import hashlib
import hmac
import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from tformance.project import children
from tformance.project.postgres import account, binaries
from tformance.project.terminal import Stop

SUPERUSER = "tformance_super"
LONGEST_SOCKET_DIRECTORY = 85  # a Unix socket's whole path must stay under 104 bytes
# Without autovacuum, whose superuser processes would keep test databases from being dropped.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
SETTINGS = (
    "listen_addresses=",
    "max_connections=80",
    "shared_buffers=128MB",
    "work_mem=64MB",
    "random_page_cost=1.1",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
)


class Cluster:
    """`home` holds the data, the socket, the log and the superuser's password."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.durable = durable
        self.account = account.choose()
        self.home = binaries.reachable_home(home, self.account)
        self.bin = binaries.directory(self.account)
        self.data = self.home / f"pg{binaries.MAJOR}"
        self.log = self.home / "postgres.log"
        self.socket = _socket_directory(self.home)
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self.password(role)}@/{database}?host={quote(str(self.socket), safe='')}"

    def password(self, role: str) -> str:
        """Derived from the cluster's secret, so that knowing one role's password does not open another role."""
        return hmac.new(self._secret(), role.encode(), hashlib.sha256).hexdigest()

    def is_ready(self) -> bool:
        """Asks the server itself: process ids in files may be stale or taken over."""
        return self._ask() == 0

    def start(self, patience: float = 120) -> None:
        """Create the cluster when there is none, then start it; a predecessor that is still stopping is waited for."""
        self._initialize()
        self._make_socket_directory()
        _rotate(self.log)
        deadline = time.monotonic() + patience
        while not self._launch(deadline):
            if time.monotonic() > deadline:
                raise Stop(f"PostgreSQL did not start within {patience:.0f} seconds: see {self.log}.")
            time.sleep(0.3)

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        children.end(self.process, patience=30)
        self.process = None

    def _launch(self, deadline: float) -> bool:
        """Whether the server answered before it ended or the time was over."""
        settings = [*SETTINGS, f'unix_socket_directories="{self.socket}"', *(() if self.durable else FAST)]
        options = [part for setting in settings for part in ("-c", setting)]
        self.process = children.start(
            [str(self.bin / "postgres"), "-D", str(self.data), *options],
            log=self.log,
            death_signal=signal.SIGINT,
            before_exec=self.account.enter,
        )
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.is_ready():
                return True
            time.sleep(0.03)
        return False

    def _ask(self) -> int:
        """0 answers, 1 starts or stops, 2 does not answer."""
        return subprocess.run(
            [str(self.bin / "pg_isready"), "-q", "-h", str(self.socket)], stdout=subprocess.DEVNULL, check=False
        ).returncode

    def _initialize(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.admit(self.home)
        if (self.data / "PG_VERSION").exists():
            return
        _refuse_other_version(self.home)
        unfinished = self.home / f"{self.data.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)  # a half-made cluster is never kept
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        self._initdb(unfinished)
        unfinished.rename(self.data)

    def _initdb(self, directory: Path) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.home) as passwords:
            passwords.write(self.password(SUPERUSER))
            passwords.flush()
            self.account.own(Path(passwords.name))
            command = [str(self.bin / "initdb"), "-D", str(directory), "-U", SUPERUSER]
            command += ["--auth=scram-sha-256", f"--pwfile={passwords.name}", "--encoding=UTF8"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            command += [] if self.durable else ["--no-sync"]
            result = subprocess.run(command, preexec_fn=self.account.enter, capture_output=True, text=True, check=False)
        if result.returncode:
            raise Stop(f"The database could not be created: {result.stderr.strip()[-500:]}")

    def _secret(self) -> bytes:
        file = self.home / "postgres.secret"
        if not file.exists():
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(secrets.token_hex(32))
        return file.read_bytes()

    def _make_socket_directory(self) -> None:
        self.socket.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(self.socket)
        found = self.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.NOBODY):
            raise Stop(f"{self.socket} belongs to another user: remove it or set TFORMANCE_DATA to a shorter path.")


def _socket_directory(home: Path) -> Path:
    """In the cluster's home, unless its path is too long or has characters that an address cannot carry."""
    directory = home / "socket"
    if len(str(directory)) <= LONGEST_SOCKET_DIRECTORY and re.fullmatch(r"[\w./-]+", str(directory), re.ASCII):
        return directory
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path("/tmp") / f"tformance-{os.geteuid()}-{name}"


def _refuse_other_version(home: Path) -> None:
    for other in home.glob("pg*/PG_VERSION"):
        if other.parent.suffix != ".new":
            raise Stop(
                f"The data was written by PostgreSQL {other.read_text().strip()} and this is {binaries.MAJOR}: "
                "export it with the old version first."
            )


def _rotate(log: Path, limit: int = 10_000_000) -> None:
    if log.exists() and log.stat().st_size > limit:
        log.rename(log.with_suffix(".log.1"))
