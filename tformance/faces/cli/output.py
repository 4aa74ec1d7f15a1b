"""How the command line talks."""

import json
import sys
from datetime import datetime
from typing import Any


class Failed(Exception):
    """The command could not do what was asked; the text says why and what to do."""


def say(message: str) -> None:
    """A line for the person at the terminal; never mixed with data."""
    print(message, file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """The command's one JSON document."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    print()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")
