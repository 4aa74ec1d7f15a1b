"""Who is who, at its addresses: for admins, with every id looked up in the team alone."""

import re
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tformance.accounts.models import AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import PERIOD, text
from tformance.facts import testing as t
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.records import GHOST, MembershipRecord

HERE = "/t/acme/settings/identities/"


@pytest.fixture
def crowd(acme: Team) -> Team:
    """Ada, bob and zoe are members, carl opened something, weblate is automation; a clone knows ada by her address."""
    people = [t.actor(login) for login in ("ada", "bob", "zoe")]
    t.write_org(acme, t.organization(members=t.whole([MembershipRecord(each, "member") for each in people])))
    by_ada = t.commit(50, author=people[0], author_email="1+ada@users.noreply.github.com")
    pulls = [
        t.pull_request(20, author=t.actor("ada"), commits=t.whole([by_ada])),
        t.pull_request(21, author=t.actor("bob")),
        t.pull_request(22, author=t.actor("carl"), author_association="NONE"),
        t.pull_request(23, author=t.actor("weblate")),
    ]
    t.write(acme, t.page(*pulls, fetched_at=t.at(30)))
    clone = t.actor("1+ada@users.noreply.github.com", provider_id=4711, name="A. L.")
    mine = t.commit(60, author=clone, author_email=f"{t.actor('ada').provider_id}+ada@users.noreply.github.com")
    read = t.pull_request(
        30, source="git", author=clone, merged_by=None, author_association="", commits=t.whole([mine])
    )
    t.write(acme, t.page(read, repository=t.repository("acme/clone", source="git"), fetched_at=t.at(30)))
    return acme


@pytest.fixture
def admin(crowd: Team, as_role: Visit) -> Client:
    return as_role("admin")


def one(login: str, team: str = "acme", **which: object) -> Actor:
    with tenant(Team.objects.get(slug=team).pk):
        found: Actor = Actor.everything.select_related("member").get(login=login, **which)
        return found


def account_page(login: str) -> str:
    return f"{HERE}accounts/{one(login).pk}/"


def person_page(login: str) -> str:
    return f"{HERE}people/{one(login).member_id}/"


def said(answer: object) -> str:
    return " ".join(re.sub("<[^>]+>", " ", unescape(answer.content.decode())).split())  # type: ignore[attr-defined]


def test_people_are_listed_by_name_with_all_of_their_accounts(admin: Client) -> None:
    page = said(admin.get(HERE))
    assert "3 people" in page
    assert page.index("Ada ") < page.index("Bob ") < page.index("Zoe ")
    for show, there, not_there in (
        ("unlinked", "carl", "weblate"),
        ("programs", "weblate", "carl"),
        ("outside", "0 accounts", "carl"),
    ):
        listed = said(admin.get(f"{HERE}?show={show}"))
        assert there in listed
        assert not_there not in listed.split("Known as")[-1]


def test_a_search_is_kept_and_says_when_nobody_is_found(admin: Client) -> None:
    assert "1 person with “BO”" in said(admin.get(f"{HERE}?q=BO"))
    assert "Nothing here has this in its name." in said(admin.get(f"{HERE}?q=<b>x"))
    assert "<b>x" not in admin.get(f"{HERE}?q=<b>x").content.decode()


def test_fifteen_hundred_people_come_in_pages(admin: Client, crowd: Team) -> None:
    with tenant(crowd.pk):
        TeamMember.objects.bulk_create(
            TeamMember(team=crowd, display_name=f"Person {number:04}") for number in range(1497)
        )
    page = admin.get(HERE).content.decode()
    assert "Page 1 of 30" in page
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    second = admin.get(unescape(following[1])).content.decode()
    assert "Person 0050" in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in admin.get(f"{HERE}?page=30").content.decode()
    for bad in ("31", "0", "-1", "x", "9" * 30):
        assert admin.get(f"{HERE}?page={bad}").status_code == 400
    assert admin.get(f"{HERE}?show=everything").status_code == 400


def test_an_account_is_linked_and_both_addresses_of_the_person_lead_to_the_same_page(admin: Client) -> None:
    page = account_page("carl")
    found = admin.get(f"{page}?q=ad")
    assert "Ada" in said(found)
    member = one("ada").member_id
    answer = admin.post(page, {"do": "link", "person": member}, follow=True)
    assert "Decided. The weeks that this concerns are worked out again." in said(answer)
    assert one("carl").member_id == member
    again = admin.post(page, {"do": "link", "person": member}, follow=True)
    assert "This was so already: nothing changed." in said(again)
    shown = [text(admin.get(f"/t/acme/people/{login}/?{PERIOD}")) for login in ("ada", "carl")]
    assert all("3 pull requests merged" in each for each in shown)
    assert "Carl" not in text(admin.get(f"/t/acme/people/?{PERIOD}"))


def test_what_an_account_is_can_be_decided_and_taken_back(admin: Client) -> None:
    page = account_page("bob")
    admin.post(page, {"do": "bot"})
    assert one("bob").is_automation
    assert "because somebody decided so" in said(admin.get(page))
    admin.post(page, {"do": "told"})
    assert one("bob").member.display_name == "Bob"
    admin.post(page, {"do": "release"})
    assert one("bob").member is None
    assert "an outside contributor" in said(admin.get(page))
    admin.post(page, {"do": "split"})
    assert one("bob").member.display_name == "Bob"
    admin.post(account_page("weblate"), {"do": "person"})
    assert not one("weblate").is_automation


def test_a_merge_says_what_changes_before_it_does(admin: Client) -> None:
    kept, gone = one("ada").member_id, one("bob").member_id
    page = f"{HERE}people/{kept}/merge/{gone}/"
    assert "Merge with this person" in said(admin.get(f"{person_page('ada')}?q=bob"))
    shown = said(admin.get(page))
    assert "Are Ada and Bob one person?" in shown
    assert "1 pull request, 0 reviews, 0 commits; the week of 2 Mar 2026 is worked out again" in shown
    assert one("bob").member_id == gone
    admin.post(page)
    assert one("bob").member_id == kept
    assert admin.post(page).status_code == 404  # the other browser's second click: nobody is merged twice
    assert admin.get(f"{HERE}people/{kept}/merge/{kept}/").status_code == 404


@pytest.mark.parametrize(
    ("joined", "left", "problem"),
    [
        ("2026-03-02", "2026-03-01", "has to come after"),
        ("", "2999-01-01", "still to come"),
        ("yesterday", "", "Enter a valid date"),
    ],
)
def test_dates_that_cannot_be_are_said_at_their_field_and_nothing_is_lost(
    admin: Client, joined: str, left: str, problem: str
) -> None:
    answer = admin.post(person_page("bob"), {"do": "dates", "joined_on": joined, "left_on": left})
    assert answer.status_code == 422
    assert problem in said(answer)
    assert f'value="{joined or left}"' in answer.content.decode()
    assert one("bob").member.left_on is None


def test_who_left_is_listed_with_those_who_left_and_keeps_what_they_did(admin: Client) -> None:
    admin.post(person_page("bob"), {"do": "dates", "joined_on": "2025-01-01", "left_on": "2026-03-05"})
    assert "left 5 Mar 2026" in said(admin.get(HERE))
    people = text(admin.get(f"/t/acme/people/?{PERIOD}"))
    assert people.index("Others who took part") < people.index("Bob")


def test_my_page_is_whose_an_admin_says(admin: Client, crowd: Team) -> None:
    user = User.objects.create_user("zoe@login.example")
    Membership.objects.create(team=crowd, user=user, role=Role.DEVELOPER)
    client = Client()
    client.force_login(user)
    assert "Zoe" not in text(client.get("/t/acme/me/"))
    admin.post(person_page("zoe"), {"do": "user", "user": user.pk})
    assert "zoe@login.example" in said(admin.get(HERE))
    assert client.get("/t/acme/people/zoe/").status_code == 200
    assert client.get("/t/acme/people/ada/").status_code == 403
    stranger = User.objects.create_user("x@other.example")
    answer = admin.post(person_page("ada"), {"do": "user", "user": stranger.pk}, follow=True)
    assert "does not belong to the team" in said(answer)
    admin.post(person_page("zoe"), {"do": "user", "user": ""})
    assert client.get("/t/acme/people/zoe/").status_code == 403


def test_suggestions_say_why_and_are_accepted_or_dismissed(admin: Client) -> None:
    page = f"{HERE}suggestions/"
    shown = said(admin.get(page))
    assert "1 suggestion" in shown
    assert "which is the GitHub account ada." in shown
    assert "certain" in shown
    assert one("ada").member_id != one("1+ada@users.noreply.github.com").member_id, "nothing is done by itself"
    pair = {"one": one("ada").pk, "other": one("1+ada@users.noreply.github.com").pk}
    dismissed = admin.post(page, {**pair, "do": "dismiss"}, follow=True)
    assert "0 suggestions" in said(dismissed)
    assert "This was decided already." in said(admin.post(page, {**pair, "do": "dismiss"}, follow=True))
    admin.post(page, {**pair, "do": "accept"})
    assert one("ada").member_id == one("1+ada@users.noreply.github.com").member_id


def test_an_address_that_a_user_has_confirmed_is_theirs(admin: Client, crowd: Team) -> None:
    user = User.objects.create_user("zoe@login.example")
    Membership.objects.create(team=crowd, user=user, role=Role.DEVELOPER)
    EmailAddress.objects.create(user=user, email="Zoe@home.example", verified=True)
    admin.post(person_page("zoe"), {"do": "user", "user": user.pk})
    clone = t.actor("zoe@home.example", name="Z")
    mine = t.commit(70, author=clone, author_email="zoe@home.example")
    read = t.pull_request(
        31, source="git", author=clone, merged_by=None, author_association="", commits=t.whole([mine])
    )
    t.write(crowd, t.page(read, repository=t.repository("acme/clone", source="git"), fetched_at=t.at(40)))
    assert "Both use the address zoe@home.example." in said(admin.get(f"{HERE}suggestions/"))


def test_ids_of_another_team_do_not_exist_in_paths_and_bodies(admin: Client, other: Team) -> None:
    foreign = one("mallory", "other")
    with tenant(other.pk):
        before = list(Actor.objects.values().order_by("id"))
    for page in (f"accounts/{foreign.pk}/", f"people/{foreign.member_id}/"):
        assert admin.get(HERE + page).status_code == 404
        assert admin.post(HERE + page, {"do": "bot"}).status_code == 404
    mine = one("ada")
    for page in (
        f"people/{mine.member_id}/merge/{foreign.member_id}/",
        f"people/{foreign.member_id}/merge/{mine.member_id}/",
    ):
        assert admin.post(HERE + page).status_code == 404
    for page, body in (
        (account_page("bob"), {"do": "link", "person": foreign.member_id}),
        (person_page("ada"), {"do": "link", "account": foreign.pk}),
        (f"{HERE}suggestions/", {"do": "accept", "one": mine.pk, "other": foreign.pk}),
        (f"{HERE}suggestions/", {"do": "dismiss", "one": mine.pk, "other": foreign.pk}),
    ):
        answer = admin.post(page, body, follow=True)
        assert re.search("no longer there|not known here", said(answer)), body
    with tenant(other.pk):
        assert list(Actor.objects.values().order_by("id")) == before
    with tenant(Team.objects.get(slug="acme").pk):
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"do": "everything"},
        {"do": "link"},
        {"do": "link", "person": "1 OR 1=1"},
        {"do": "link", "person": "9" * 40},
    ],
)
def test_what_is_no_decision_is_not_found(admin: Client, body: dict[str, str]) -> None:
    assert admin.post(account_page("bob"), body).status_code == 404
    assert admin.post(f"{HERE}suggestions/", body).status_code == 404
    assert one("bob").member is not None


@pytest.mark.parametrize("role", ["lead", "developer", "stranger"])
def test_nobody_else_sees_or_decides_anything(crowd: Team, as_role: Visit, role: str) -> None:
    client, expected = as_role(role), 404 if role == "stranger" else 403
    pages = [HERE, f"{HERE}suggestions/", account_page("bob"), person_page("bob")]
    pages += [f"{HERE}people/{one('ada').member_id}/merge/{one('bob').member_id}/"]
    for page in pages:
        assert client.get(page).status_code == expected, page
        if page != HERE:
            assert client.post(page, {"do": "bot"}).status_code == expected
        assert Client().get(page).status_code == 302
    assert one("bob").member_id != one("ada").member_id
    assert not one("bob").is_automation


def test_a_deleted_account_has_no_page(admin: Client, crowd: Team) -> None:
    t.write(crowd, t.page(t.pull_request(80, author=GHOST), fetched_at=t.at(50)))
    assert admin.get(account_page("ghost")).status_code == 404


def test_synced_names_are_text(admin: Client, crowd: Team) -> None:
    evil = t.actor("evil", name="<script>alert(1)</script>")
    t.write(crowd, t.page(t.pull_request(81, author=evil), fetched_at=t.at(50)))
    for page in (HERE, f"{HERE}suggestions/", account_page("evil"), person_page("evil")):
        assert "<script>alert" not in admin.get(page).content.decode()


def test_a_view_that_was_saved_of_a_merged_person_still_opens(admin: Client) -> None:
    account = one("bob").pk
    admin.post("/t/acme/pulls/views/", {"name": "Bob's", "query": f"?author={account}"})
    admin.post(f"{HERE}people/{one('ada').member_id}/merge/{one('bob').member_id}/")
    page = admin.get(f"/t/acme/pulls/?author={account}&{PERIOD}")
    assert page.status_code == 200
    assert page.content.decode().count("data-row") == 1
