"""`./run backfill_weekly_metrics`: weeks of teams once more, as the evening round does them."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tformance.accounts.models import Team
from tformance.measures.weekly import rounds

MOST = 1040  # twenty years


class Command(BaseCommand):
    help = "Work out weeks of every team again: the last ones, or those up to a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, required=True, help="how many weeks, the last one included")
        parser.add_argument(
            "--until", type=_day, help="a day of the last of them, as 2026-03-31; this week if left out"
        )
        parser.add_argument("--team", help="only this team, by its address: the part after /t/")

    def handle(self, *arguments: Any, weeks: int, team: str | None, until: date | None, **options: Any) -> None:
        """What is interrupted goes on with the next call or in the running product: what is left stays marked."""
        if not 1 <= weeks <= MOST:
            raise CommandError(f"--weeks is a number from 1 to {MOST}, not {weeks}.")
        teams, done, failed = _teams(team), 0, []
        for number, (key, slug) in enumerate(teams, 1):
            for step in rounds.work_off(key, weeks, until):
                if step is None:
                    failed.append(slug)
                    continue
                done += step.done
                self.stderr.write(f"{slug} ({number} of {len(teams)}): {done} weeks worked out, {step.left} left")
        if failed:
            raise CommandError(f"Failed, see the log above: {', '.join(failed)}. Run this again to go on.")
        self.stdout.write(f"Weeks worked out: {done}, teams: {len(teams)}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day such as 2026-03-31") from error


def _teams(slug: str | None) -> list[tuple[int, str]]:
    teams = Team.objects.order_by("slug")
    if slug is not None:
        teams = teams.filter(slug=slug)
    found = list(teams.values_list("pk", "slug"))
    if slug is not None and not found:
        raise CommandError(f"There is no team {slug}: its name is the part of its address after /t/.")
    return found
