"""The team of an installation that has none yet."""

from itertools import count

from django.db.models import QuerySet

from tformance.accounts.models import Team
from tformance.accounts.teams import is_taken, present

UNNAMED = "My team"  # until somebody says what it is called


def own_teams() -> QuerySet[Team]:
    """All but the sample organisation, oldest first."""
    return present().filter(is_demo=False).order_by("id")


def ensure_first_team() -> None:
    """Make a team to begin with where there is only the sample organisation, or nothing."""
    if not own_teams().exists():
        Team.objects.create(slug=_free("main"), name=UNNAMED)


def _free(slug: str) -> str:
    """The slug, with a number where it belongs to another team, or did."""
    numbered = (slug if number == 1 else f"{slug}-{number}" for number in count(1))
    return next(each for each in numbered if not is_taken(each))
