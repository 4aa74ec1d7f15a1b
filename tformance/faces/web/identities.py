"""Who is who: the people of a team with their accounts, accounts that are nobody's yet, and who may be one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tformance.accounts.tenancy import tenant
from tformance.curation import deciding, people
from tformance.curation.people import Page, Which
from tformance.faces.kit.address import BadAddress
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor
from tformance.facts.decisions import Outdated

TABS: Final = (
    ("people", "People"),
    ("unlinked", "Not linked yet"),
    ("outside", "Outside contributors"),
    ("programs", "Bots"),
)
ABOUT: Final = {
    "people": "Everybody who belongs to the team, with all of their accounts. Numbers of one person are of all of these "
    "together.",
    "unlinked": "Accounts of people that belong to nobody of the team so far: of somebody who is not read as a member, "
    "or of a source that does not say who its people are.",
    "outside": "Accounts that somebody decided to be nobody's of the team. What they do counts for the whole team only.",
    "programs": "Accounts that are no people: they never count in numbers about people.",
}
SHOWN: Final = 50
LONGEST_WORDS: Final = 100


@dataclass(frozen=True)
class Tab:
    name: str
    href: str
    count: int | None
    is_here: bool


@dataclass(frozen=True)
class Pager:
    """Addresses of the neighbours, or None at the ends."""

    page: Page
    back: str | None
    forth: str | None


@require_http_methods(["GET", "HEAD"])
@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    show, words, number = request.GET.get("show", "people"), words_of(request, "q"), _number(request)
    if show not in ABOUT:
        raise BadAddress("There is no such list of people or accounts.")
    with tenant(place.team.pk):
        found = (
            people.people(words, number) if show == "people" else people.accounts(cast("Which", show), words, number)
        )
        users = {each.id: each for each in people.users()}
        counts = people.how_many()
    if number > found.last:
        raise BadAddress("There are not as many pages of this list.")
    context = {
        "tabs": _tabs(place, counts, show),
        "show": show,
        "about": ABOUT[show],
        "words": words,
        "found": found,
        "rows": [(each, users.get(each.user)) for each in found.rows] if show == "people" else found.rows,
        "pager": _pager(place, found, show, words),
    }
    return settings_html(request, place, "web/identities.html", context, here="identities")


@team_form
def suggested(request: HttpRequest, place: Place) -> HttpResponse:
    """What may be one person, to be accepted or dismissed one by one: nothing is done by itself."""
    if request.method == "POST":
        _answer(request, place)
        return redirect("identity_suggestions", place.team.slug)
    with tenant(place.team.pk):
        found, counts = people.resemblances(_proved(place)), people.how_many()
    context = {
        "tabs": _tabs(place, counts, "suggestions"),
        "found": found[:SHOWN],
        "total": len(found),
        "tones": {"certain": "good", "likely": "neu", "maybe": "warn"},
    }
    return settings_html(request, place, "web/identity_suggestions.html", context, here="identities")


def words_of(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\0", "").split())[:LONGEST_WORDS]


def id_of(told: Mapping[str, Any], name: str) -> int:
    """A key that was posted; whatever is none is nobody's."""
    text = str(told.get(name, ""))
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def _answer(request: HttpRequest, place: Place) -> None:
    one, other = (id_of(request.POST, name) for name in ("one", "other"))
    decide = {"accept": deciding.unite, "dismiss": deciding.keep_apart}.get(request.POST.get("do", ""))
    if decide is None:
        raise Http404
    try:
        is_news = decide(place.team.pk, visitor(request), one, other)
    except Outdated as error:
        messages.error(request, str(error))
        return
    if not is_news:
        messages.info(request, "This was decided already.")
    elif decide is deciding.unite:
        messages.success(request, "They are one person now; the weeks that this concerns are worked out again.")
    else:
        messages.success(request, "They stay two people, and this is not suggested again.")


def _proved(place: Place) -> dict[int, set[str]]:
    """Addresses that the users of the team have confirmed, by user."""
    found: dict[int, set[str]] = {}
    confirmed = EmailAddress.objects.filter(verified=True, user__memberships__team=place.team)
    for user, address in confirmed.values_list("user_id", "email"):
        found.setdefault(user, set()).add(address.lower())
    return found


def _tabs(place: Place, counts: Mapping[str, int], here: str) -> list[Tab]:
    base = reverse("identities", args=[place.team.slug])
    tabs = [Tab(name, f"{base}?show={key}", counts[key], key == here) for key, name in TABS]
    more = reverse("identity_suggestions", args=[place.team.slug])
    return [*tabs, Tab("Suggestions", more, None, here == "suggestions")]


def _number(request: HttpRequest) -> int:
    told = request.GET.get("page", "1")
    if not told.isascii() or not told.isdigit() or len(told) > 6 or int(told) < 1:
        raise BadAddress("Pages are numbered from 1.")
    return int(told)


def _pager(place: Place, found: Page, show: str, words: str) -> Pager:
    def to(number: int) -> str | None:
        if not 1 <= number <= found.last:
            return None
        query = QueryDict(mutable=True)
        query.update({"show": show, **({"q": words} if words else {}), "page": str(number)})
        return f"{reverse('identities', args=[place.team.slug])}?{query.urlencode()}"

    return Pager(found, to(found.number - 1), to(found.number + 1))
