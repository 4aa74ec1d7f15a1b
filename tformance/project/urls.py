"""Every address of the product starts here."""

from django.urls import include, path

from tformance.project import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("tformance.faces.hooks.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("tformance.faces.web.urls")),
]

handler500 = "tformance.faces.web.problems.failed"
