"""The team of an installation that has none yet."""

from django.db.models import QuerySet

from tformance.accounts.models import Team

UNNAMED = "My team"  # until somebody says what it is called


def own_teams() -> QuerySet[Team]:
    """All but the sample organisation, oldest first."""
    return Team.objects.filter(is_demo=False).order_by("id")


def ensure_first_team() -> None:
    """Make a team to begin with where there is only the sample organisation, or nothing."""
    if not own_teams().exists():
        Team.objects.create(slug="main", name=UNNAMED)
