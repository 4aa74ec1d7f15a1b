"""A worker with the product's own broker settings whose tasks leave a line in a file."""

import os
import time
from pathlib import Path

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")

app = Celery("conformance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {}


@app.task(name="conformance.note")
def note(number: int, seconds: float) -> None:
    time.sleep(seconds)
    with Path(os.environ["CONFORMANCE_NOTES"]).open("a") as notes:
        notes.write(f"{number}\n")
