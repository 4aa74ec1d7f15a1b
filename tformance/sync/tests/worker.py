"""A worker process that reads everything of a team to the end: `python -m … TEAM_ID`."""

import sys

import django

django.setup()

from tformance.sync.drive import run_until_done  # noqa: E402 needs the settings

if __name__ == "__main__":
    run_until_done(int(sys.argv[1]), tick=lambda: None)
