"""What a credential may not read is said, exactly, before anything is followed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect
from tformance.faces.web.tests.conftest import Visit
from tformance.sandbox.tests.conftest import put, running
from tformance.sync import connections, grants, lease
from tformance.sync.connections import Connected
from tformance.sync.lane import Lane
from tformance.sync.lease import LeaseLost
from tformance.sync.models import Scope, SyncStep
from tformance.sync.tests import github
from tformance.sync.tests.github import Token

ISO = "2026-01-01T00:00:00Z"
ALL = "contents:read+pull_requests:read+issues:read+checks:read+statuses:read+deployments:read+actions:read"


@contextmanager
def serving(folder: Path, words: str) -> Iterator[str]:
    """A GitHub whose tokens `key` may what the words say; `other` is grace's and may all."""
    people = [{"id": f"U{login}", "login": login, "type": "User"} for login in ("ada", "grace")]
    put(folder, "users", *people, {"id": "O1", "login": "acme", "type": "Organization"})
    dates = {"created_at": ISO, "updated_at": ISO, "pushed_at": ISO, "is_private": True}
    put(folder, "repositories", {"id": "R1", "name_with_owner": "acme/shop", **dates})
    with running(folder, tokens=f"key/{words},other/as:grace") as (_, client):
        yield f"http://127.0.0.1:{client.port}"


def give(client: Client, url: str, token: str = "key") -> Client:
    assert client.post("/t/acme/connections/github/", {"api_url": url, "token": token}).status_code == 302
    return client


def only(team: Team) -> Connected:
    (made,) = connections.connected(team.pk)
    return made


def choose(client: Client, made: Connected, **more: str) -> tuple[int, str]:
    address = f"/t/acme/connections/{made.id}/repositories/"
    answer = client.post(address, {"repository": "acme/shop", "every_head": "acme/shop", **more})
    return answer.status_code, answer.content.decode()


def followed(team: Team) -> list[str]:
    with tenant(team.pk):
        return list(Scope.objects.filter(kind="repository", is_tracked=True).values_list("name", flat=True))


def test_a_missing_permission_is_named_and_nothing_is_followed_until_it_is_said_anyway(
    as_role: Visit, acme: Team
) -> None:
    with github.served() as world:
        world.tokens["key"] = Token("ada", refuses={"/repos/acme/shop/pulls": "pull_requests"})
        client = give(as_role("admin"), world.url)
        status, page = choose(client, only(acme))
        assert (status, followed(acme)) == (422, [])
        assert "grant Pull requests: read-only" in page
        assert "grant Checks" not in page
        assert "/settings/personal-access-tokens" in page
        assert choose(client, only(acme), anyway="1")[0] == 302
        assert followed(acme) == ["acme/shop"]


def test_with_all_that_is_needed_nothing_is_asked(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        assert choose(client, only(acme))[0] == 302
        assert followed(acme) == ["acme/shop"]


def test_checks_of_every_commit_are_read_while_they_are_ticked(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    def deep_steps() -> list[tuple[str, str]]:
        with tenant(acme.pk):
            return list(SyncStep.objects.filter(stream="head_checks").values_list("window", "state"))

    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        choose(client, only(acme))
        assert deep_steps() == [("whole", "pending")]
        choose(client, only(acme), every_head="")
        assert deep_steps() == []
        choose(client, only(acme))
        assert deep_steps() == [("whole", "pending")]


def test_a_repository_that_is_not_shown_is_no_missing_permission(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        status, page = choose(client, only(acme), repository="acme/elsewhere")
        assert (status, followed(acme)) == (422, [])
        assert "acme/elsewhere" in page
        assert "does not show it" in page
        assert "read-only" not in page


def test_single_sign_on_of_the_organisation_is_told_in_words(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", "repo+read:org+sso:acme") as url:
        client = give(as_role("admin"), url)
        status, page = choose(client, only(acme))
        assert (status, followed(acme)) == (422, [])
        assert "single sign-on; authorise the token" in page


def test_a_classic_token_is_told_which_scope_opens_copilot(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", "repo") as url:
        give(as_role("admin"), url)
        words = [lack.words for lack in only(acme).lacks]
    assert "No Copilot figures: the token lacks the scope manage_billing:copilot or read:org" in words


def test_a_revoked_token_stops_the_choice_and_says_why(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        urlopen(Request(f"{url}/_sandbox/do", json.dumps({"action": "revoke_token", "token": "key"}).encode())).close()
        with pytest.raises(Reconnect) as refused:
            grants.examine(acme.pk, only(acme).id, ["acme/shop"])
        assert refused.value.problem == "revoked"
        assert choose(client, only(acme))[0] == 302
        assert followed(acme) == []


def test_a_token_of_another_account_is_a_connection_of_its_own(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        first = only(acme)
        page = client.post("/t/acme/connections/github/", {"api_url": url, "token": "other"}, follow=True)
        assert b"This token belongs to grace, so it is a connection of its own." in page.content
        found = {each.account: each.id for each in connections.connected(acme.pk)}
        assert (set(found), found["ada"]) == ({"ada", "grace"}, first.id)


def test_a_token_of_the_same_account_takes_the_place_of_the_old_one(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        page = client.post("/t/acme/connections/github/", {"api_url": url, "token": "key"}, follow=True)
        assert b"The token of ada was exchanged" in page.content
        assert only(acme).account == "ada"


def test_whoever_still_reads_with_the_old_token_cannot_have_the_new_one_refused(
    as_role: Visit, acme: Team, tmp_path: Path
) -> None:
    with serving(tmp_path / "o", ALL) as url:
        client = give(as_role("admin"), url)
        connections.follow(acme.pk, only(acme).id, ["acme/shop"])
        held = lease.take(Lane.objects.get().pk)
        assert held
        give(client, url)
    with pytest.raises(LeaseLost):
        held.renew()
