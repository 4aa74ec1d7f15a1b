"""What the journeys share: an invented organisation, a local GitHub over it, worker processes, and rows to compare."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, Q

from tformance.accounts.models import Team, TenantManager, TenantModel
from tformance.accounts.tenancy import tenant
from tformance.facts.models.delivery import Deployment, PRCheckRun
from tformance.facts.models.pull_request import PRCommit, PRFile, PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.review import PRComment, PRReview, ReviewThread, TimelineEvent
from tformance.sandbox import generate
from tformance.sync import connections
from tformance.sync.connections import Connected
from tformance.sync.drive import run_until_done

TOKEN, OTHER_TOKEN = "a-token", "another-token"
START_SECONDS = 60

COUNTED: dict[str, tuple[type[TenantModel], Q]] = {
    "repositories": (Repository, Q()),
    "pull_requests": (PullRequest, Q()),
    "reviews": (PRReview, Q()),
    "review_threads": (ReviewThread, Q()),
    "commits": (PRCommit, Q()),
    "files": (PRFile, Q()),
    "head_check_runs": (PRCheckRun, Q(is_final_head=True)),
    "timeline": (TimelineEvent, ~Q(kind="commit")),  # the provider lists commits among the events too
    "thread_comments": (PRComment, Q(kind="review")),
    "issue_comments": (PRComment, Q(kind="issue")),
    "deployments": (Deployment, Q()),
}

EVENTS_THAT_ARE_NOT_READ = ("HeadRefDeletedEvent", "RenamedTitleEvent")  # no measure needs them

# When and how a row was read differs between two ways to the same fact; what it says must not.
ABOUT_READING = {"id", "team", "fetched_at", "first_seen_at", "login_seen_at", "child_sets", "earlier_head_sets"}
NATURAL_KEYS = (("provider_id",), ("sha",), ("node_id",), ("base_sha", "head_sha"), ("display_name",))


@dataclass(frozen=True)
class LocalGitHub:
    url: str

    def ask(self, path: str, method: str = "GET") -> Any:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method)) as answer:
            return json.load(answer)

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = self.ask("/_sandbox/stats")
        return stats

    def reload(self) -> None:
        self.ask("/_sandbox/reload", "POST")


def invent(
    folder: Path, *, prs: int, people: int, repositories: int, months: int, end: datetime | None = None
) -> dict[str, Any]:
    """Write an organisation, which without an end lives till now; returns its truth."""
    folder.mkdir(parents=True, exist_ok=True)
    return generate.write(folder, prs=prs, people=people, repositories=repositories, months=months, end=end)


@contextmanager
def local_github(folder: Path, faults: str = "", latency_ms: int = 0) -> Iterator[LocalGitHub]:
    """A server process over the folder that ends with the block."""
    port_file = folder / f"port-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "tformance", "sandbox", "--data", str(folder), "--port-file", str(port_file)]
    server = subprocess.Popen(
        [*command, "--token", f"{TOKEN},{OTHER_TOKEN}", "--faults", faults, "--latency", str(latency_ms)],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield LocalGitHub(f"http://127.0.0.1:{_port(port_file, server)}")
    finally:
        server.terminate()
        server.wait()


def _port(port_file: Path, server: subprocess.Popen[bytes]) -> int:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at and server.poll() is None:
        if port_file.exists() and (text := port_file.read_text().strip()):
            return int(text)
        time.sleep(0.05)
    raise RuntimeError("the local GitHub did not start")


def connect(slug: str, github: LocalGitHub) -> tuple[Team, Connected]:
    """A team that follows everything the token can see."""
    team = Team.objects.create(slug=slug, name=slug)
    connection = connections.connect_github(team.pk, github.url, TOKEN)
    names = [choice.name for choice in connections.choices(team.pk, connection.id)]
    connections.follow(team.pk, connection.id, names)
    return team, connection


def read_all(team: Team) -> None:
    run_until_done(team.pk, tick=lambda: None)


def start_worker(team: Team) -> subprocess.Popen[bytes]:
    """A process of its own that reads to the end, on the same database."""
    program = (
        "import sys, django; django.setup()\n"
        "from tformance.sync.drive import run_until_done\n"
        "run_until_done(int(sys.argv[1]), tick=lambda: None)"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(team.pk)])


def counts(team: Team) -> dict[str, int]:
    """How many rows of each kind the team has, by the names of the truth."""
    with tenant(team.pk):
        return {name: model.objects.filter(only).count() for name, (model, only) in COUNTED.items()}


def planted(truth: dict[str, Any]) -> dict[str, int]:
    totals = truth["totals"]
    not_asked = sum(totals.get(f"timeline {kind}", 0) for kind in EVENTS_THAT_ARE_NOT_READ)
    return {name: totals[name] for name in COUNTED} | {"timeline": totals["timeline"] - not_asked}


def rows(team: Team) -> dict[str, list[str]]:
    """Every fact of the team without primary keys and reading times, in an order of its own: for comparing."""
    with tenant(team.pk):
        names = {model: _names(model) for model in _fact_models()}
        return {model.__name__: sorted(_told(row, names) for row in _all(model)) for model in names}


def fingerprints(team: Team) -> dict[str, tuple[int, int]]:
    """As `rows`, but only their number and the sum of their digests: for organisations too large to hold."""
    with tenant(team.pk):
        names = {model: _names(model) for model in _fact_models()}
        return {model.__name__: _fingerprint(model, names) for model in names}


def _fingerprint(model: type[Model], names: dict[type[Model], dict[int, str]]) -> tuple[int, int]:
    digests = [
        int.from_bytes(blake2b(_told(row, names).encode(), digest_size=8).digest())
        for row in _manager(model).get_queryset().iterator(2000)
    ]
    return len(digests), sum(digests)


# What is no fact of a provider's.
OWN = frozenset(
    ("Coverage", "DataVersion", "TouchedDays", "TeamRules", "RulesRound", "ErasedKey", "ErasedWord", "Sweep")
)


def _fact_models() -> list[type[Model]]:
    return [model for model in apps.get_app_config("facts").get_models() if model.__name__ not in OWN]


def _all(model: type[Model]) -> list[Model]:
    return list(_manager(model).get_queryset())


def _manager(model: type[Model]) -> TenantManager:
    """Sees what is gone, too."""
    manager = TenantManager()
    manager.model = model
    return manager


def _names(model: type[Model]) -> dict[int, str]:
    """Primary key to natural key, where the model has one."""
    there = {field.name for field in model._meta.fields}
    keys = next((keys for keys in NATURAL_KEYS if there.issuperset(keys)), None)
    return {pk: " ".join(map(str, name)) for pk, *name in _manager(model).values_list("pk", *keys)} if keys else {}


def _told(row: Model, names: dict[type[Model], dict[int, str]]) -> str:
    fields = [field for field in row._meta.fields if field.name not in ABOUT_READING]
    return json.dumps({field.name: _value(row, field, names) for field in fields}, default=str)


def _value(row: Model, field: "Field[Any, Any]", names: dict[type[Model], dict[int, str]]) -> Any:
    value = getattr(row, field.attname)
    if isinstance(field, ForeignKey) and value is not None:
        return names[field.related_model][value]
    return value
