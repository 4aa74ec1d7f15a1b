"""What people decide about accounts outlives every reading, whenever it is decided."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tformance.accounts.models import Group, Team, User
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.decisions import Dates, Decision, Judge, Link, Merge, Outdated, OwnMember, SignsInAs
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import DataVersion
from tformance.facts.models.review import PRReview
from tformance.facts.records import GHOST, MembershipRecord, OrganizationPage
from tformance.facts.tests.dump import dump
from tformance.facts.write import write_decision

pytestmark = pytest.mark.django_db
ADA, BOB, GRACE = t.actor("ada"), t.actor("bob"), t.actor("grace")
WEBLATE = t.actor("weblate")  # a user's account that is known as automation
slugs = (f"deciding-{number}" for number in itertools.count())
Choose = Callable[[Callable[[str], Actor]], Decision]


@pytest.fixture
def team() -> Team:
    return t.team()


def decide(team: Team, choose: Choose) -> int:
    """What is decided names accounts by login, so that it can be said of any team."""
    with tenant(team.id):
        return write_decision(choose(lambda login: Actor.everything.get(login=login)), team_id=team.id)


def members(team: Team) -> dict[str, tuple[str, bool]]:
    """By login, who an account belongs to, and whether they are active."""
    with tenant(team.id):
        rows = Actor.everything.filter(member__isnull=False).select_related("member")
        return {each.login: (each.member.display_name, each.member.is_active) for each in rows}


def belonging(*logins: str, hours: float = 24, kinds: dict[str, Any] | None = None) -> OrganizationPage:
    found = [t.actor(login, kind=(kinds or {}).get(login, "user")) for login in logins]
    return t.organization(members=t.whole([MembershipRecord(each, "member") for each in found]), fetched_at=t.at(hours))


def readings() -> Iterator[Callable[[Team], Any]]:
    """The same accounts again and again: known, reviewing and opening more; the organisation loses one and has it back."""
    said = t.whole([t.review(1, author=BOB), t.review(2, author=WEBLATE)])
    opened = [t.pull_request(1, author=ADA, reviews=said), t.pull_request(2, author=BOB)]
    opened += [t.pull_request(3, author=WEBLATE), t.pull_request(4, author=GRACE, author_association="NONE")]
    yield lambda team: t.write(team, t.page(*opened))
    yield lambda team: t.write_org(team, belonging("ada", "bob", "weblate"))
    later = [t.pull_request(5, author=BOB), t.pull_request(6, author=WEBLATE), t.pull_request(7, author=ADA)]
    yield lambda team: t.write(team, t.page(*later, fetched_at=t.at(30)))
    yield lambda team: t.write_org(team, belonging("ada", "weblate", hours=48))
    yield lambda team: t.write_org(team, belonging("ada", "bob", "weblate", hours=72))


DECISIONS: dict[str, Choose] = {
    "another account of a member": lambda of: Link(of("bob").pk, of("ada").member_id),
    "an outsider is a member": lambda of: OwnMember(of("grace").pk),
    "an outsider is another account of a member": lambda of: Link(of("grace").pk, of("ada").member_id),
    "an outside contributor": lambda of: Link(of("bob").pk, None),
    "one person": lambda of: Merge(of("ada").member_id, of("bob").member_id),
    "a bot": lambda of: Judge(of("bob").pk, "bot"),
    "no bot": lambda of: Judge(of("weblate").pk, "person"),
    "left": lambda of: Dates(of("bob").member_id, None, date(2026, 3, 3)),
}


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS.keys())
def test_before_or_after_readings_it_is_the_same(decision: Choose) -> None:
    results = []
    for place in range(1, len(list(readings())) + 1):
        team = t.team(next(slugs))
        for number, read in enumerate(readings(), 1):
            read(team)
            if number == place:
                assert decide(team, decision) > 0
        results.append(dump(team))
    for each in results[1:]:
        assert {name: rows for name, rows in each.items() if rows != results[0][name]} == {}


def test_a_renamed_account_and_one_that_the_provider_calls_a_bot_stay_what_was_decided(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=ADA), t.pull_request(2, author=BOB)))
    decide(team, lambda of: Link(of("bob").pk, of("ada").member_id))
    decide(team, lambda of: Judge(of("bob").pk, "person"))
    robert = replace(BOB, login="robert", name="Robert", kind="bot")
    t.write(team, t.page(t.pull_request(3, author=robert), fetched_at=t.at(48)))
    assert members(team) == {"ada": ("Ada", True), "robert": ("Ada", True)}
    with tenant(team.id):
        row = Actor.objects.get(login="robert")
        assert (row.kind, row.told_kind, row.is_automation) == ("user", "bot", False)
        assert not PullRequest.objects.filter(by_automation=True).exists()
    decide(team, lambda of: Judge(of("robert").pk, ""))
    with tenant(team.id):
        row = Actor.objects.get(login="robert")
        assert (row.kind, row.told_kind, row.member) == ("bot", "", None)
        assert set(PullRequest.objects.filter(by_automation=True).values_list("number", flat=True)) == {2, 3}


def test_a_bot_counts_nowhere_among_people_and_a_person_does_again(team: Team) -> None:
    reviewed = t.pull_request(1, reviews=t.whole([t.review(1, author=BOB)]))
    t.write(team, t.page(reviewed, t.pull_request(2, author=BOB)))

    def told() -> tuple[Any, ...]:
        with tenant(team.id):
            first, second = PullRequest.objects.get(number=1), PullRequest.objects.get(number=2)
            counts = PRReview.objects.get().counts
            return first.review_time_hours, first.first_bot_review_at, second.by_automation, counts

    decide(team, lambda of: Judge(of("bob").pk, "bot"))
    assert told() == (None, t.at(5), True, False)
    assert members(team) == {"ada": ("Ada", True)}
    decide(team, lambda of: Judge(of("bob").pk, ""))
    assert told() == (5, None, False, True)
    assert members(team) == {"ada": ("Ada", True), "bob": ("Bob", True)}


def test_the_same_again_changes_nothing(team: Team) -> None:
    for read in readings():
        read(team)
    for choose in (DECISIONS[name] for name in ("an outsider is a member", "no bot", "left", "an outside contributor")):
        assert decide(team, choose) > 0
        with tenant(team.id):
            before = DataVersion.objects.get().version
        told = dump(team)
        if choose is not DECISIONS["left"]:
            assert decide(team, choose) == 0
        assert dump(team) == told
        with tenant(team.id):
            assert DataVersion.objects.get().version == before


def test_a_person_without_any_account_is_gone_and_one_with_another_is_not(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=ADA), t.pull_request(2, author=BOB)))
    decide(team, lambda of: Link(of("bob").pk, of("ada").member_id))
    with tenant(team.id):
        assert [each.display_name for each in TeamMember.objects.all()] == ["Ada"]
    decide(team, lambda of: Judge(of("ada").pk, "bot"))
    assert members(team) == {"bob": ("Ada", True)}
    decide(team, lambda of: Link(of("bob").pk, None))
    with tenant(team.id):
        assert not TeamMember.objects.exists()


def test_an_account_that_turns_out_to_be_a_bot_does_not_take_its_owners_other_accounts_along(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=ADA), t.pull_request(2, author=BOB)))
    decide(team, lambda of: Link(of("bob").pk, of("ada").member_id))
    t.write(team, t.page(t.pull_request(3, author=replace(ADA, kind="bot")), fetched_at=t.at(48)))
    assert members(team) == {"bob": ("Ada", True)}


def test_a_merge_takes_groups_dates_and_user_over(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=ADA), t.pull_request(2, author=BOB)))
    user = User.objects.create_user("bob@acme.example")
    with tenant(team.id):
        ada, bob = (Actor.objects.get(login=login).member for login in ("ada", "bob"))
        squad, crew = (Group.objects.create(team=team, name=name) for name in ("Squad", "Crew"))
        for group, member, first, last in [
            (squad, ada, date(2026, 1, 1), date(2026, 2, 1)),
            (squad, bob, date(2026, 1, 15), date(2026, 3, 1)),
            (squad, bob, date(2026, 4, 1), None),
            (crew, bob, date(2026, 1, 1), None),
        ]:
            GroupMembership.objects.create(team=team, group=group, member=member, joined_on=first, left_on=last)
        write_decision(SignsInAs(bob.pk, user.pk), team_id=team.id)
        write_decision(Dates(bob.pk, date(2025, 1, 1), date(2026, 3, 1)), team_id=team.id)
        write_decision(Merge(ada.pk, bob.pk), team_id=team.id)
        kept = TeamMember.objects.get()
        assert (kept.display_name, kept.user, kept.joined_on, kept.left_on, kept.is_active) == (
            *("Ada", user, date(2025, 1, 1)),
            *(None, True),
        )
        assert set(GroupMembership.objects.values_list("group__name", "member", "joined_on", "left_on")) == {
            ("Squad", kept.pk, date(2026, 1, 1), date(2026, 3, 1)),
            ("Squad", kept.pk, date(2026, 4, 1), None),
            ("Crew", kept.pk, date(2026, 1, 1), None),
        }


def test_two_who_sign_in_are_not_merged(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=ADA), t.pull_request(2, author=BOB)))
    for login in ("ada", "bob"):
        user = User.objects.create_user(f"{login}@acme.example")
        decide(team, lambda of, login=login, user=user: SignsInAs(of(login).member_id, user.pk))  # type: ignore[misc]
    with pytest.raises(Outdated, match="sign in"):
        decide(team, DECISIONS["one person"])
    assert len(members(team)) == 2


def test_nothing_is_decided_about_deleted_accounts_and_bots_are_nobodys(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=GHOST), t.pull_request(2), t.pull_request(3, author=WEBLATE)))
    for choose in (
        lambda of: Judge(of("ghost").pk, "bot"),
        lambda of: OwnMember(of("ghost").pk),
        lambda of: Link(of("ghost").pk, of("ada").member_id),
        lambda of: OwnMember(of("weblate").pk),
        lambda of: Link(of("weblate").pk, of("ada").member_id),
        lambda of: Link(of("ada").pk, 999_999),
        lambda of: Merge(of("ada").member_id, 999_999),
        lambda of: Merge(of("ada").member_id, of("ada").member_id),
        lambda _: Judge(999_999, "bot"),
    ):
        with pytest.raises(Outdated):
            decide(team, choose)


def test_who_left_is_not_active_whatever_the_organisation_says_until_the_date_is_taken_back(team: Team) -> None:
    t.write_org(team, belonging("ada", "bob"))
    decide(team, lambda of: Dates(of("bob").member_id, date(2026, 1, 1), date(2026, 3, 1)))
    assert members(team)["bob"] == ("Bob", False)
    t.write_org(team, belonging("ada", hours=48), belonging("ada", "bob", hours=72))
    assert members(team)["bob"] == ("Bob", False)
    decide(team, lambda of: Dates(of("bob").member_id, date(2026, 1, 1), None))
    assert members(team)["bob"] == ("Bob", True)


def test_somebody_leaves_after_they_joined(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1)))
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(team, lambda of: Dates(of("ada").member_id, date(2026, 2, 1), date(2026, 2, 1)))


def test_a_decision_is_written_inside_its_tenant_only(team: Team) -> None:
    with tenant(team.id), pytest.raises(ValueError, match="tenant"):
        write_decision(Judge(1, "bot"), team_id=team.id + 1)


def test_a_foreign_account_is_not_known_here(team: Team) -> None:
    other = t.team("other")
    t.write(other, t.page(t.pull_request(1)))
    with tenant(other.id):
        foreign = Actor.objects.get(login="ada")
    with tenant(team.id):
        for decision in (Judge(foreign.pk, "bot"), Link(foreign.pk, None), SignsInAs(foreign.member_id, None)):
            with pytest.raises(Outdated):
                write_decision(decision, team_id=team.id)
