"""How the commands talk to the person who started them: progress and errors on stderr, data on stdout."""

import sys
import time

STARTED = time.monotonic()


class Stop(Exception):
    """Nothing more can be done; the text is one sentence for the person at the terminal."""


def say(message: str) -> None:
    sys.stderr.write(f"[{time.monotonic() - STARTED:5.1f} s] {message}\n")
    sys.stderr.flush()


def answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
