"""The command line: data goes to stdout, everything else to stderr; exit 0 done, 1 failed, 2 wrong use."""

import sys
from collections.abc import Callable

from tformance.faces.cli import analyze, connect, demo, measure, sandbox, sync
from tformance.faces.cli.output import Failed

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "analyze": analyze.run,
    "connect": connect.run,
    "demo": demo.run,
    "measure": measure.run,
    "sandbox": sandbox.run,
    "sync": sync.run,
}
WITHOUT_DATABASE = frozenset({"analyze", "sandbox"})


def main(argv: list[str]) -> int:
    """Run one command; argparse ends the process with 2 when the words are off."""
    try:
        return COMMANDS[argv[0]](argv[1:])
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
