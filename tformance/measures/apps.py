from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "tformance.measures"
    label = "measures"
