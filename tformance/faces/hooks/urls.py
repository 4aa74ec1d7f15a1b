"""The addresses that providers know."""

from django.urls import path

from tformance.faces.hooks import views

urlpatterns = [path("hooks/<slug:source>/<uuid:endpoint>/", views.message, name="hook")]
