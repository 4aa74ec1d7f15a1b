"""Content hashes that tell whether a slow step has anything to do."""

import hashlib
import importlib.metadata
from collections.abc import Iterable
from pathlib import Path


def of_files(files: Iterable[Path]) -> str:
    """Changes when a file is added, removed, renamed or edited."""
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        digest.update(f"{file}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def of_packages(*names: str) -> str:
    return " ".join(f"{name}=={importlib.metadata.version(name)}" for name in names)
