from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "tformance.facts"
    label = "facts"
