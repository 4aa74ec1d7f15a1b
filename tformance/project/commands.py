"""What concerns the whole project is done here, everything else goes to the command line's face."""

import sys
from collections.abc import Callable

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.utils.module_loading import import_string

from tformance.project import database, doctor, product, quality, testing
from tformance.project.terminal import Stop

USAGE = """\
./run                     start the product with its demo (--no-demo: without)
./run demo --remove | --again   delete the sample organisation, or make it anew
./run stop | doctor | login
./run analyze PATH        report on a local git clone, no account needed
./run rotate_secrets      seal everything that is stored encrypted with the first key of MASTER_KEYS
./run backfill_weekly_metrics --weeks N [--until DAY] [--team SLUG]   work out weeks again
./run connect | sync | measure | sandbox   (each with --help)
./run test | check | soak | bench
./run manage COMMAND      any Django management command"""

WITH_DATABASE = {"connect", "demo", "measure", "sync"}


def main(argv: list[str]) -> int:
    """Exit code 0 done, 1 failed, 2 wrong use; a setting that cannot be right stops with its sentence."""
    try:
        return _dispatch(argv[0], argv[1:])
    except ImproperlyConfigured as reason:
        raise Stop(str(reason)) from None


def _dispatch(command: str, arguments: list[str]) -> int:
    if command in PROJECT:
        return PROJECT[command](arguments)
    if command in WITH_DATABASE and {"-h", "--help"} & set(arguments):
        django.setup()
        return _face(command, arguments)
    if command in WITH_DATABASE:
        with database.available():
            django.setup()
            return _face(command, arguments)
    sys.stderr.write(f"{USAGE}\n")
    return 0 if command in ("help", "--help", "-h") else 2


def _face(command: str, arguments: list[str]) -> int:
    """Imported by name, since models can be imported only once Django knows its database."""
    result: int = import_string("tformance.faces.cli.main.main")([command, *arguments])
    return result


def _manage(arguments: list[str]) -> int:
    with database.available():
        execute_from_command_line(["./run manage", *arguments])
    return 0


def _up(arguments: list[str]) -> int:
    unknown = set(arguments) - {"--no-demo"}
    if unknown:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    return product.up(demo="--no-demo" not in arguments)


PROJECT: dict[str, Callable[[list[str]], int]] = {
    "up": _up,
    "stop": lambda arguments: product.stop(),
    "doctor": lambda arguments: doctor.run(),
    "login": lambda arguments: _manage(["login", *arguments]),
    "rotate_secrets": lambda arguments: _manage(["rotate_secrets", *arguments]),
    "backfill_weekly_metrics": lambda arguments: _manage(["backfill_weekly_metrics", *arguments]),
    "manage": _manage,
    "test": testing.run,
    "check": lambda arguments: quality.run(),
    "soak": lambda arguments: testing.run(["-n", "0", "-m", "soak", *arguments]),
    "bench": lambda arguments: testing.run(["-n", "0", "-m", "bench", *arguments]),
}
