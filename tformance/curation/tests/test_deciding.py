"""Decisions are made one after the other, written down once, and refused where they no longer fit."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connections

from tformance.accounts.models import AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding, people
from tformance.curation.tests.conftest import of
from tformance.facts import testing as t
from tformance.facts.decisions import Outdated
from tformance.facts.models.people import Actor, KeptApart, TeamMember


def told(team: Team) -> list[str]:
    with tenant(team.pk):
        return [f"{each.what}: {each.about} [{each.subject}]" for each in AuditEntry.objects.order_by("id")]


def test_what_was_decided_is_written_down_and_the_same_again_is_not(acme: Team, admin: User) -> None:
    grace, ada = of(acme, "grace"), of(acme, "ada").member_id
    assert deciding.link(acme.pk, admin, grace.pk, ada)
    assert not deciding.link(acme.pk, admin, grace.pk, ada)
    assert deciding.judge(acme.pk, admin, of(acme, "helper").pk, "bot")
    assert not deciding.judge(acme.pk, admin, of(acme, "helper").pk, "bot")
    assert deciding.release(acme.pk, admin, grace.pk)
    assert deciding.split(acme.pk, admin, grace.pk)
    assert not deciding.split(acme.pk, admin, grace.pk)
    bob = of(acme, "bob").member_id
    assert deciding.set_dates(acme.pk, admin, bob, date(2026, 1, 1), None)
    assert deciding.set_user(acme.pk, admin, bob, admin.pk)
    assert deciding.merge(acme.pk, admin, ada, bob)
    assert told(acme) == [
        f"account_linked: grace (github) to Ada [member {ada}]",
        "account_judged: helper (github): a bot []",
        f"account_released: grace (github) [member {ada}]",
        "account_split: grace (github) []",
        f"person_dates: Bob: joined 2026-01-01, left not [member {bob}]",
        f"person_signs_in: Bob: admin@acme.example [member {bob}]",
        f"people_merged: Bob into Ada [member {ada}]",
    ]
    with tenant(acme.pk):
        assert set(AuditEntry.objects.values_list("user", "who")) == {(admin.pk, "admin@acme.example")}


def test_nothing_is_written_down_of_what_was_refused(acme: Team, admin: User) -> None:
    with pytest.raises(Outdated):
        deciding.merge(acme.pk, admin, of(acme, "ada").member_id, 999_999)
    assert told(acme) == []


def test_united_are_whoever_they_were_of(acme: Team, admin: User) -> None:
    ada, bob, grace, helper = (of(acme, login) for login in ("ada", "bob", "grace", "helper"))
    t.write(acme, t.page(t.pull_request(90, author=t.actor("eve"), author_association="NONE"), fetched_at=t.at(2000)))
    assert deciding.unite(acme.pk, admin, grace.pk, of(acme, "eve").pk)
    assert of(acme, "grace").member == of(acme, "eve").member
    assert deciding.unite(acme.pk, admin, grace.pk, ada.pk)
    assert deciding.unite(acme.pk, admin, bob.pk, helper.pk)
    assert not deciding.unite(acme.pk, admin, bob.pk, helper.pk)
    with tenant(acme.pk):
        assert TeamMember.objects.count() == 2
        assert Actor.objects.filter(member=ada.member_id).count() == 3
    with pytest.raises(Outdated):
        deciding.unite(acme.pk, admin, ada.pk, 999_999)


def test_who_was_kept_apart_is_not_suggested_again_and_says_nothing_of_others(acme: Team, admin: User) -> None:
    names = {"ada": "Ada Lovelace", "bob": "Bob Miller"}
    clones = [t.actor(f"{login}@home.example", name=name) for login, name in names.items()]
    for number, clone in enumerate(clones, 91):
        pull = t.pull_request(number, author=clone, source="git", author_association="", merged_by=None)
        t.write(acme, t.page(pull, repository=t.repository("acme/clone", source="git"), fetched_at=t.at(2000)))
    known = [t.actor(login, name=name) for login, name in names.items()]
    pulls = [t.pull_request(number, author=who) for number, who in enumerate(known, 95)]
    t.write(acme, t.page(*pulls, fetched_at=t.at(2000)))

    def suggested() -> set[frozenset[str]]:
        with tenant(acme.pk):
            return {frozenset((each.one.login, each.other.login)) for each in people.resemblances({})}

    both = {frozenset(("ada", "ada@home.example")), frozenset(("bob", "bob@home.example"))}
    assert suggested() == both
    ada, clone = of(acme, "ada").pk, of(acme, "ada@home.example").pk
    assert deciding.keep_apart(acme.pk, admin, clone, ada)
    assert not deciding.keep_apart(acme.pk, admin, ada, clone)
    assert suggested() == both - {frozenset(("ada", "ada@home.example"))}
    with tenant(acme.pk):
        assert KeptApart.objects.count() == 1
    assert deciding.unite(acme.pk, admin, of(acme, "bob").pk, of(acme, "bob@home.example").pk)
    assert suggested() == set()


def test_who_signs_in_belongs_to_the_team_and_is_one_person(acme: Team, admin: User) -> None:
    ada, bob = of(acme, "ada").member_id, of(acme, "bob").member_id
    stranger = User.objects.create_user("stranger@other.example")
    for refused in (stranger.pk, 999_999):
        with pytest.raises(Outdated, match="does not belong"):
            deciding.set_user(acme.pk, admin, ada, refused)
    assert deciding.set_user(acme.pk, admin, ada, admin.pk)
    with pytest.raises(Outdated, match="another person here already"):
        deciding.set_user(acme.pk, admin, bob, admin.pk)
    assert deciding.set_user(acme.pk, admin, ada, None)
    assert deciding.set_user(acme.pk, admin, bob, admin.pk)


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Started together, each in a connection of its own; gives results or errors."""
    found: list[object] = [None] * len(tasks)
    ready = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], object]) -> None:
        ready.wait()
        try:
            found[place] = task()
        except Outdated as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.fixture
def live(live_db: str) -> tuple[Team, User]:
    team, user = t.team("acme"), User.objects.create_user("admin@acme.example")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    people_of = [t.pull_request(number, author=t.actor(login)) for number, login in enumerate(("ada", "bob"), 1)]
    t.write(team, t.page(*people_of))
    return team, user


def test_two_who_merge_the_same_people_into_each_other_do_it_once(live: tuple[Team, User]) -> None:
    team, user = live
    ada, bob = of(team, "ada").member_id, of(team, "bob").member_id
    results = at_once(lambda: deciding.merge(team.pk, user, ada, bob), lambda: deciding.merge(team.pk, user, bob, ada))
    assert sorted(type(each) for each in results if each is not True) == [Outdated]
    with tenant(team.pk):
        assert TeamMember.objects.count() == 1
        assert Actor.objects.filter(member=TeamMember.objects.get()).count() == 2
        assert AuditEntry.objects.count() == 1


def test_deciding_while_readings_are_written_loses_neither(live: tuple[Team, User]) -> None:
    team, user = live
    ada, bob = of(team, "ada").member_id, of(team, "bob").pk

    def read(first: int) -> bool:
        for number in range(first, first + 20):
            pull = t.pull_request(number, author=t.actor("bob", name=f"Bob {number}"))
            t.write(team, t.page(pull, fetched_at=t.at(30 + number)))
        return True

    def decide() -> bool:
        for _ in range(10):
            deciding.link(team.pk, user, bob, ada)
            deciding.judge(team.pk, user, bob, "bot")
            deciding.judge(team.pk, user, bob, "")
        return deciding.link(team.pk, user, bob, ada)

    assert at_once(lambda: read(10), decide, lambda: read(10)) == [True, True, True]
    row = of(team, "bob")
    assert (row.member_id, row.is_member_decided, row.name) == (ada, True, "Bob 29")
