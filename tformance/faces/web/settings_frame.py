"""The frame of a team's settings: a side navigation of sections around one section's content. Admins only."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tformance.faces.web.door import Place
from tformance.faces.web.shell import team_html


@dataclass(frozen=True)
class Section:
    name: str
    route: str


SECTIONS = (
    Section("General", "settings"),
    Section("Members", "members"),
    Section("People and accounts", "identities"),
    Section("Groups", "groups"),
    Section("Rules", "rules"),
    Section("Privacy", "privacy"),
    Section("Retention", "retention"),
    Section("Audit log", "audit"),
    Section("Danger zone", "danger"),
)


def settings_html(
    request: HttpRequest, place: Place, template: str, context: dict[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """A page of the section whose route is `here`; its template fills the block `settings` of `web/settings.html`."""
    around = {
        "sections": [
            {
                "name": section.name,
                "url": reverse(section.route, args=[place.team.slug]),
                "is_here": section.route == here,
            }
            for section in SECTIONS
        ],
        "section": next(section.name for section in SECTIONS if section.route == here),
    }
    return team_html(request, place, template, {**around, **context}, here="settings", status=status)
