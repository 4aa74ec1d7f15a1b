"""The same account and the same repository under other names, between two readings."""

from pathlib import Path

from tests.journeys import road
from tests.journeys.traps.stage import OWNER, Stage, stamp
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.sync import connections


def test_renamed_accounts_and_moved_repositories_stay_who_they_were(live_db: str, tmp_path: Path) -> None:
    stage = Stage()
    repository = stage.repository("old-place")
    pull = repository.pull(author="ben", merged=5)
    stage.write(tmp_path)
    with road.local_github(tmp_path) as github:
        team, _ = road.connect("movers", github)
        road.read_all(team)
        _rename(stage)
        repository.row |= {"name_with_owner": "elsewhere/new-place", "previous_names": [f"{OWNER}/old-place"]}
        pull.row["updated_at"] = stamp(20)
        stage.write(tmp_path)
        github.reload()
        connections.sync_now(team.pk)
        road.read_all(team)
    with tenant(team.pk):
        stored = PullRequest.objects.select_related("author", "repository").get()
        assert stored.author.login == "benjamin"
        assert stored.author.former_logins == ["ben"]
        assert Actor.objects.filter(provider_id=stored.author.provider_id).count() == 1
        assert stored.repository.full_name == "elsewhere/new-place"
        assert Repository.objects.count() == 1


def _rename(stage: Stage) -> None:
    (ben,) = [row for row in stage.rows["users"] if row["login"] == "ben"]
    ben["login"] = "benjamin"
    for rows in stage.rows.values():
        for row in rows:
            if row.get("author") == "ben":
                row["author"] = "benjamin"
