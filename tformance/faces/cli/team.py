"""Which team a command is about."""

from tformance.accounts.first_team import ensure_first_team, own_teams
from tformance.accounts.models import Team
from tformance.accounts.teams import present
from tformance.faces.cli.output import Failed


def chosen(slug: str | None) -> Team:
    """The named team, or else the only one that is not the demo; raises Failed when that is not clear."""
    if slug is not None:
        return _named(slug)
    teams = list(own_teams()[:2])
    if not teams:
        raise Failed("There is no team yet: ./run connect makes the first one.")
    if len(teams) > 1:
        raise Failed("There are several teams: say which one with --team SLUG.")
    return teams[0]


def chosen_or_first(slug: str | None) -> Team:
    """As `chosen`, but the first team is made when there is none."""
    if slug is None:
        ensure_first_team()
    return chosen(slug)


def _named(slug: str) -> Team:
    try:
        return present().get(slug=slug)
    except Team.DoesNotExist:
        known = ", ".join(present().order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Failed(f"There is no team {slug}. Teams: {known}.") from None
