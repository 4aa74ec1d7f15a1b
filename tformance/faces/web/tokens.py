"""A member's own tokens for one team: made, shown once, and revoked."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.accounts import tokens
from tformance.accounts.tokens import MOST, TooMany
from tformance.faces.web.door import Place, own_action, team_page
from tformance.faces.web.shell import team_html
from tformance.faces.web.visitor import visitor

DAYS, MOST_DAYS = 90, 365


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input w-full"}),
    )
    days = forms.IntegerField(
        label="Days it works",
        min_value=1,
        max_value=MOST_DAYS,
        initial=DAYS,
        help_text=f"At most {MOST_DAYS}.",
        widget=forms.NumberInput(attrs={"class": "input w-full"}),
    )


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    return _page(request, place, TokenForm())


@own_action
def make(request: HttpRequest, place: Place) -> HttpResponse:
    """The token stands in the answer, and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, place, form, status=422)
    try:
        secret = tokens.make(visitor(request), place.team.pk, form.cleaned_data["name"], form.cleaned_data["days"])
    except TooMany:
        form.add_error("name", f"There is room for {MOST} tokens: revoke one first.")
        return _page(request, place, form, status=422)
    return _page(request, place, TokenForm(), secret=secret)


@own_action
def revoke(request: HttpRequest, place: Place, token: UUID) -> HttpResponse:
    """Somebody else's token does not exist."""
    if not tokens.revoke(visitor(request), place.team.pk, token):
        raise Http404
    messages.success(request, "The token is revoked.")
    return redirect("tokens", place.team.slug)


def _page(request: HttpRequest, place: Place, form: TokenForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    is_member = place.role is not None
    context = {
        "form": form,
        "secret": secret,
        "is_member": is_member,
        "tokens": list(tokens.of(visitor(request), place.team.pk)) if is_member else [],
        "now": place.now,
        "zone": place.zone,
        "address": request.build_absolute_uri(f"/t/{place.team.slug}/pulls.csv"),
    }
    return team_html(request, place, "web/tokens.html", context, here="", status=status)
