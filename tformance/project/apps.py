from django.apps import AppConfig
from django.core import checks

from tformance.core import log
from tformance.project import celery
from tformance.project.checks import HOUSE_CHECKS


class ProjectConfig(AppConfig):
    name = "tformance.project"
    label = "project"

    def ready(self) -> None:
        log.configure()
        celery.app.set_default()  # for the threads of the web server, not only for the one that imports it
        for check in HOUSE_CHECKS:
            checks.register(check)
