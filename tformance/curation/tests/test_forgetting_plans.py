"""Erasing a person who has an account in an issue tracker as well."""

from dataclasses import replace
from datetime import datetime

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding
from tformance.curation.tests.conftest import of
from tformance.curation.tests.erased import erase, rows
from tformance.curation.tests.test_forgetting import acme as acme
from tformance.facts import testing as t
from tformance.facts.models.people import Actor
from tformance.facts.models.planning import JiraIssue
from tformance.facts.planning_records import SitePage
from tformance.facts.tests import planning

MARA = replace(planning.person("mara"), name="Mara Lind", email="mara.lind@plans.example")


def read(team: Team, at: datetime) -> None:
    said = planning.issue(1, summary="Ask Mara Lind, or mara.lind@plans.example", assignee=MARA, labels=("mara-lind",))
    planning.write(team, SitePage("cloud", at, (MARA,)), planning.page(said, fetched_at=at))


def test_their_account_and_every_text_of_a_plan_say_the_pseudonym_whenever_it_is_read(acme: Team, admin: User) -> None:
    read(acme, t.at(40))
    member = of(acme, "mara-lind").member_id
    with tenant(acme.pk):
        account = Actor.objects.get(source="jira", name="Mara Lind").pk
    assert member
    deciding.link(acme.pk, admin, account, member)
    assert erase(acme, admin) == 1
    for hours in (41, 42):
        assert rows(acme, JiraIssue, "summary", "labels") == [
            ("Ask Former colleague 1, or former-colleague-1@erased.invalid", ["former-colleague-1"])
        ]
        assert rows(acme, Actor, "login", "name", "email", "node_id", pk=account) == [
            ("former-colleague-1", "Former colleague 1", "", "")
        ]
        read(acme, t.at(hours))
