"""`./run sync`: read what changed, or finish reading the history."""

import argparse
import sys
from dataclasses import asdict

from tformance.faces.cli import team
from tformance.faces.cli.output import Failed, print_json, say
from tformance.sync import connections, drive, health


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    chosen = team.chosen(options.team)
    if not connections.connected(chosen.id):
        raise Failed("Nothing is connected yet: ./run connect github or ./run connect git comes first.")
    connections.sync_now(chosen.id)
    if options.reconcile:
        connections.compare_now(chosen.id)
    if not options.wait:
        say("Asked for what changed; it is read while the product runs.")
        return 0
    drive.run_until_done(chosen.id, Ticker(chosen.id))
    _report(chosen.id, options.json)
    return 0 if health.is_complete(chosen.id) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run sync", description=__doc__)
    parser.add_argument("--wait", action="store_true", help="read in this process; exit 1 unless all is complete")
    parser.add_argument(
        "--reconcile", action="store_true", help="also compare what is stored with all that the provider lists"
    )
    parser.add_argument("--team", metavar="SLUG", help="default: the only team that is not the demo")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


class Ticker:
    """Says how each connection is doing whenever that has changed."""

    def __init__(self, team_id: int) -> None:
        self.team_id, self.said = team_id, ""

    def __call__(self) -> None:
        words = "; ".join(f"{each.account}: {each.words}" for each in health.connections(self.team_id))
        if words != self.said:
            say(words)
            self.said = words


def _report(team_id: int, as_json: bool) -> None:
    streams = health.totals(team_id)
    if as_json:
        print_json({"complete": health.is_complete(team_id), "streams": [asdict(each) for each in streams]})
        return
    for each in streams:
        skipped = f", skipped {sum(each.skipped.values())}" if each.skipped else ""
        sys.stdout.write(
            f"{each.stream}: {each.state}, fetched {each.fetched}, written {each.written}{skipped}, "
            f"{each.requests} requests, {each.points} points, {each.seconds:.1f} s\n"
        )
    for connection in health.connections(team_id):
        for repository in connection.repositories:
            if repository.error:
                say(f"{repository.name}: {repository.error}")
