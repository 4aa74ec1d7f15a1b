"""Making a team, and what it is called in words and in addresses."""

from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from tformance.accounts import audit
from tformance.accounts.models import Membership, OldSlug, Role, Team, User
from tformance.accounts.tenancy import tenant

LONGEST_SLUG: Final = 60
RESERVED: Final = frozenset({"demo"})  # the sample organisation's, which comes and goes


class Taken(Exception):
    """The slug belongs to another team, or did."""


def may_make_teams(user: User, *, is_open: bool) -> bool:
    """Everybody where everybody may sign up; elsewhere whoever is an admin already."""
    return is_open or Membership.objects.filter(user=user, role=Role.ADMIN).exists()


def present() -> QuerySet[Team]:
    """All teams but those that are being deleted."""
    return Team.objects.exclude(removal=Team.Removal.TEAM)


def make(user: User, name: str, zone: str) -> Team:
    """A team whose first admin is `user`; its slug is made of the name."""
    base = slugify(name)[: LONGEST_SLUG - 5] or "team"
    for number in range(1, 1000):
        try:
            return _make(user, name, base if number == 1 else f"{base}-{number}", zone)
        except Taken:
            continue
    raise Taken(base)


@transaction.atomic
def _make(user: User, name: str, slug: str, zone: str) -> Team:
    _claim(slug)
    try:
        with transaction.atomic():
            team = Team.objects.create(slug=slug, name=name, zone=zone)
    except IntegrityError:
        raise Taken(slug) from None
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    with tenant(team.pk):
        audit.record(user, "team_made", name)
    return team


def rename(user: User, team_id: int, name: str | None = None, zone: str | None = None) -> None:
    """What is None stays. In another zone days and weeks are others: the definition version says so, and weeks follow."""
    with tenant(team_id):
        team = Team.objects.select_for_update().get(pk=team_id)
        name, zone = name or team.name, zone or team.zone
        changes = [
            f"{what}: {before} → {after}"
            for what, before, after in (("name", team.name, name), ("time zone", team.zone, zone))
            if before != after
        ]
        if changes:
            team.definition_version += team.zone != zone
            team.name, team.zone = name, zone
            team.save(update_fields=["name", "zone", "definition_version"])
            audit.record(user, "team_renamed", ", ".join(changes))


def move(user: User, team_id: int, slug: str) -> None:
    """Give the team another slug; the one before leads to it from now on. Raises Taken."""
    with tenant(team_id):
        _claim(slug, team_id)
        team = Team.objects.get(pk=team_id)
        before, team.slug = team.slug, slug
        if before == slug:
            return
        try:
            with transaction.atomic():
                team.save(update_fields=["slug"])
        except IntegrityError:
            raise Taken(slug) from None
        OldSlug.objects.filter(slug=slug).delete()
        OldSlug.objects.get_or_create(slug=before, defaults={"team": team})
        audit.record(user, "team_moved", f"{before} → {slug}")


def is_taken(slug: str) -> bool:
    return Team.objects.filter(slug=slug).exists() or _was_anothers(slug, None)


def slug_of_old(slug: str) -> str | None:
    """What the team that was called so is called today."""
    return OldSlug.objects.filter(slug=slug).values_list("team__slug", flat=True).first()


def _claim(slug: str, team_id: int | None = None) -> None:
    """Nobody else can give up, keep or take the slug until this transaction ends; raises Taken.

    A team that is giving it up holds its row: after waiting for it the slug stands among the old ones.
    """
    held = Team.objects.select_for_update().filter(Q(slug=slug) | Q(pk=team_id)).order_by("pk")
    if any(team.pk != team_id for team in held) or slug in RESERVED or _was_anothers(slug, team_id):
        raise Taken(slug)


def _was_anothers(slug: str, team_id: int | None) -> bool:
    """Or of a team that was deleted."""
    owners = OldSlug.objects.filter(slug=slug)
    return (owners if team_id is None else owners.exclude(team=team_id)).exists()
