import csv
import io
import json
import re

import pytest
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_boards import deploy, life
from tformance.faces.web.tests.test_pages import add, body, text
from tformance.facts import testing
from tformance.facts.coverage import write_coverage
from tformance.facts.models.people import Actor
from tformance.facts.models.repository import Repository
from tformance.measures.catalogue import MEASURES

ASKABLE = [(measure.id, statistic) for measure in MEASURES.values() for statistic in measure.statistics]
PERIOD = "from=2026-01-01&to=2026-03-31"


@pytest.mark.parametrize(("measure", "statistic"), ASKABLE)
def test_every_measure_has_an_explanation_with_its_question(measure: str, statistic: str, as_role: Visit) -> None:
    admin: Client = as_role("admin")
    answer = admin.get(f"/t/acme/explain/{measure}/{statistic}/?{PERIOD}")
    assert answer.status_code == 200
    assert MEASURES[measure].question in answer.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize("measure", MEASURES)
def test_the_steps_from_fetched_to_counted_add_up_for_every_measure(measure: str, as_role: Visit, acme: Team) -> None:
    for key in range(1, 4):
        add(acme, 1, first=100 + key, **life(key))
    add(acme, 2, first=200, author=testing.actor("dependabot[bot]", kind="bot"))
    deploy(acme, 1, 9, 101)
    statistic, admin = MEASURES[measure].statistics[0], as_role("admin")
    address = f"/t/acme/explain/{measure}/{statistic}"
    told = json.loads(body(admin.get(f"{address}.json?{PERIOD}")))
    steps = {step["step"]: step["count"] for step in told["steps"]}
    assert steps["read"] + sum(count for count in steps.values() if count < 0) == steps["counted"]
    if MEASURES[measure].finish is None:
        assert steps["counted"] == told["n"]
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"{address}.csv?{PERIOD}")))))
    assert {row["step"]: int(row["count"]) for row in rows} == steps


def test_each_step_that_is_a_list_opens_it(as_role: Visit, acme: Team) -> None:
    admin = as_role("admin")
    add(acme, 3, first=100, author=testing.actor("ann"), reviews=testing.whole())
    add(acme, 2, first=200, author=testing.actor("dependabot[bot]", kind="bot"))
    with tenant(acme.pk):
        ann = Actor.objects.get(login="ann").pk
    page = admin.get(f"/t/acme/explain/pickup_time/median/?{PERIOD}&author={ann}").content.decode()
    doors = re.findall(r'<a class="door" href="([^"]+)">(\d+)</a>', page)
    assert [count for _, count in doors] == ["4", "3"]
    for href, count in doors:
        assert f'<b class="b">{count}</b>' in admin.get(href.replace("&amp;", "&")).content.decode()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("merged_prs/count/?from=2026-03-01&to=2026-03-31&size=XL", "Filtered out: 2 pull requests would count"),
        (
            "pickup_time/median/?from=2026-03-01&to=2026-03-31",
            "2 pull requests are in this view: 2 without such a value.",
        ),
        ("deployment_frequency/per_week/?from=2026-03-01&to=2026-03-31", "Not collected: deployments of this period"),
        ("merged_prs/count/?from=2020-01-01&to=2020-01-31", "Not collected: pull requests of this period"),
        ("failed_deployments/rate/?from=2026-03-01&to=2026-03-31", "Not collected: deployments of this period"),
    ],
)
def test_an_empty_number_says_which_step_emptied_it(address: str, reason: str, as_role: Visit, acme: Team) -> None:
    add(acme, 1, first=100, reviews=testing.whole())
    shown = text(as_role("admin").get(f"/t/acme/explain/{address}"))
    assert "Why it is empty" in shown
    assert reason in shown


def test_a_period_that_was_read_and_has_nothing_is_told_from_one_that_was_not_read(as_role: Visit, acme: Team) -> None:
    with tenant(acme.pk):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, clock.now())
    shown = text(as_role("admin").get("/t/acme/explain/merged_prs/count/?from=2020-01-01&to=2020-01-31"))
    assert "There is none: pull requests of this period were read, and nothing of the kind happened." in shown


def test_what_only_automation_opened_is_named_as_the_reason(as_role: Visit, other: Team) -> None:
    bots = testing.team("bots")
    add(bots, 2, author=testing.actor("dependabot[bot]", kind="bot"))
    user = User.objects.create_user("bot@keeper.example")
    Membership.objects.create(team=bots, user=user, role=Role.ADMIN)
    client = Client()
    client.force_login(user)
    shown = text(client.get(f"/t/bots/explain/merged_prs/count/?{PERIOD}"))
    assert "2 pull requests of this period were read, but what automation opened" in shown


def test_a_number_of_a_team_without_a_connection_says_so(as_role: Visit) -> None:
    bare = testing.team("bare")
    user = User.objects.create_user("new@keeper.example")
    Membership.objects.create(team=bare, user=user, role=Role.ADMIN)
    client = Client()
    client.force_login(user)
    assert "Nothing is connected" in text(client.get(f"/t/bare/explain/merged_prs/count/?{PERIOD}"))


def test_a_number_that_rests_on_something_gives_no_reason_to_be_empty(as_role: Visit) -> None:
    assert "Why it is empty" not in text(as_role("admin").get(f"/t/acme/explain/merged_prs/count/?{PERIOD}"))
