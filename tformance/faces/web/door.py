"""The one way into a team's pages: who may see it, the tenant that everything after it runs in, and for whom it measures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import F, FilteredRelation, Q
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from tformance.accounts.models import Role, Team
from tformance.accounts.teams import present, slug_of_old
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.kit.address import BadAddress
from tformance.faces.web import problems
from tformance.faces.web.bearer import BadToken, bearer_of
from tformance.faces.web.viewer import viewer_of
from tformance.measures.guard import NotYours, looking
from tformance.measures.narrow import Unanswerable

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Place:
    """A team as one visitor sees it. `role` is None for whoever reads the demo; `teams` are all they may enter."""

    team: Team
    role: Role | None
    teams: tuple[Team, ...]
    zone: ZoneInfo
    now: datetime

    @property
    def may_change(self) -> bool:
        return self.role == Role.ADMIN


View = Callable[..., HttpResponseBase]


def team_page(view: View) -> View:
    """Calls `view(request, place, …)` inside the team's tenant: nothing changes by reading a page."""

    @wraps(view)
    def in_tenant(request: HttpRequest, place: Place, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenant(place.team.pk):
            return view(request, place, *args, **kwargs)

    return require_http_methods(["GET", "HEAD"])(_let_in(in_tenant, admins=False))


def admin_page(view: View) -> View:
    """As `team_page`, for the team's admins."""

    @wraps(view)
    def in_tenant(request: HttpRequest, place: Place, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenant(place.team.pk):
            return view(request, place, *args, **kwargs)

    return require_http_methods(["GET", "HEAD"])(_let_in(in_tenant, admins=True))


def team_form(view: View) -> View:
    """A page with a form, for the team's admins. Outside any transaction, because providers are asked meanwhile."""
    return require_http_methods(["GET", "HEAD", "POST"])(_let_in(view, admins=True))


def team_action(view: View) -> View:
    """What changes something: POST only, the team's admins only, outside any transaction."""
    return require_http_methods(["POST"])(_let_in(view, admins=True))


def own_action(view: View) -> View:
    """What changes only the visitor's own things: POST only, members only, inside the team's tenant."""

    @wraps(view)
    def in_tenant(request: HttpRequest, place: Place, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if place.role is None:
            return problems.no_permission(request, place.team)
        with tenant(place.team.pk):
            return view(request, place, *args, **kwargs)

    return require_http_methods(["POST"])(_let_in(in_tenant, admins=False))


def demo_is_open() -> bool:
    """Without sign-in the demo is shown only where nobody else can reach the server."""
    return settings.HOST in LOOPBACK


def teams_of(request: HttpRequest) -> tuple[Team, ...]:
    """Teams the visitor may enter, own ones first; each carries `role`, which is None for the demo."""
    user = request.user
    if not user.is_authenticated:
        return tuple(_with_role(None).filter(is_demo=True)) if demo_is_open() else ()
    return tuple(_with_role(user.pk).filter(Q(is_demo=True) | Q(mine__isnull=False)))


def _with_role(user_id: int | None) -> Any:
    mine = FilteredRelation("memberships", condition=Q(memberships__user_id=user_id))
    return present().annotate(mine=mine, role=F("mine__role")).order_by("is_demo", "name", "pk")


def _let_in(view: View, *, admins: bool) -> View:
    @wraps(view)
    def enter(request: HttpRequest, team: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            token = bearer_of(request)
        except BadToken as error:
            return problems.bad_token(str(error))
        place = _place(request, team)
        if token is not None and (not isinstance(place, Place) or place.team.pk != token.team_id):
            raise Http404
        if isinstance(place, str):
            return _moved(request, team, place)
        if place is None:
            return _to_sign_in(request)
        if admins and (refused := _refused(request, place)):
            return refused
        try:
            with looking(viewer_of(request, place.team, place.role)):
                return view(request, place, *args, **kwargs)
        except NotYours as error:
            return problems.not_yours(request, place.team, str(error))
        except BadAddress as error:
            return problems.bad_address(request, str(error))
        except Unanswerable as error:
            return problems.bad_address(request, f"This cannot be narrowed so: {error}.")

    return enter


def _refused(request: HttpRequest, place: Place) -> HttpResponseBase | None:
    """Who is no admin changes nothing, and nobody does while the data are being deleted."""
    if not place.may_change:
        return problems.no_permission(request, place.team)
    if place.team.removal and request.method == "POST":
        return problems.being_deleted(request, place.team)
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """A part of a page cannot show the sign-in form: the page around it goes there."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(reverse("account_login"))
    return redirect_to_login(request.get_full_path())


def _place(request: HttpRequest, slug: str) -> Place | str | None:
    """None: sign in first; a slug: what the team is called today. A team of others does not exist for the visitor."""
    teams = teams_of(request)
    for team in teams:
        if team.slug == slug:
            return place_of(team, teams)
    if not request.user.is_authenticated:
        return None
    today = slug_of_old(slug)
    if today not in {team.slug for team in teams}:
        raise Http404
    return today


def _moved(request: HttpRequest, before: str, today: str) -> HttpResponseBase:
    """Pages are found under the new name; what was to change something under the old one is not done."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    return HttpResponsePermanentRedirect(request.get_full_path().replace(f"/t/{before}", f"/t/{today}", 1))


def place_of(team: Team, teams: tuple[Team, ...]) -> Place:
    role = getattr(team, "role", None)
    return Place(team, Role(role) if role else None, teams, ZoneInfo(team.zone), clock.now())
