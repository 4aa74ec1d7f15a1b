"""The command line: data goes to stdout, everything else to stderr; exit 0 done, 1 failed, 2 wrong use."""

import sys
from importlib import import_module

from tformance.faces.cli.output import Failed

COMMANDS = ("analyze", "connect", "demo", "measure", "sandbox", "sync")


def main(argv: list[str]) -> int:
    """Run one command; argparse ends the process with 2 when the words are off."""
    command, *arguments = argv
    if command not in COMMANDS:
        print(f"There is no command {command}. Commands: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    # By name: a report on a clone must not wait for the database layer that other commands load.
    module = import_module(f"tformance.faces.cli.{command}")
    try:
        code: int = module.run(arguments)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return code
