"""Every address of the product starts here."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("", include("tformance.faces.web.urls")),
]
