from django.apps import AppConfig
from django.core import checks

from tformance.project.checks import HOUSE_CHECKS


class ProjectConfig(AppConfig):
    name = "tformance.project"
    label = "project"

    def ready(self) -> None:
        for check in HOUSE_CHECKS:
            checks.register(check)
