"""Where things lie on this machine; knows nothing of Django, because the database is found before Django starts."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "tformance"
FRONTEND = CHECKOUT / "frontend"


def data() -> Path:
    """Everything that the product keeps: database, secrets, logs, built files."""
    return Path(os.environ.get("TFORMANCE_DATA") or CHECKOUT / ".data").absolute()


def logs() -> Path:
    return data() / "logs"
