"""Erasing a person: what is replaced, what is left alone, and what no reading brings back."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, JSONField, TextField

from tformance.accounts.models import (
    Membership,
    Role,
    Team,
    TenantModel,
    User,
)
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding, forgetting, people
from tformance.curation.tests.conftest import of
from tformance.curation.tests.erased import BOB, MAIL, MARA, MAX, PULLS, by_mara, erase, pull, rows
from tformance.facts import testing as t
from tformance.facts.decisions import Outdated
from tformance.facts.forgotten import REMOVED, TEXTS
from tformance.facts.models.erased import ErasedWord
from tformance.facts.models.organization import Seat
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit
from tformance.facts.models.review import PRComment, PRReview, TimelineEvent
from tformance.facts.models.term import PRTerm
from tformance.facts.tests.dump import dump

# Columns of teams' tables in which nobody is named: keys, the provider's own vocabulary, our own, and what is sealed.
WITHOUT_NAMES = frozenset(
    {
        *("account", "api_url", "full_name", "repository", "role", "url", "source", "node_id", "kind", "plan", "tool"),
        *("sha", "base_sha", "head_sha", "merge_sha", "commit_sha", "picked_shas", "earlier_head_sets", "merge_kind"),
        *("default_branch", "author_association", "state", "status", "conclusion", "dismissed_from", "relation"),
        *("app", "task", "ai_tool", "work_type", "category", "change", "pattern", "place", "span", "term"),
        *("digest", "first", "table", "what", "stream", "item", "why", "counts", "watermarks", "granted"),
        *("measure", "cut", "grain", "zone", "sums", "places", "passed", "site"),
        *(
            "key",
            "jira_key",
            "former_keys",
            "issue_type",
            "from_status",
            "to_status",
            "priority",
            "resolution",
            "style",
        ),
        "points_field",
    }
)


@pytest.fixture
def acme(db: None, admin: User) -> Team:
    team = t.team("acme")
    Membership.objects.create(team=team, user=admin, role=Role.ADMIN)
    t.write(team, t.page(*PULLS, fetched_at=t.at(30)))
    t.write_org(team, t.organization(seats=t.whole([t.seat("mara-lind", actor=MARA, raw={"assignee": "mara-lind"})])))
    return team


def test_every_column_with_a_text_is_searched_or_names_nobody() -> None:
    """A new column belongs into one of both lists."""
    found = {
        field.name
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField | ArrayField) and not field.choices
    }
    assert found - TEXTS - WITHOUT_NAMES == set()
    assert set() == TEXTS & WITHOUT_NAMES
    assert found >= TEXTS


def test_accounts_and_texts_say_a_pseudonym_in_the_place_of_every_spelling(acme: Team, admin: User) -> None:
    assert erase(acme, admin) == 1
    assert rows(acme, PullRequest, "title") == [
        "Former colleague 1's ledger",
        "Ask max or former-colleague-1",
        "Change 3",
    ]
    assert rows(acme, PullRequest, "body")[0] == "By @former-colleague-1"
    assert rows(acme, PullRequest, "head_ref")[0] == "former-colleague-1/ledger"
    assert rows(acme, PullRequest, "labels")[1] == ["Former colleague 1"]
    assert rows(acme, Commit, "author_name", "author_email", sha=f"{30:040x}") == [
        ("Former colleague 1", "former-colleague-1@erased.invalid")
    ]
    assert rows(acme, Commit, "message", sha=f"{31:040x}") == [
        "x\n\nCo-authored-by: Former colleague 1 <former-colleague-1@erased.invalid>"
    ]
    assert rows(acme, TimelineEvent, "subject") == ["max", "former-colleague-1"]
    assert "word:lind" not in rows(acme, PRTerm, "term")
    assert "word:former" in rows(acme, PRTerm, "term")


def test_what_they_wrote_themselves_goes_and_that_they_did_stays(acme: Team, admin: User) -> None:
    erase(acme, admin)
    assert rows(acme, PRReview, "body") == [REMOVED, "former-colleague-1, please"]
    assert rows(acme, PRComment, "body") == [REMOVED, "Hi Mara"]
    assert rows(acme, Seat, "raw") == [{}]


def test_a_login_that_is_an_ordinary_word_is_replaced_only_where_it_is_meant(acme: Team, admin: User) -> None:
    t.write(acme, t.page(pull(4, author=MAX), fetched_at=t.at(31)))
    erase(acme, admin, "max")
    assert rows(acme, PullRequest, "title")[1] == "Ask max or MARA_LIND"
    assert rows(acme, PullRequest, "body")[1] == "@former-colleague-1 said so, max. maximum"
    assert rows(acme, PullRequest, "head_ref")[1] == "former-colleague-1/fix"
    assert rows(acme, TimelineEvent, "subject")[0] == "former-colleague-1"


def test_readings_of_before_and_of_later_bring_nothing_back(acme: Team, admin: User) -> None:
    erase(acme, admin)
    before = dump(acme)
    t.write(acme, t.page(*PULLS, fetched_at=t.at(30)))
    assert dump(acme) == before
    named = [replace(each, updated_at=t.at(40 + each.number)) for each in PULLS]
    t.write(acme, t.page(*named, fetched_at=t.at(60)))
    t.write_org(
        acme, t.organization(fetched_at=t.at(60), seats=t.whole([t.seat("x", actor=MARA, raw={"a": "mara-lind"})]))
    )
    assert not forgetting.sweep(acme.pk)
    assert rows(acme, PullRequest, "title")[0] == "Former colleague 1's ledger"
    assert rows(acme, Seat, "raw") == [{}]
    assert rows(acme, Actor, "login", "name", "node_id", provider_id=4711) == [
        ("former-colleague-1", "Former colleague 1", "")
    ]


def test_a_new_login_and_a_new_address_are_learnt_and_searched_for(acme: Team, admin: User) -> None:
    t.write(acme, t.page(pull(5, title="For lindgren-m <new@acme.example>"), fetched_at=t.at(31)))
    erase(acme, admin)
    assert "lindgren-m" in rows(acme, PullRequest, "title")[3]
    renamed = replace(MARA, login="lindgren-m")
    later = pull(6, author=renamed, commits=t.whole([by_mara(60, author=renamed, author_email="new@acme.example")]))
    t.write(acme, t.page(later, fetched_at=t.at(32)))
    while forgetting.sweep(acme.pk):
        pass
    assert rows(acme, PullRequest, "title")[3] == "For former-colleague-1 <former-colleague-1@erased.invalid>"


def test_a_clone_of_the_repository_does_not_name_them_either(acme: Team, admin: User) -> None:
    erase(acme, admin)
    clone = t.actor(MAIL, name="Mara Lind", provider_id=991)
    mine = t.commit(90, author=clone, author_name="Mara Lind", author_email=MAIL, committer_email=MAIL)
    read = pull(9, source="git", author=clone, commits=t.whole([mine]), title="Merge mara-lind/x")
    t.write(acme, t.page(read, repository=t.repository("acme/clone", source="git"), fetched_at=t.at(50)))
    assert rows(acme, Actor, "login", "name", source="git") == [
        ("former-colleague-1@erased.invalid", "Former colleague 1")
    ]
    assert rows(acme, PullRequest, "title", source="git") == ["Merge former-colleague-1/x"]


def test_signs_of_ai_in_their_commits_stay(acme: Team, admin: User) -> None:
    marked = by_mara(70, author_name="Mara Lind (aider)")
    tool = by_mara(71, author_name="Claude", author_email="noreply@anthropic.com")
    t.write(acme, t.page(pull(7, author=MARA, commits=t.whole([marked, tool])), fetched_at=t.at(31)))
    before = rows(acme, PullRequest, "ai_marked", "ai_tool", "ai_authored")
    assert before[-1][0] == "yes"
    erase(acme, admin)
    assert rows(acme, PullRequest, "ai_marked", "ai_tool", "ai_authored") == before
    assert rows(acme, Commit, "author_name", sha=f"{70:040x}") == ["Former colleague 1 (aider)"]
    assert rows(acme, Commit, "author_email", sha=f"{71:040x}") == ["noreply@anthropic.com"]


def test_an_address_that_others_commit_with_too_is_left_to_them(acme: Team, admin: User) -> None:
    shared = {"author_email": "pair@acme.example", "author_name": "Pair Station"}
    commits = [by_mara(80, **shared), t.commit(81, author=BOB, **shared)]
    t.write(acme, t.page(pull(8, commits=t.whole(commits)), fetched_at=t.at(31)))
    erase(acme, admin)
    assert rows(acme, Commit, "author_email", sha=f"{81:040x}") == ["pair@acme.example"]
    assert rows(acme, Commit, "author_email", sha=f"{80:040x}") == ["former-colleague-1@erased.invalid"]


def test_a_colleague_of_the_same_name_keeps_it(acme: Team, admin: User) -> None:
    namesake = t.actor("m-lind", name="Mara Lind", provider_id=4799)
    given_up = t.actor("old-mara", name="Ola Olsen", provider_id=4798)
    t.write(acme, t.page(pull(5, author=replace(MARA, login="old-mara")), fetched_at=t.at(31)))
    t.write(acme, t.page(pull(6, author=namesake), pull(7, author=given_up), pull(8, author=MARA), fetched_at=t.at(32)))
    erase(acme, admin)
    assert rows(acme, Actor, "login", "name", provider_id=4799) == [("m-lind", "Mara Lind")]
    assert rows(acme, Actor, "login", "name", provider_id=4798) == [("old-mara", "Ola Olsen")]
    assert rows(acme, Actor, "login", "name", "former_logins", provider_id=4711) == [
        ("former-colleague-1", "Former colleague 1", [])
    ]


def test_numbers_of_pseudonyms_go_up_and_words_are_known_by_digests_alone(acme: Team, admin: User) -> None:
    t.write(acme, t.page(pull(4, author=MAX), fetched_at=t.at(31)))
    assert (erase(acme, admin), erase(acme, admin, "bob")) == (1, 2)
    assert {len(each) for each in rows(acme, ErasedWord, "digest")} == {32}
    twin = t.team("twin")
    t.write(twin, t.page(*PULLS, fetched_at=t.at(30)))
    with tenant(twin.pk):
        member = Actor.everything.get(login="mara-lind").member_id
    Membership.objects.create(team=twin, user=admin, role=Role.ADMIN)
    assert forgetting.erase(twin.pk, admin, member)
    assert not set(rows(acme, ErasedWord, "digest")) & set(rows(twin, ErasedWord, "digest")), (
        "each team has its own key"
    )


def test_another_team_keeps_the_name(acme: Team, admin: User) -> None:
    other = t.team("other")
    t.write(other, t.page(*PULLS, fetched_at=t.at(30)))
    before = dump(other)
    erase(acme, admin)
    assert dump(other) == before


def test_nothing_more_is_decided_about_who_was_erased(acme: Team, admin: User) -> None:
    erase(acme, admin)
    mara, bob = of(acme, "former-colleague-1"), of(acme, "bob")
    for decide in (
        lambda: deciding.link(acme.pk, admin, bob.pk, mara.member_id),
        lambda: deciding.release(acme.pk, admin, mara.pk),
        lambda: deciding.judge(acme.pk, admin, mara.pk, "bot"),
        lambda: deciding.merge(acme.pk, admin, bob.member_id, mara.member_id),
        lambda: deciding.set_user(acme.pk, admin, mara.member_id, admin.pk),
        lambda: forgetting.erase(acme.pk, admin, mara.member_id),
    ):
        with pytest.raises(Outdated, match="erased"):
            decide()
    with tenant(acme.pk):
        assert not people.resemblances({})
