"""What people decide about accounts and what is read from a provider, in whatever order: the same facts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys import road
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import connections


@pytest.fixture
def github(live_db: str, tmp_path: Path) -> Iterator[road.LocalGitHub]:
    road.invent(tmp_path / "organisation", prs=60, people=8, repositories=2, months=3)
    with road.local_github(tmp_path / "organisation") as served:
        yield served


def team_that(slug: str, github: road.LocalGitHub, read: Callable[[Team, list[str], int], None]) -> Team:
    team = Team.objects.create(slug=slug, name=slug)
    user = User.objects.create_user(f"{slug}@acme.example")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    connection = connections.connect_github(team.pk, github.url, road.TOKEN)
    read(team, sorted(choice.name for choice in connections.choices(team.pk, connection.id)), connection.id)
    return team


def decide(team: Team) -> None:
    """About the four members who opened most in the first repository, by their numbers at the provider."""
    user = User.objects.get(email=f"{team.slug}@acme.example")
    with tenant(team.pk):
        known = list(Actor.objects.filter(member__isnull=False).order_by("provider_id"))
    one, two, three, four = known[:4]
    assert deciding.link(team.pk, user, two.pk, one.member_id)
    assert deciding.judge(team.pk, user, three.pk, "bot")
    assert deciding.release(team.pk, user, four.pk)


def test_deciding_between_two_readings_gives_what_deciding_after_both_does(github: road.LocalGitHub) -> None:
    def between(team: Team, names: list[str], connection: int) -> None:
        connections.follow(team.pk, connection, names[:1])
        road.read_all(team)
        decide(team)
        connections.follow(team.pk, connection, names)
        road.read_all(team)

    def afterwards(team: Team, names: list[str], connection: int) -> None:
        connections.follow(team.pk, connection, names[:1])
        road.read_all(team)
        connections.follow(team.pk, connection, names)
        road.read_all(team)
        decide(team)

    early, late = team_that("early", github, between), team_that("late", github, afterwards)
    before = road.rows(early)
    assert before == road.rows(late)
    with tenant(early.pk):
        bot, outside = Actor.objects.get(verdict="bot"), Actor.objects.get(member=None, is_member_decided=True)
        assert bot.is_automation
        assert not PullRequest.objects.filter(author=bot, by_automation=False).exists()
        assert not TeamMember.objects.filter(github_username__in=[bot.login, outside.login]).exists()
    connections.sync_now(early.pk)
    road.read_all(early)
    assert road.rows(early) == before
