"""The command behind ./run. What needs neither database nor Django does not wait for them to be imported."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import NoReturn

from tformance.project.terminal import Stop, say

WITHOUT_DATABASE = {"analyze", "sandbox"}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 done, 1 failed, 2 wrong use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")
    signal.signal(signal.SIGTERM, _end)
    command, *arguments = (sys.argv[1:] if argv is None else argv) or ["up"]
    if command.startswith("--") and command != "--help":
        command, arguments = "up", [command, *arguments]
    home = "tformance.faces.cli.main" if command in WITHOUT_DATABASE else "tformance.project.commands"
    try:
        code: int = import_module(home).main([command, *arguments])
        return code
    except Stop as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Leave in order, so that servers and children that a command started are stopped."""
    raise SystemExit(128 + number)
