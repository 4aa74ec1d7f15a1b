"""What is deleted at GitHub without a word is found by comparing all that is stored with all that is there."""

from pathlib import Path
from typing import Any

from tests.journeys import road
from tests.journeys.traps.asked import Asked
from tests.journeys.traps.stage import Row, Stage, stamp
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.delivery import Deployment, Release
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import connections


def test_deleted_pull_requests_deployments_and_releases_are_found(live_db: str, tmp_path: Path) -> None:
    stage = Stage()
    repository = stage.repository("tidied")
    first, second, third = (repository.pull(merged=hours) for hours in (1, 5, 10))
    shipped = [
        repository.deployment(pull.oid, hours, "SUCCESS") for pull, hours in ((first, 2), (second, 6), (third, 11))
    ]
    released = [release(stage, repository.row["id"], tag) for tag in ("v1", "v2")]
    stage.write(tmp_path)
    with road.local_github(tmp_path) as github:
        team, _ = road.connect("tidy", github)
        road.read_all(team)
        asked = Asked(team)
        assert asked.value("tidied", "deployment_frequency", "count") == 3
        delete(stage, "pull_requests", third.row)
        delete(stage, "commits", *(row for row in stage.rows["commits"] if row["pull_request_id"] == third.row["id"]))
        delete(stage, "deployments", shipped[2])
        delete(stage, "releases", released[0])
        stage.write(tmp_path)
        github.reload()
        compare(team)
        assert gone(team) == {"pull_requests": {3}, "deployments": {shipped[2]["database_id"]}, "releases": {"v1"}}
        assert asked.value("tidied", "deployment_frequency", "count") == 2
        stage.rows["deployments"].append(shipped[2])
        stage.write(tmp_path)
        github.reload()
        compare(team)
    assert gone(team)["deployments"] == set()
    assert asked.value("tidied", "deployment_frequency", "count") == 3


def release(stage: Stage, repository: str, tag: str) -> Row:
    return stage.add(
        "releases", repository_id=repository, tag_name=tag, name=tag, created_at=stamp(3), published_at=stamp(3)
    )


def delete(stage: Stage, kind: str, *rows: Row) -> None:
    stage.rows[kind] = [row for row in stage.rows[kind] if row not in rows]


def compare(team: Team) -> None:
    connections.compare_now(team.pk)
    road.read_all(team)


def gone(team: Team) -> dict[str, set[Any]]:
    def of(model: Any, name: str) -> set[Any]:
        return set(model.everything.filter(gone_at__isnull=False).values_list(name, flat=True))

    with tenant(team.pk):
        return {
            "pull_requests": of(PullRequest, "number"),
            "deployments": of(Deployment, "provider_id"),
            "releases": of(Release, "tag"),
        }
