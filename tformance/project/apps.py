from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "tformance.project"
    label = "project"
    verbose_name = "Project"
