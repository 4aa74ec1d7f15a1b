"""Every address of the product starts here."""

from django.urls import include, path

from tformance.project import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("tformance.faces.hooks.urls")),
    path("", include("tformance.faces.web.urls")),
    path("accounts/", include("allauth.urls")),
]

handler429 = "tformance.faces.web.problems.too_many_tries"  # asked for by allauth
handler500 = "tformance.faces.web.problems.failed"
