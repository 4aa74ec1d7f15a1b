"""`./run sandbox`: a local GitHub or Jira that serves a dataset folder, and the generator of such folders."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path

from tformance.faces.cli.output import Failed, say
from tformance.sandbox import check, generate, server
from tformance.sandbox.faults import parse_spec
from tformance.sandbox.jira import limits
from tformance.sandbox.jira import server as jira
from tformance.sandbox.jira.oauth import Client


def run(arguments: list[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.check:
        return _check(options.check)
    if options.generate:
        return _generate(options)
    if not options.data:
        parser.error("say what to do: --data DIR, --generate DIR or --check DIR")
    return _serve(parser, options, _jira if options.jira else _github)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run sandbox", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="serve this dataset folder")
    parser.add_argument("--jira", action="store_true", help="serve its Jira instead of its GitHub")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="write the port there once it answers")
    parser.add_argument("--token", default="", metavar="T[,T…]", help="NAME[/WORD+WORD[/EXPIRY]], default: any token")
    parser.add_argument("--faults", default="", metavar="SPEC", help="for example fail=0.1,max_page=10")
    parser.add_argument("--hook", action="append", default=[], metavar="URL", help="send webhook messages there")
    parser.add_argument("--hook-secret", action="append", default=[], metavar="S", help="signs them, one per --hook")
    parser.add_argument("--token-seconds", type=int, default=3600, metavar="N", help="life of an installation's token")
    parser.add_argument("--oauth-app", default="", metavar="ID:SECRET", help="Jira: the app that people consent to")
    parser.add_argument("--access-seconds", type=int, default=3600, metavar="N", help="Jira: life of an access token")
    parser.add_argument("--leeway-seconds", type=int, default=600, metavar="N", help="Jira: of a used refresh token")
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="wait before each answer")
    parser.add_argument("--tied", action="store_true", help="end when standard input ends")
    parser.add_argument("--check", type=Path, metavar="DIR", help="say what is wrong with a dataset folder")
    parser.add_argument("--generate", type=Path, metavar="DIR", help="write an organisation with its truth")
    parser.add_argument("--prs", type=int, default=6000, metavar="N")
    parser.add_argument("--people", type=int, default=40, metavar="N")
    parser.add_argument("--repositories", type=int, default=12, metavar="N")
    parser.add_argument("--months", type=int, default=18, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--end", type=_instant, metavar="INSTANT", help="last moment of the data, default now")
    parser.add_argument("--until", type=_instant, metavar="INSTANT", help="the same history as it looked then")
    return parser


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _check(folder: Path) -> int:
    problems = check.check(folder)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    say(f"{len(problems)} problems" if problems else "The dataset is well formed.")
    return 1 if problems else 0


def _generate(options: argparse.Namespace) -> int:
    generate.write(
        options.generate,
        prs=options.prs,
        people=options.people,
        repositories=options.repositories,
        months=options.months,
        end=options.end,
        seed=options.seed,
        until=options.until,
    )
    say(f"{options.prs} pull requests written to {options.generate}")
    return 0


def _serve(
    parser: argparse.ArgumentParser, options: argparse.Namespace, start: Callable[[argparse.Namespace], None]
) -> int:
    if not options.data.is_dir():
        raise Failed(f"There is no folder {options.data}: --generate DIR makes one.")
    try:
        start(options)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        raise Failed(f"Port {options.port} cannot be used: {error.strerror}.") from error
    return 0


def _hooks(options: argparse.Namespace) -> list[tuple[str, str]]:
    return list(zip_longest(options.hook, options.hook_secret[: len(options.hook)], fillvalue=""))


def _github(options: argparse.Namespace) -> None:
    sandbox = server.Sandbox(
        options.data,
        options.port,
        options.token,
        parse_spec(options.faults),
        options.latency,
        _hooks(options),
        options.token_seconds,
    )
    server.serve(sandbox, options.port_file, options.tied)


def _jira(options: argparse.Namespace) -> None:
    name, _, secret = options.oauth_app.partition(":")
    sandbox = jira.JiraSandbox(
        options.data,
        options.port,
        options.token,
        parse_spec(options.faults, limits.Spec),
        options.latency,
        Client(name, secret) if name else None,
        options.access_seconds,
        options.leeway_seconds,
        _hooks(options),
    )
    jira.serve(sandbox, options.port_file, options.tied)
