"""Who may make an account, and how often signing in may be tried."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from tformance.faces.web import invited
from tformance.faces.web.problems import too_many_tries


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by invitation, or by anybody where the operator says so."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP == "open" or invited.invitation_of(request) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever holds an invitation has shown that the address is theirs: its link went nowhere else."""
        invitation = invited.invitation_of(request)
        return invitation is not None and invitation.email.lower() == email.lower()

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """No address comes into an account but by its own form or from the other site that vouches for it."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to the invitation that somebody came with."""
        return invited.way_back(request) or str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise ImmediateHttpResponse(too_many_tries(request)) from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By the login alone: the name this server is called by is for the visitor to choose."""
        return str(credentials.get("email", "")).strip().lower()


class OtherSites(DefaultSocialAccountAdapter):
    """Signing in by way of GitHub or of an OpenID Connect provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """An invitation counts where the other site knows the invited address: it is for nobody else."""
        if settings.SIGN_UP == "open":
            return True
        invitation = invited.invitation_of(request)
        told = {each.email.lower() for each in sociallogin.email_addresses}
        return invitation is not None and invitation.email.lower() in told

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """What is not set up does not exist."""
        if not self.list_apps(request, provider=provider, client_id=client_id):
            raise Http404
        return super().get_app(request, provider, client_id)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """The address is one that the other site has checked, where there is one."""
        user = super().populate_user(request, sociallogin, data)
        checked = [each for each in sociallogin.email_addresses if each.verified]
        checked.sort(key=lambda each: not each.primary)
        user.email = checked[0].email.lower() if checked else user.email
        user.name = str(data.get("name") or "")[:200]
        return user
