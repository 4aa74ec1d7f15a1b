"""What every page asks of the database: the same few statements for five people, fifty and five hundred."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.faces.web.tests.conftest import Visit
from tformance.facts import testing

PERIOD = "from=2026-03-01&to=2026-03-31"
PAGES = (
    "/t/acme/?",
    "/t/acme/now/?",
    "/t/acme/delivery/?",
    "/t/acme/quality/?",
    "/t/acme/review/?",
    "/t/acme/review/people/?",
    "/t/acme/review/threads/?",
    "/t/acme/review/asked/?",
    "/t/acme/delivery/open/?",
    "/t/acme/files/?",
    "/t/acme/copilot/?",
    "/t/acme/deployments/?",
    "/t/acme/deployments/list/?",
    "/t/acme/explain/cycle_time/median/?",
    "/t/acme/glossary/?",
    "/t/acme/pulls/?",
    "/t/acme/pulls/?state=all&sort=-size&",
    "/t/acme/pulls/?q=change&",
    "/t/acme/pulls/filters/?",
    "/t/acme/pulls/acme/shop/7/?",
    "/t/acme/health/?",
    "/t/acme/connections/?",
    "/t/acme/tokens/?",
    "/t/acme/settings/?",
    "/t/acme/settings/members/?",
    "/t/acme/settings/audit/?",
)
FOR_ADMINS = [page for page in PAGES if "/settings/" in page]
OF_PEOPLE = [page for page in PAGES if "/pulls/?" in page or "/filters/" in page or "/review/" in page]
MORE = 5  # whose the viewer is, whom they lead, and which of the people are hidden
ENTERING = ("django_session", "accounts_user", "accounts_membership", "set_config")


def test_every_page_asks_as_often_whether_five_people_work_or_five_hundred(as_role: Visit, acme: Team) -> None:
    admin = as_role("admin")
    asked = {}
    for first, last in ((1, 5), (6, 50), (51, 500)):
        people(acme, first, last)
        asked[last] = {page: statements(admin, page) for page in PAGES}
    for page in PAGES:
        few, some, many = (asked[people][page] for people in (5, 50, 500))
        # A short list ends with what has no such value, and too few people say too little to ask on.
        once_more = "sort=" in page
        assert len(few) - once_more <= len(some) == len(many) <= 16, "\n".join([page, *many])
        lists_members = "members/" in page
        assert sum(any(name in each for name in ENTERING) for each in many) - lists_members <= 4, page


def test_who_does_not_see_everybody_costs_a_few_statements_more_on_pages_of_people_only(
    as_role: Visit, acme: Team
) -> None:
    people(acme, 1, 50)
    clients = {role: as_role(role) for role in ("admin", "lead", "developer")}
    for page in sorted(set(PAGES) - set(FOR_ADMINS)):
        asked = {role: statements(client, page) for role, client in clients.items()}
        for role in ("lead", "developer"):
            more = len(asked[role]) - len(asked["admin"])
            assert more <= (MORE if page in OF_PEOPLE else 0), "\n".join([role, page, *asked[role]])


def people(team: Team, first: int, last: int) -> None:
    """Each of them merged, reviewed and waits; every tenth has a tool, and there is a deployment of each."""
    pulls = []
    for key in range(first, last + 1):
        who, reviewer = testing.actor(f"a{key}", provider_id=key), testing.actor(f"r{key}", provider_id=1000 + key)
        given = {
            "author": who,
            "reviews": testing.whole([testing.review(key, author=reviewer)]),
            "checks": testing.whole([testing.check(key)]),
            "files": testing.whole([testing.file(f"src/{key}/shop.py")]),
        }
        pulls.append(testing.pull_request(1000 + key, **given))
        pulls.append(testing.open_pull_request(3000 + key, author=who))
    deployments = tuple(testing.deployed(key, key, 9 + key / 100) for key in range(first, last + 1))
    testing.write(team, testing.page(*pulls, deployments=deployments))


def statements(client: Client, page: str) -> Sequence[str]:
    """All but those of the transaction that the test itself stands in."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{page}{PERIOD}").status_code == 200, page
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"] and not is_leaving(query["sql"])]


def is_leaving(sql: str) -> bool:
    """Inside a transaction of the tests the door closes once more."""
    return sql == "SELECT set_config('app.team_id', '', true)"
