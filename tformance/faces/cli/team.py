"""Which team a command is about."""

from django.db.models import QuerySet

from tformance.accounts.models import Team
from tformance.faces.cli.output import Failed

FIRST_TEAM = {"slug": "main", "name": "My team"}


def chosen(slug: str | None) -> Team:
    """The named team, or else the only one that is not the demo; raises Failed when that is not clear."""
    if slug is not None:
        return _named(slug)
    teams = list(_own_teams()[:2])
    if not teams:
        raise Failed("There is no team yet: ./run connect makes the first one.")
    if len(teams) > 1:
        raise Failed("There are several teams: say which one with --team SLUG.")
    return teams[0]


def chosen_or_first(slug: str | None) -> Team:
    """As `chosen`, but the first team is made when there is none."""
    if slug is None and not _own_teams().exists():
        return Team.objects.create(**FIRST_TEAM)
    return chosen(slug)


def _named(slug: str) -> Team:
    try:
        return Team.objects.get(slug=slug)
    except Team.DoesNotExist:
        known = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Failed(f"There is no team {slug}. Teams: {known}.") from None


def _own_teams() -> QuerySet[Team]:
    return Team.objects.filter(is_demo=False).order_by("id")
