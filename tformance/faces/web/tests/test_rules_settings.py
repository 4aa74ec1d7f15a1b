"""Rules in the settings: what they make of the figures is told before and followed after, and nobody's change is lost."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from tformance.accounts.models import AuditEntry, Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import body, text
from tformance.facts import testing as t
from tformance.facts.coverage import write_coverage
from tformance.facts.models.repository import Repository
from tformance.facts.models.rules import TeamRules
from tformance.facts.rules import in_force
from tformance.measures.weekly.follow import follow
from tformance.sync.tasks import follow_rules

HERE = "/t/acme/settings/rules/"
URGENT = {"part": "hotfixes", "labels": "urgent", "branches": "fire/", "titles": "", "seen": "1"}


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    with time_machine.travel(t.at(24 * 20), tick=False):
        yield


@pytest.fixture
def admin(acme: Team, as_role: Visit) -> Client:
    """Of the team's six pull requests two are hotfixes by the product's rules, three by others; one is a program's."""
    bot = t.actor("dependabot", kind="bot")
    t.write(
        acme,
        t.page(
            *(t.pull_request(number, labels=("Urgent",)) for number in (11, 12)),
            t.pull_request(13, head_ref="Fire/now"),
            *(t.pull_request(number, labels=("hotfix",)) for number in (14, 15)),
            t.pull_request(16, labels=("urgent", "hotfix"), author=bot),
            deployments=(
                *(t.deployed(key, key, key * 24) for key in (1, 2, 3)),
                *(t.deployed(key, key, key * 24, "<b>eu</b>") for key in (4, 5)),
            ),
        ),
    )
    with tenant(acme.pk):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, t.at(24 * 19))
    return as_role("admin")


def saved(team: Team) -> Any:
    with tenant(team.pk):
        return in_force()


def environments(counts: dict[str, str], seen: int = 1) -> dict[str, Any]:
    return {
        "part": "environments",
        "environment": list(counts),
        "counts": list(counts.values()),
        "seen": str(seen),
    }


def written(team: Team) -> list[tuple[str, str]]:
    with tenant(team.pk):
        return list(AuditEntry.objects.order_by("id").values_list("what", "about"))


def share(client: Client) -> str:
    """Hotfixes of merged pull requests, as the page about quality lists them."""
    page = text(client.get("/t/acme/pulls/?period=90d&signal=hotfix"))
    return re.search(r"(\d+|Nothing) (?:pull requests? (?:is|are) merged|fits)", page)[1]  # type: ignore[index]


def test_a_preview_counts_what_the_rules_would_make_and_saves_nothing(admin: Client, acme: Team) -> None:
    answer = admin.post(HERE, {**URGENT, "do": "preview"})
    assert "With these rules 3 pull requests of 6 that were merged in the last 90 days are hotfixes" in text(answer)
    assert "By the rules in force 2 of 6" in text(answer)
    assert "\nurgent</textarea>" in answer.content.decode()
    assert saved(acme).version == 1
    assert written(acme) == []


def test_what_was_read_before_follows_and_becomes_what_the_preview_told(admin: Client, acme: Team) -> None:
    assert share(admin) == "2"
    assert admin.post(HERE, URGENT)["Location"] == HERE
    page = text(admin.get(HERE))
    assert "0 of 7 pull requests are read by the new ones" in page
    assert "0 of 7 pull requests are read by the new ones" in text(admin.get("/t/acme/health/"))
    follow_rules()
    while follow(acme.pk).left:
        pass
    assert share(admin) == "3"
    for address in (HERE, f"{HERE}progress/", "/t/acme/health/live/"):
        assert "worked out again" not in text(admin.get(address))
    assert "By the rules in force 3 of 6" in text(admin.get(HERE))


def test_every_change_is_written_down_with_what_was_before(admin: Client, acme: Team) -> None:
    admin.post(HERE, URGENT)
    admin.post(HERE, environments({"production": "no", "<b>eu</b>": "yes"}, seen=2))
    admin.post(HERE, environments({"production": "name", "<b>eu</b>": "yes"}, seen=3))
    admin.post(HERE, {"part": "hotfixes", "do": "defaults", "seen": "4"})
    assert [about for what, about in written(acme) if what == "rules_hotfix"][:4] == [
        "label “urgent”: not named → a hotfix",
        "label “hotfix”: a hotfix → not named",
        "branch prefix “fire/”: not named → a hotfix",
        "branch prefix “hotfix/”: a hotfix → not named",
    ]
    assert [about for what, about in written(acme) if what == "rules_environment"] == [
        "<b>eu</b>: as by its name → production",
        "production: as by its name → not production",
        "production: not production → as by its name",
    ]
    assert saved(acme).version == 5
    acme.refresh_from_db()
    assert acme.definition_version == 5
    with tenant(acme.pk):
        assert TeamRules.objects.get().hotfix_labels is None


def test_environments_that_were_seen_are_listed_with_what_their_name_says(admin: Client) -> None:
    page = admin.get(HERE)
    assert "<b>eu</b></th>" not in page.content.decode()
    told = "as by its name production not production"
    assert f"&lt;b&gt;eu&lt;/b&gt; counts as {told} not production 2 7 Mar 2026" in text(page)
    assert f"production production counts as {told} production 3 5 Mar 2026" in text(page)
    assert "No environment has this in its name." in text(admin.get(f"{HERE}?q=nowhere"))


def test_deployments_of_an_environment_count_once_it_is_said_to_be_production(admin: Client) -> None:
    def counted() -> int:
        found = json.loads(body(admin.get("/t/acme/deployments.json?from=2026-03-01&to=2026-03-31")))["numbers"]
        asked = ("deployment_frequency", "repository / environment")
        return sum(row["value"] for row in found if (row["measure"], row["cut"]) == asked)

    assert counted() == 3
    admin.post(HERE, environments({"<b>eu</b>": "yes"}))
    follow_rules()
    assert counted() == 5
    admin.post(HERE, environments({"<b>eu</b>": "yes", "production": "no"}, seen=2))
    follow_rules()
    assert counted() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"branches": "fire/\r\n\r\nnow/"}, "Line 2 is empty"),
        ({"labels": "\n".join(f"label {number}" for number in range(200))}, "These are 200 lines: 20 are the most."),
        ({"titles": "x" * 61}, "is longer than 60 characters"),
        ({"titles": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_a_rule_is_explained_at_its_field(
    fields: dict[str, str], words: str, admin: Client, acme: Team
) -> None:
    for do in ("save", "preview"):
        answer = admin.post(HERE, {**URGENT, **fields, "do": do})
        assert answer.status_code == 422
        name = next(iter(fields))
        field = answer.content.decode().split(f'for="id_{name}"')[1].split('class="field"')[0]
        assert words in field
    assert (saved(acme).version, written(acme)) == (1, [])


def test_signs_of_patterns_and_large_letters_are_plain_text(admin: Client, acme: Team) -> None:
    admin.post(HERE, {**URGENT, "branches": ".*\n[a-z]+\n%_\n.*", "labels": "URGENT\nurgent"})
    assert saved(acme).rules.hotfix.branches == (".*", "[a-z]+", "%_")
    assert saved(acme).rules.hotfix.labels == ("urgent",)
    follow_rules()
    assert share(admin) == "2"


def test_of_two_who_save_at_once_the_second_is_told_and_loses_nothing(admin: Client, acme: Team) -> None:
    admin.post(HERE, {**URGENT, "labels": "theirs"})
    answer = admin.post(HERE, {**URGENT, "labels": "mine"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed these rules meanwhile." in text(answer)
    assert "labels theirs; branches beginning with fire/; no beginning of a title" in text(answer)
    assert "\nmine</textarea>" in page
    assert saved(acme).rules.hotfix.labels == ("theirs",)
    admin.post(HERE, {**URGENT, "labels": "mine", "seen": re.search(r'name="seen" value="(\d+)"', page)[1]})  # type: ignore[index]
    assert saved(acme).rules.hotfix.labels == ("mine",)
    answer = admin.post(HERE, environments({"production": "no"}))
    assert answer.status_code == 409
    assert '<option value="no" selected>' in answer.content.decode()
    assert saved(acme).rules.environments.others == frozenset()


@pytest.mark.parametrize(
    "told",
    [
        {**URGENT, "seen": ""},
        {**URGENT, "seen": "²"},
        environments({"production": "maybe"}),
        environments({"nowhere": "yes"}),
        environments({"production\0": "yes"}),
        {**environments({"production": "maybe"}), "do": "preview"},
        {"part": "environments", "environment": ["production"], "counts": [], "seen": "1"},
        {"part": "else"},
        {},
    ],
)
def test_half_a_form_changes_nothing(told: dict[str, Any], admin: Client, acme: Team) -> None:
    assert admin.post(HERE, told).status_code == 422
    assert (saved(acme).version, written(acme)) == (1, [])


def test_environments_of_another_team_are_unknown_here(admin: Client, acme: Team, other: Team) -> None:
    elsewhere = t.repository("other/secret")
    t.write(other, t.page(deployments=(t.deployed(9, 9, 9, "their-secret"),), repository=elsewhere))
    assert "their-secret" not in admin.get(HERE).content.decode()
    assert "Nothing was deployed to “their-secret”" in text(admin.post(HERE, environments({"their-secret": "yes"})))
    admin.post(HERE, URGENT)
    assert saved(other).version == 1


@pytest.mark.parametrize("role", ["lead", "developer", "stranger"])
def test_nobody_else_changes_rules(role: str, acme: Team, as_role: Visit) -> None:
    client, expected = as_role(role), 404 if role == "stranger" else 403
    for told in (URGENT, environments({"production": "no"})):
        assert client.post(HERE, told).status_code == expected
    assert client.get(f"{HERE}progress/").status_code == expected
    assert saved(acme).version == 1


def test_another_zone_raises_the_version_and_its_weeks_are_worked_out_in_sight(admin: Client, acme: Team) -> None:
    while follow(acme.pk).left:
        pass
    general = {"part": "general", "name": "Acme", "zone": "Asia/Tokyo"}
    admin.post("/t/acme/settings/", general)
    admin.post("/t/acme/settings/", {**general, "name": "Apex"})
    acme.refresh_from_db()
    assert acme.definition_version == 2
    for address in ("/t/acme/settings/", HERE, "/t/acme/health/"):
        assert re.search(r"0 of \d+ weeks are worked out", text(admin.get(address)))
    while follow(acme.pk).left:
        pass
    assert "are worked out" not in text(admin.get(HERE))
