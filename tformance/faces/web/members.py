"""Who is in the team and as what, and who is invited: for its admins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from tformance.accounts import invitations, members
from tformance.accounts.invitations import Gone, Known
from tformance.accounts.members import LastAdmin, NotHere
from tformance.accounts.models import Invitation, Membership, Role
from tformance.faces.web.door import Place, own_action, team_action, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor

LAST_ADMIN = "A team keeps at least one admin: make somebody else an admin first."
ABOUT_ROLES = {
    Role.ADMIN: "sees everything, connects sources, changes settings and members",
    Role.LEAD: "sees their own numbers, the people of their groups, and the team's",
    Role.DEVELOPER: "sees their own numbers and the team's",
}


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.DEVELOPER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["class"] = "input w-full"
        self.fields["role"].widget.attrs["class"] = "select w-full"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@dataclass(frozen=True)
class Waits:
    """An invitation that nobody has accepted yet."""

    invitation: Invitation
    is_late: bool


@dataclass(frozen=True)
class Invited:
    """What became of an invitation: the form to show next, and the link where there is no mail server to send it."""

    form: InviteForm
    is_sent: bool = False
    link: str = ""
    link_for: str = ""

    @property
    def status(self) -> int:
        return 422 if self.form.is_bound else 200


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """What is posted is an invitation; without a mail server its link is shown in the answer, and never again."""
    invited = invite(request, place)
    return redirect("members", place.team.slug) if invited.is_sent else _page(request, place, invited)


def invite(request: HttpRequest, place: Place) -> Invited:
    """Do what the form asks for, if it was posted."""
    if request.method != "POST":
        return Invited(InviteForm())
    form = InviteForm(request.POST)
    if not form.is_valid():
        return Invited(form)
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        invitation, token = invitations.invite(visitor(request), place.team.pk, email, role)
    except Known as error:
        form.add_error("email", f"{email} {error}.")
        return Invited(form)
    return _deliver(request, invitation, token)


@team_action
def resend(request: HttpRequest, place: Place, invitation: UUID) -> HttpResponse:
    try:
        renewed, token = invitations.renew(visitor(request), place.team.pk, invitation)
    except Gone:
        raise Http404 from None
    invited = _deliver(request, renewed, token)
    return redirect("members", place.team.slug) if invited.is_sent else _page(request, place, invited)


@team_action
def revoke(request: HttpRequest, place: Place, invitation: UUID) -> HttpResponse:
    try:
        invitations.revoke(visitor(request), place.team.pk, invitation)
    except Gone:
        raise Http404 from None
    messages.success(request, "The invitation is taken back: its link leads nowhere now.")
    return redirect("members", place.team.slug)


@team_action
def role(request: HttpRequest, place: Place, member: int) -> HttpResponse:
    given = request.POST.get("role", "")
    if given not in Role.values:
        messages.error(request, "That is no role: choose admin, lead or developer.")
        return redirect("members", place.team.slug)
    try:
        members.change_role(visitor(request), place.team.pk, member, Role(given))
    except NotHere:
        raise Http404 from None
    except LastAdmin:
        messages.error(request, LAST_ADMIN)
    return redirect("members", place.team.slug)


@team_action
def remove(request: HttpRequest, place: Place, member: int) -> HttpResponse:
    try:
        members.remove(visitor(request), place.team.pk, member)
    except NotHere:
        raise Http404 from None
    except LastAdmin:
        messages.error(request, LAST_ADMIN)
    return redirect("members", place.team.slug)


@own_action
def leave(request: HttpRequest, place: Place) -> HttpResponse:
    try:
        with transaction.atomic():
            members.leave(visitor(request), place.team.pk)
    except LastAdmin:
        messages.error(request, LAST_ADMIN)
        return redirect("account")
    messages.success(request, f"You have left {place.team.name}.")
    return redirect("account")


def _deliver(request: HttpRequest, invitation: Invitation, token: str) -> Invited:
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    if not settings.EMAIL_HOST:
        return Invited(InviteForm(), link=link, link_for=invitation.email)
    if _mailed(invitation, link):
        messages.success(request, f"An invitation is on its way to {invitation.email}.")
    else:
        messages.error(
            request, f"The mail server refused the message to {invitation.email}: send the invitation again later."
        )
    return Invited(InviteForm(), is_sent=True)


def _mailed(invitation: Invitation, link: str) -> bool:
    context = {"invitation": invitation, "link": link}
    subject = " ".join(f"Join {invitation.team.name} on tformance".split())
    text = render_to_string("web/invitation_mail.txt", context)
    try:
        EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email]).send()
    except OSError:  # what a mail server answers is one too
        return False
    return True


def _page(request: HttpRequest, place: Place, invited: Invited) -> HttpResponse:
    found: list[Membership] = list(members.of_team(place.team.pk))
    context = {
        "members": found,
        "waiting": _waiting(place.team.pk, place.now),
        "zone": place.zone,
        **about_inviting(invited, reverse("members", args=[place.team.slug])),
    }
    return settings_html(request, place, "web/settings_members.html", context, here="members", status=invited.status)


def about_inviting(invited: Invited, action: str) -> dict[str, Any]:
    """What the form of an invitation needs to be shown, wherever it stands."""
    return {
        "action": action,
        "invited": invited,
        "form": invited.form,
        "roles": [(role, ABOUT_ROLES[role]) for role in Role],
        "is_mailed": bool(settings.EMAIL_HOST),
    }


def _waiting(team_id: int, now: datetime) -> list[Waits]:
    return [Waits(each, each.expires_at <= now) for each in invitations.waiting(team_id)]
