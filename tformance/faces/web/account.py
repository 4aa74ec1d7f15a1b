"""The visitor's own account: their name, the ways they sign in, and their teams."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tformance.accounts import departing
from tformance.accounts.members import LastAdmin
from tformance.accounts.models import User
from tformance.accounts.teams import may_make_teams
from tformance.faces.web.door import teams_of
from tformance.faces.web.typed import TypedForm
from tformance.faces.web.visitor import visitor


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="As others see you. Empty: they see your e-mail address.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "input w-full"}),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    user = visitor(request)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=user.pk).update(name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("account")
    context = {"form": form, "page": "account", **_summary(request, user)}
    return render(request, "account/overview.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Not while a team would be left without an admin."""
    user = visitor(request)
    kept, email = departing.teams_kept_by(user), user.email
    form = TypedForm(email, request.POST if request.method == "POST" else None, name="delete")
    if form.is_bound and form.is_valid() and not kept:
        try:
            departing.delete_user(user)
        except LastAdmin:
            return redirect("delete_account")
        logout(request)
        return render(request, "account/deleted.html", {"email": email})
    context = {"form": form, "kept": kept, "page": "account"}
    return render(request, "account/delete.html", context, status=422 if form.is_bound else 200)


def _summary(request: HttpRequest, user: User) -> dict[str, Any]:
    return {
        "addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "has_password": user.has_usable_password(),
        "kinds": set(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "has_sites": any(site for site in settings.SOCIALACCOUNT_PROVIDERS.values()),
        "sites": SocialAccount.objects.filter(user=user).count(),
        "sessions": UserSession.objects.filter(user=user).count(),
        "teams": [team for team in teams_of(request) if team.role],  # type: ignore[attr-defined]
        "may_make_teams": may_make_teams(user, is_open=settings.SIGN_UP == "open"),
    }
