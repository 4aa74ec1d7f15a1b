"""A person is erased: nowhere in the database is their name, whatever is read again, and no number changes."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from psycopg import sql

from tests.journeys import road
from tformance.accounts.models import AuditEntry, Membership, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding, forgetting
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.weekly.follow import follow
from tformance.sync import connections
from tformance.sync.models import WebhookDelivery
from tformance.sync.tests.posted import make_endpoint

AS_OF = datetime.now(UTC) + timedelta(hours=1)
TODAY = AS_OF.date()
EVER = f"?from={TODAY - timedelta(days=300)}&to={TODAY}"
FILES = [f"/t/acme{page}.json{EVER}" for page in ("", "/delivery", "/quality", "/review")]
FILES += [f"/t/acme/pulls.json{EVER}", f"/t/acme/deployments.json{EVER}"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    road.invent(tmp_path / "organisation", prs=120, people=10, repositories=3, months=4)
    return tmp_path / "organisation"


@pytest.fixture
def github(live_db: str, folder: Path) -> Iterator[road.LocalGitHub]:
    cache.clear()
    with road.local_github(folder) as served:
        yield served


def admin_of(team: Team) -> User:
    user = User.objects.create_user(f"admin@{team.slug}.example")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    return user


def busiest(team: Team) -> Actor:
    """Who has a login of two words, opened and reviewed something, and is asked for reviews."""
    with tenant(team.pk):
        told = Actor.objects.filter(member__isnull=False, login__contains="-", name__contains=" ")
        found: Actor = max(told, key=lambda each: (PRReview.objects.filter(author=each).count(), each.provider_id))
        return found


def member_of(person: Actor) -> int:
    assert person.member_id
    return person.member_id


def mention(folder: Path, person: Actor) -> None:
    """Somebody names them in every way there is."""
    first, last = person.name.split()
    changed = []
    for place, line in enumerate((folder / "pull_requests.jsonl").read_text().splitlines()):
        row = json.loads(line)
        if place % 3 == 0:
            row["body"] = (
                f"{row.get('body') or ''}\n\nThanks @{person.login}, {first} {last} <{person.login}@home.example>"
            )
            row["title"] = f"{row['title']} ({first.upper()} {last})"
        changed.append(json.dumps(row))
    (folder / "pull_requests.jsonl").write_text("\n".join(changed) + "\n")


def find(*words: str) -> dict[str, list[str]]:
    """Every table and column of the database that has one of these words in it, by the owner, past every policy."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        teams = [row[0] for row in connection.execute("SELECT id FROM accounts_team").fetchall()]
        for (table,) in tables:
            for team in teams:
                connection.execute("SELECT set_config('app.team_id', %s, false)", [str(team)])
                for word in words:
                    asked = sql.SQL("SELECT t::text FROM {} t WHERE t::text ILIKE %s").format(sql.Identifier(table))
                    rows = connection.execute(asked, [f"%{word}%"]).fetchall()
                    found.setdefault(table, []).extend(f"{word}: {row[0][:300]}" for row in rows)
    return {table: rows for table, rows in found.items() if rows}


def words_of(person: Actor) -> tuple[str, ...]:
    return (person.login, person.name, f"{person.login}@meridian.example", person.login.replace("-", "_"))


def told(user: User) -> dict[str, Any]:
    """What the pages' files say."""
    client = Client()
    client.force_login(user)
    answers = {}
    for file in FILES:
        cache.clear()
        with time_machine.travel(AS_OF, tick=False):  # some numbers go up with time alone
            answer: Any = client.get(file)
        assert answer.status_code == 200, file
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answers[file] = json.loads(text)
    return answers


def renamed(told: Any, person: Actor) -> Any:
    """The same with the pseudonym in place of the names; in which order names stand is not told."""
    text = json.dumps(told)
    for before, after in (
        (person.login, "former-colleague-1"),
        (person.name, "Former colleague 1"),
        (person.name.split()[0].upper() + " " + person.name.split()[1], "Former colleague 1"),
    ):
        text = text.replace(before, after)
    return in_order(json.loads(text))


def in_order(told: Any) -> Any:
    if isinstance(told, dict):
        return {
            key: in_order(value) for key, value in told.items() if key not in ("as_of", "computed_at", "generated_at")
        }
    if isinstance(told, list):
        return sorted((in_order(each) for each in told), key=lambda each: json.dumps(each, sort_keys=True))
    return told


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [found for key in keys for found in differences(one.get(key), other.get(key), f"{path} {key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return [found for number, pair in enumerate(pairs) for found in differences(*pair, f"{path} {number}")]
    if isinstance(one, float) and isinstance(other, float):
        one, other = round(one, 9), round(other, 9)  # rows are added up in the order in which they lie
    return [] if one == other else [f"{path}: {one!r} != {other!r}"[:600]]


def weeks(team: Team) -> list[tuple[Any, ...]]:
    while follow(team.pk).left:
        pass
    with tenant(team.pk):
        rows = WeeklyMetrics.objects.order_by("member", "week_start").values()
        return [tuple((name, value) for name, value in row.items() if name != "computed_at") for row in rows]


def sweep(team: Team) -> None:
    while forgetting.sweep(team.pk):
        pass


def follow_all(team: Team, github: road.LocalGitHub, token: str, before: int | None = None) -> int:
    """Connect and read everything; what was connected before is removed first."""
    if before:
        connections.forget(team.pk, before)
    made = connections.connect_github(team.pk, github.url, token)
    connections.follow(team.pk, made.id, [each.name for each in connections.choices(team.pk, made.id)])
    road.read_all(team)
    return made.id


def sign_in(team: Team, person: Actor, admin: User) -> User:
    """The person has an account, views name them, and something that was sent is still kept."""
    user = User.objects.create_user(f"{person.login}@meridian.example", name=person.name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(team=team, user=user, role=Role.DEVELOPER)
    assert deciding.set_user(team.pk, admin, member_of(person), user.pk)
    told = {"event": "ping", "body": b"sealed", "state": "applied", "received_at": person.login_seen_at}
    WebhookDelivery.objects.create(endpoint=make_endpoint(team), delivery_id="1", **told)
    with tenant(team.pk):
        SavedView.objects.create(team=team, user=admin, name=f"All of {person.name}", query="?q=" + person.login)
        SavedView.objects.create(team=team, user=user, name="Mine")
    return user


def test_nowhere_is_their_name_and_no_number_changes(github: road.LocalGitHub, folder: Path) -> None:
    team = Team.objects.create(slug="acme", name="acme")
    admin = admin_of(team)
    first = follow_all(team, github, road.TOKEN)
    person = busiest(team)
    mention(folder, person)
    github.reload()
    again = follow_all(team, github, road.TOKEN, first)
    user = sign_in(team, person, admin)
    before, weeks_before = renamed(told(admin), person), weeks(team)
    everywhere = {f"facts_{name}" for name in ("actor", "commit", "pullrequest", "timelineevent")}
    assert everywhere | {"accounts_auditentry"} < find(*words_of(person)).keys()

    assert forgetting.erase(team.pk, admin, member_of(person))
    sweep(team)
    assert find(*words_of(person)) == {}
    assert weeks(team) == weeks_before
    assert differences(before, renamed(told(admin), person)) == []
    assert not User.objects.filter(pk=user.pk).exists()
    assert WebhookDelivery.objects.get().body is None
    with tenant(team.pk):
        last = AuditEntry.objects.order_by("-pk").first()
        assert last
        assert (last.what, last.about) == ("person_erased", "Former colleague 1")
        assert TeamMember.objects.get(pk=person.member_id).display_name == "Former colleague 1"
        assert PullRequest.objects.filter(author=person).exists()

    rows = road.rows(team)
    follow_all(team, github, road.OTHER_TOKEN, again)
    sweep(team)
    assert find(*words_of(person)) == {}
    assert road.rows(team) == rows


def test_erasing_between_two_readings_gives_what_erasing_after_both_does(
    github: road.LocalGitHub, folder: Path
) -> None:
    def team_that(slug: str, *, early: bool) -> Team:
        team = Team.objects.create(slug=slug, name=slug)
        admin = admin_of(team)
        connection = connections.connect_github(team.pk, github.url, road.TOKEN)
        names = sorted(each.name for each in connections.choices(team.pk, connection.id))
        for part in (names[:1], names):
            connections.follow(team.pk, connection.id, part)
            road.read_all(team)
            if early == (part != names):
                with tenant(team.pk):
                    person = Actor.objects.get(login=login) if login else busiest(team)
                mentioned.append(person.login)
                assert forgetting.erase(team.pk, admin, member_of(person))
                sweep(team)
        return team

    login, mentioned = "", []  # type: ignore[var-annotated]
    early = team_that("early", early=True)
    login = mentioned[0]
    late = team_that("late", early=False)
    assert road.rows(early) == road.rows(late)
