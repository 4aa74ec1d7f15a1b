"""The sandbox as a process of its own: `python -m tformance.sandbox serve|generate|check …`."""

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

from tformance.sandbox import generate
from tformance.sandbox.check import check
from tformance.sandbox.server import serve


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="A local GitHub over a dataset folder.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve a folder")
    serving.add_argument("--data", type=Path, required=True)
    serving.add_argument("--port", type=int, default=0)
    serving.add_argument("--port-file", type=Path)
    serving.add_argument("--token", default=os.environ.get("SANDBOX_TOKEN", "sandbox"))
    serving.add_argument("--faults", default="", help="such as fail=0.1,max_page=10 (docs/sandbox.md)")
    serving.add_argument("--latency", type=int, default=0, help="milliseconds before each answer")
    making = commands.add_parser("generate", help="write an invented organisation")
    making.add_argument("--data", type=Path, required=True)
    for name, value in (("prs", 6000), ("people", 40), ("repositories", 12), ("months", 18), ("seed", 1)):
        making.add_argument(f"--{name}", type=int, default=value)
    making.add_argument("--end", type=datetime.fromisoformat, help="last moment of the data, default now")
    making.add_argument("--until", type=datetime.fromisoformat, help="show the same history at this earlier moment")
    checking = commands.add_parser("check", help="compare a folder with its schemas")
    checking.add_argument("--data", type=Path, required=True)
    return parser.parse_args()


def main() -> int:
    given = arguments()
    if given.command == "serve":
        serve(given.data, given.port, given.token, given.faults, given.latency, given.port_file)
    elif given.command == "generate":
        names = ("prs", "people", "repositories", "months", "end", "seed", "until")
        made = generate.write(given.data, **{name: getattr(given, name) for name in names})
        sys.stdout.write(f"{made['totals']}\n")
    else:
        problems = check(given.data)
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        return 1 if problems else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
