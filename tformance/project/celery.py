"""The Celery application; messages only say which lane to look at, work itself is rows."""

import os

from celery import Celery
from celery.signals import celeryd_init

from tformance.project import environment
from tformance.project.postgres import roles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")

app = Celery("tformance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def refuse_superuser(**sent: object) -> None:
    """A worker that is started by hand must be bound by row-level security too."""
    roles.refuse_superuser(environment.text("DATABASE_URL"))
