"""`./run connect`: follow repositories at GitHub, projects of a Jira site, or a clone on this machine."""

import argparse
import os
from pathlib import Path

from tformance.core.errors import SourceError
from tformance.faces.cli import team
from tformance.faces.cli.output import Failed, print_json, say
from tformance.sync import connections, grants
from tformance.sync.connections import Connected


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    connected: Connected = options.connect(options)
    if options.json:
        print_json({"team": options.slug, "connection": connected.id, "repositories": list(connected.repositories)})
    else:
        say(f"Following {', '.join(connected.repositories)}. Read it now with: ./run sync --wait")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run connect", description=__doc__)
    kinds = parser.add_subparsers(required=True, metavar="github|jira|git")
    github = kinds.add_parser("github", help="repositories at GitHub or GitHub Enterprise Server")
    github.add_argument("--api-url", default=connections.GITHUB_API, metavar="URL")
    github.add_argument("--token", metavar="T", help="default: the environment variable GITHUB_TOKEN")
    github.add_argument("--repo", action="append", required=True, metavar="OWNER/NAME", help="may be repeated")
    github.set_defaults(connect=_github)
    jira = kinds.add_parser("jira", help="projects of a Jira Cloud site")
    jira.add_argument("--site", required=True, metavar="NAME", help="acme, or any address on acme.atlassian.net")
    jira.add_argument("--email", required=True, metavar="E", help="of the account that the token belongs to")
    jira.add_argument("--token", metavar="T", help="default: the environment variable JIRA_API_TOKEN")
    jira.add_argument("--project", action="append", required=True, metavar="KEY", help="may be repeated")
    jira.set_defaults(connect=_jira)
    git = kinds.add_parser("git", help="a clone on this machine")
    git.add_argument("path", type=Path)
    git.set_defaults(connect=_git)
    for kind in (github, jira, git):
        kind.add_argument("--team", metavar="SLUG", help="default: the only team that is not the demo")
        kind.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _github(options: argparse.Namespace) -> Connected:
    token = options.token or os.environ.get("GITHUB_TOKEN", "")
    if not token:
        raise Failed("A token is needed: give it with --token or in the environment variable GITHUB_TOKEN.")
    chosen = team.chosen_or_first(options.team)
    options.slug = chosen.slug
    try:
        made = connections.connect_github(chosen.id, options.api_url, token)
        _say_what_is_missing(chosen.id, made, options.repo)
    except SourceError as error:
        raise Failed(f"GitHub could not be connected: {error}") from error
    connections.follow(chosen.id, made.id, options.repo)
    followed = next(each for each in connections.connected(chosen.id) if each.id == made.id)
    if followed.expires_at:
        say(f"The token ends on {followed.expires_at:%Y-%m-%d}.")
    return followed


def _say_what_is_missing(team_id: int, made: Connected, names: list[str]) -> None:
    """Raises Failed where a name cannot be seen, before anything is followed."""
    unknown = grants.unseen(team_id, made.id, names)
    if unknown:
        raise Failed("\n".join(f"{name} cannot be followed: {why}." for name, why in unknown.items()))
    for lack in grants.examine(team_id, made.id, names).lacks:
        say(f"{'Missing' if lack.is_needed else 'Not read'}: {lack.words}.")


def _jira(options: argparse.Namespace) -> Connected:
    token = options.token or os.environ.get("JIRA_API_TOKEN", "")
    if not token:
        raise Failed("A token is needed: give it with --token or in the environment variable JIRA_API_TOKEN.")
    chosen = team.chosen_or_first(options.team)
    options.slug = chosen.slug
    try:
        made = connections.connect_jira(chosen.id, options.site, options.email, token)
        known = {each.name for each in connections.choices(chosen.id, made.id)}
    except SourceError as error:
        raise Failed(f"Jira could not be connected: {error}") from error
    keys = [key.upper() for key in options.project]
    unknown = sorted(set(keys) - known)
    if unknown:
        raise Failed(
            f"{made.account} cannot see {', '.join(unknown)}; it sees {', '.join(sorted(known)) or 'nothing'}."
        )
    connections.follow(chosen.id, made.id, keys)
    return next(each for each in connections.connected(chosen.id) if each.id == made.id)


def _git(options: argparse.Namespace) -> Connected:
    chosen = team.chosen_or_first(options.team)
    options.slug = chosen.slug
    try:
        return connections.connect_git(chosen.id, options.path)
    except SourceError as error:
        raise Failed(f"{options.path} could not be connected: {error}") from error
