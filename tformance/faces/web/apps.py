from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tformance.faces.web"
    label = "web"
