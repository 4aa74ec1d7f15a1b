"""Pages of numbers: quality, review, files and deployments, at their addresses."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import PERIOD, Inline, add, body, text
from tformance.facts import testing
from tformance.facts.coverage import write_coverage
from tformance.facts.models.delivery import Deployment, DeploymentPullRequest
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository

PAGES = [
    "/t/acme/delivery/",
    "/t/acme/quality/",
    "/t/acme/review/",
    "/t/acme/review/people/",
    "/t/acme/review/threads/",
    "/t/acme/files/",
    "/t/acme/deployments/",
    "/t/acme/deployments/list/",
]
NAMES = ("delivery", "quality", "review", "files", "deployments")
FILES = [f"/t/acme/{name}.{kind}" for name in NAMES for kind in ("csv", "json")]


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def deploy(team: Team, key: int, hours: float, *numbers: int, **fields: Any) -> None:
    """A delivery to production that brought these pull requests, as the one writer leaves it."""
    at = testing.at(hours)
    given: dict[str, Any] = {"environment": "production", "task": "deploy", "sha": f"{key:040x}", "state": "success"}
    given |= {"is_production": True, "is_delivery": True, "relation": "ahead", "succeeded_at": at}
    given |= {"is_linked": None if fields.get("relation") == "baseline" else bool(numbers)}
    with tenant(team.pk):
        made = Deployment.objects.create(
            team_id=current_team_id(),
            repository=Repository.objects.earliest("pk"),
            provider_id=key,
            node_id=f"DE_{key}",
            deployed_at=at,
            provider_updated_at=at,
            statuses_total=1,
            fetched_at=at,
            **(given | fields),
        )
        for pull in PullRequest.objects.filter(number__in=numbers):
            DeploymentPullRequest.objects.create(team_id=current_team_id(), deployment=made, pull_request=pull)
            PullRequest.objects.filter(pk=pull.pk).update(deployed_at=at, deploy_time_hours=1.0)


def life(key: int, **fields: Any) -> dict[str, Any]:
    """Everything a page can show of a pull request."""
    remark = testing.comment(key * 10, kind="review", created_at=testing.at(2))
    answer = testing.comment(
        key * 10 + 1, kind="review", created_at=testing.at(3), author=testing.actor("ada"), in_reply_to=key * 10
    )
    runs = [
        testing.check(key * 10, conclusion="failure", head_sha=f"{key:040x}"),
        testing.check(key * 10 + 1, head_sha=f"{key:040x}"),
        testing.check(key * 10 + 2, conclusion="skipped", head_sha=f"{key:040x}", name="docs"),
    ]
    reviews = [testing.review(key * 10, author=testing.actor(f"r{key}")), testing.review(key * 10 + 1)]
    given = {
        "checks": testing.whole(runs),
        "files": testing.whole([testing.file("src/shop/cart.py"), testing.file("README.md")]),
        "threads": testing.whole([testing.thread(key, comments=testing.whole([remark, answer]))]),
        "reviews": testing.whole(reviews),
        "commits": testing.whole([testing.commit(key)]),
    }
    return given | fields


def lives(team: Team, count: int) -> None:
    for key in range(count):
        add(team, 1, first=100 + key, **life(key + 1))


@pytest.mark.parametrize("page", [*PAGES, *FILES])
def test_only_the_teams_own_people_get_in(page: str, as_role: Visit, other: Team) -> None:
    assert as_role("stranger").get(page).status_code == 404
    assert Client().get(page).status_code == 302
    for role in ("admin", "lead", "developer"):
        assert as_role(role).get(f"{page}?{PERIOD}").status_code == 200


@pytest.mark.parametrize("page", [*PAGES, *FILES])
def test_reading_is_all_that_can_be_done(page: str, admin: Client) -> None:
    assert admin.post(page).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_another_teams_rows_are_nowhere(page: str, admin: Client, acme: Team, other: Team) -> None:
    add(acme, 1, **life(1))
    deploy(acme, 1, 9, 100)
    before = text(admin.get(f"{page}?{PERIOD}"))
    cache.clear()
    testing.write(
        other, testing.page(testing.pull_request(100, **life(1)), repository=testing.repository("other/secret"))
    )
    deploy(other, 1, 9, 100)
    assert text(admin.get(f"{page}?{PERIOD}")) == before


@pytest.mark.parametrize("page", PAGES)
def test_statements_do_not_grow_with_people_and_rows(page: str, admin: Client, acme: Team) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"{page}?{PERIOD}").status_code == 200
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]]) - 1

    add(acme, 1, **life(1))
    deploy(acme, 1, 9, 100)
    before = statements()
    for key in range(2, 50):
        add(acme, 1, first=100 + key, author=testing.actor(f"p{key}"), **life(key))
        deploy(acme, key, 9 + key, 100 + key, environment=f"prod/{key % 3}")
    assert statements() == before <= 16


@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_no_inline_script_or_style(page: str, admin: Client, acme: Team) -> None:
    lives(acme, 6)
    parser = Inline()
    parser.feed(admin.get(f"{page}?{PERIOD}").content.decode())
    assert parser.found == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/t/acme/delivery/", "No merge to show in this view"),
        ("/t/acme/quality/", "No checks and no merges in this view"),
        ("/t/acme/review/", "No reviews in this view"),
        ("/t/acme/files/", "No files of merged pull requests in this view"),
        ("/t/acme/deployments/", "No deployment to production is known here"),
    ],
)
def test_an_empty_page_says_what_is_missing_and_what_to_do(page: str, words: str, admin: Client) -> None:
    shown = text(admin.get(f"{page}?from=2020-01-01&to=2020-02-01"))
    assert words in shown
    assert "Open connections" in shown


@pytest.mark.parametrize("page", ["delivery", "quality", "review", "files", "deployments"])
def test_an_empty_page_says_whether_it_was_not_read_or_filtered_out(page: str, admin: Client, acme: Team) -> None:
    assert "Not collected" in text(admin.get(f"/t/acme/{page}/?from=2020-01-01&to=2020-02-01"))
    if page != "deployments":
        lives(acme, 1)
        answer = admin.get(f"/t/acme/{page}/?{PERIOD}&label=nothing-has-it")
        assert "Filtered out" in text(answer)
        onward = re.search(r'href="([^"]+)">Drop the filters', answer.content.decode())
        assert onward
        assert "Filtered out" not in text(admin.get(onward[1].replace("&amp;", "&")))


def test_one_day_is_called_a_day(admin: Client) -> None:
    shown = text(admin.get("/t/acme/delivery/?from=2026-03-10&to=2026-03-10"))
    assert "merged on 10 Mar" in shown
    assert "compared with the day before" in shown


def test_delivery_does_not_call_nothing_what_was_not_read(admin: Client) -> None:
    shown = text(admin.get("/t/acme/delivery/?from=2020-01-01&to=2020-01-31"))
    assert "has not been read yet" in shown
    assert "Nothing was merged from" not in shown


def test_quality_tells_what_passes_and_what_is_flaky(admin: Client, acme: Team) -> None:
    for key in range(1, 7):
        add(acme, 1, first=100 + key, **life(key))
    page = text(admin.get(f"/t/acme/quality/?{PERIOD}"))
    assert "Checks passed 50 % of the time" in page
    assert "12 checks passed or failed; 6 more checks decided nothing and are left out" in page
    assert re.search(r"tests 100 % 15 min 15 min 50 % 12 0", page)
    assert "docs" not in page.partition("Left out")[2]
    assert "switched on per repository" in page


def test_people_are_listed_by_name_for_those_who_may_see_them_only(as_role: Visit, acme: Team) -> None:
    for key in range(1, 7):
        reviews = [
            testing.review(key * 10, author=testing.actor("zoe")),
            testing.review(key * 10 + 1, author=testing.actor("Ann")),
            testing.review(key * 10 + 2, author=testing.actor("zoe"), submitted_at=testing.at(6)),
        ]
        add(acme, 1, first=100 + key, reviews=testing.whole(reviews))
    client = as_role("admin")
    page = text(client.get(f"/t/acme/review/people/?{PERIOD}"))
    assert page.index("Ann 6 33 %") < page.index("zoe 12 67 %")
    assert "Ann and zoe 100 % always the same 6" in text(client.get(f"/t/acme/review/threads/?{PERIOD}"))
    assert "zoe" in body(client.get(f"/t/acme/review.csv?{PERIOD}"))
    for role in ("lead", "developer"):
        client = as_role(role)
        for address in ("review/", "review/people/", "review/threads/"):
            assert "zoe" not in text(client.get(f"/t/acme/{address}?{PERIOD}"))
        for kind in ("csv", "json"):
            assert "zoe" not in body(client.get(f"/t/acme/review.{kind}?{PERIOD}"))
        assert "2 people reviewed. 2 people are not listed" in text(client.get(f"/t/acme/review/people/?{PERIOD}"))


def test_a_persons_reviews_and_their_list_count_the_same(admin: Client, acme: Team) -> None:
    for key in range(1, 4):
        add(acme, 1, first=100 + key, reviews=testing.whole([testing.review(key, author=testing.actor("ann"))]))
    page = admin.get(f"/t/acme/review/people/?{PERIOD}").content.decode()
    door = re.search(r'class="door" href="([^"]+)">3<', page)
    assert door
    assert "3 reviews on 3 pull requests in this view." in text(admin.get(door[1].replace("&amp;", "&")))


@pytest.mark.parametrize("part", ["folder=src", "category=docs", "folder=\\."])
def test_what_touches_a_part_of_the_code_is_as_many_as_its_list_has(part: str, admin: Client, acme: Team) -> None:
    add(acme, 3, files=testing.whole([testing.file("src/shop/cart.py")]))
    add(acme, 2, first=200, files=testing.whole([testing.file("README.md"), testing.file("uv.lock")]))
    add(
        acme,
        1,
        first=300,
        author=testing.actor("dependabot", kind="bot"),
        files=testing.whole([testing.file("README.md")]),
    )
    page = admin.get(f"/t/acme/files/?{PERIOD}").content.decode()
    doors = re.findall(rf'class="door" href="([^"]*{part}[^"]*)">(\d+)<', page)
    assert doors
    for href, count in doors:
        assert f'<b class="b">{count}</b>' in admin.get(href.replace("&amp;", "&")).content.decode()


def test_deployments_are_told_with_what_they_brought(admin: Client, acme: Team) -> None:
    lives(acme, 12)
    deploy(acme, 1, 1, relation="baseline")
    deploy(acme, 2, 10, *range(100, 108), failure="hotfix", recovered_at=testing.at(12))
    deploy(acme, 3, 12, 108, failure="rollback")
    deploy(acme, 4, 30)
    page = text(admin.get(f"/t/acme/deployments/?{PERIOD}"))
    assert "4 deployments reached production" in page
    assert "1 deployment of them bring no pull request we know of." in page
    assert "1 are the first known of their environment" in page
    assert "1 of the failed ones are not put right yet." in page
    assert "acme/shop production 4 2 (50 %) 1" in page
    listed = text(admin.get(f"/t/acme/deployments/list/?{PERIOD}"))
    assert "4 deployments, latest first" in listed
    assert "Fixed in a hurry put right after 2 h" in listed
    assert "Rolled back not put right yet" in listed
    assert "and 2 more" in listed
    assert "First known: what it brought is older than what was read" in listed
    assert "No pull request in it is known" in listed


def test_the_number_of_deployments_opens_their_list_page_by_page(admin: Client, acme: Team) -> None:
    for key in range(30):
        deploy(acme, key, 9 + key)
    page = admin.get(f"/t/acme/deployments/?{PERIOD}").content.decode()
    door = re.search(r'href="([^"]*deployments/list/[^"]*)" class="num"', page)
    assert door
    first = admin.get(door[1].replace("&amp;", "&")).content.decode()
    assert "30\u00a0deployments reached production" in first
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward
    second = admin.get(onward[1].replace("&amp;", "&")).content.decode()
    assert [shown.count("data-row") for shown in (first, second)] == [25, 5]
    assert admin.get(f"/t/acme/deployments/list/?{PERIOD}&after=nonsense").status_code == 400


@pytest.mark.parametrize("page", ["deployments/", "deployments/list/", "deployments.csv"])
def test_deployments_are_not_narrowed_by_what_they_do_not_know(page: str, admin: Client) -> None:
    assert admin.get(f"/t/acme/{page}?size=M").status_code == 400


def test_explaining_what_cannot_be_narrowed_so_says_it(admin: Client) -> None:
    answer = admin.get("/t/acme/explain/change_failure_rate/rate/?size=M")
    assert answer.status_code == 400
    assert "cannot be narrowed" in text(answer)


@pytest.mark.parametrize("name", NAMES)
def test_both_files_of_a_page_have_the_same_numbers(name: str, admin: Client, acme: Team) -> None:
    lives(acme, 6)
    deploy(acme, 1, 9, 100)
    document = json.loads(body(admin.get(f"/t/acme/{name}.json?{PERIOD}")))
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/{name}.csv?{PERIOD}")))))
    assert [(row["measure"], row["of"], row["n"]) for row in rows] == [
        (number["measure"], number["of"], str(number["n"])) for number in document["numbers"]
    ]
    assert (document["from"], document["to"]) == ("2026-03-01", "2026-04-01")
    assert admin.get(f"/t/acme/{name}.xlsx").status_code == 404


def test_recent_days_are_compared_only_with_days_that_were_read(admin: Client, acme: Team) -> None:
    early = testing.at(-24 * 20)
    for key in range(1, 13):
        add(acme, 1, first=100 + key, **life(key))
        before = life(key + 50, merged_at=early, closed_at=early, opened_at=early - timedelta(hours=8))
        add(acme, 1, first=200 + key, **before)
    assert "not read far enough back to compare" in text(admin.get(f"/t/acme/quality/?{PERIOD}"))


def test_weeks_before_everything_is_known_are_hatched(admin: Client, acme: Team) -> None:
    lives(acme, 6)
    with tenant(acme.pk):
        for repository in Repository.objects.all():
            write_coverage(repository.pk, "pull_requests", testing.at(24 * 10), testing.at(24 * 30))
    cache.clear()
    page = admin.get(f"/t/acme/delivery/?{PERIOD}")
    assert "(not read in full)" in text(page)
    assert "What is hatched was not read in full." in text(page)
