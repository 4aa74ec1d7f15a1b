"""The same pull request by message, history, round, single reading or REST is the same row, in whatever order they come."""

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest
import time_machine
from django.db import connections as databases
from pytest_django import DjangoDbBlocker

from conftest import copy_afresh
from tests.journeys import road, scene
from tests.journeys.scene import PARTS, Follower, Scene, Told
from tests.journeys.traps.stage import at
from tformance.accounts.models import Team
from tformance.facts import testing as facts
from tformance.facts.state import ROOT
from tformance.sandbox.tests.conftest import Client, receiving, running
from tformance.sources.github import payload
from tformance.sync.tests.posted import SECRET

Rows = dict[str, list[str]]
Way = Callable[[Follower, int, list[Told]], None]  # what is done when a part was played and told; part 0 is before all
LAST: Final = len(PARTS)

# Only a message at the moment tells since when a thread is resolved; whoever has no messages cannot know it.
ONLY_TOLD: Final = {"resolved_at", "resolution_read_at"}
# Only a reading tells how it was merged.
ONLY_READ: Final = {"merge_kind"}


def by_history(team: Follower, part: int, _: list[Told]) -> None:
    if part == LAST:
        team.read()


def by_messages_alone(team: Follower, part: int, told: list[Told]) -> None:
    """Nothing is read but what was there before."""
    if not part:
        team.read()
    team.post(told)


def by_rounds(team: Follower, part: int, _: list[Told]) -> None:
    team.round() if part else team.read()


def by_messages_and_what_they_ask_for(team: Follower, part: int, told: list[Told]) -> None:
    team.post(told)
    team.read()


def by_messages_newest_first(team: Follower, part: int, told: list[Told]) -> None:
    for message in reversed(told):
        team.post([message])
    team.read()


def by_each_message_twice(team: Follower, part: int, told: list[Told]) -> None:
    team.post([*told, *told])
    team.read()
    team.post(told)


def by_rounds_and_all_messages_afterwards(team: Follower, part: int, told: list[Told]) -> None:
    by_rounds(team, part, told)
    team.held += told
    if part == LAST:
        team.post(team.held[::-1])


def by_messages_of_before_after_each_round(team: Follower, part: int, told: list[Told]) -> None:
    team.post(told[::2])
    by_rounds(team, part, told)
    team.post([*told[1::2], *team.held])
    team.held += told[::3]


def by_single_readings(team: Follower, part: int, told: list[Told]) -> None:
    if not part:
        team.read()
    team.post(told)
    team.read_single()


def by_single_readings_before_their_messages(team: Follower, part: int, told: list[Told]) -> None:
    by_rounds(team, part, told) if part < LAST else team.post(told[:1])
    team.read_single()
    team.post(told)


def by_chance(seed: int, team: Follower, part: int, told: list[Told]) -> None:
    """Messages late, in any order, some twice; now and then a reading of some kind, and one when all is played."""
    chance = random.Random(f"{seed} {part}")
    if not part:
        team.read()
        return
    team.held += [*told, *chance.sample(told, len(told) // 5)]
    chance.shuffle(team.held)
    for _ in range(3):
        some = chance.randrange(len(team.held) + 1)
        team.post(team.held[:some])
        del team.held[:some]
        chance.choice([team.read, team.round, team.read_single, lambda: None])()
    if part == LAST:
        chance.choice([team.round, team.read_single] if not team.held else [team.round])()
        team.post(team.held)


WAYS: Final[dict[str, Way]] = {
    "rounds": by_rounds,
    "messages": by_messages_and_what_they_ask_for,
    "newest first": by_messages_newest_first,
    "each twice": by_each_message_twice,
    "all afterwards": by_rounds_and_all_messages_afterwards,
    "between": by_messages_of_before_after_each_round,
    "single": by_single_readings,
    "single before messages": by_single_readings_before_their_messages,
    **{f"chance {seed}": partial(by_chance, seed) for seed in range(2)},
}

EVERYBODY: Final = {"calm": by_history, "only told": by_messages_alone} | WAYS


def slug(name: str) -> str:
    return name.replace(" ", "-")


@dataclass
class Played:
    """The rows of every team when all was played and told, and after everything that was asked for then was read."""

    calm: Rows
    then: dict[str, Rows]
    settled: dict[str, Rows]
    only_told: Rows
    by_rest: Rows


@pytest.fixture(scope="module")
def played(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("scene")
    tokens = scene.prepare(folder, [slug(name) for name in EVERYBODY])
    with (
        django_db_blocker.unblock(),
        time_machine.travel(at(scene.BEGIN), tick=False) as clock,
        receiving() as receiver,
        running(folder, "limit=1000000", tokens, hooks=[(receiver.url, SECRET)]) as (sandbox, client),
    ):
        assert os.environ["DATABASE_URL"]
        yield play(Scene(client, receiver, clock), sandbox.url)
        databases.close_all()
    copy_afresh()


def play(stage: Scene, url: str) -> Played:
    teams = {name: Follower.of(stage, url, slug(name)) for name in EVERYBODY}
    for part in range(LAST + 1):
        told = stage.play(part - 1) if part else []
        for name, way in EVERYBODY.items():
            way(teams[name], part, told)
    then = {name: road.rows(teams[name].team) for name in EVERYBODY}
    for name in WAYS:
        teams[name].read()
    settled = {name: road.rows(teams[name].team) for name in WAYS}
    by_rest = read_by_rest(Client(stage.client.port, slug("calm")))
    return Played(then["calm"], then, settled, then["only told"], road.rows(by_rest))


def read_by_rest(client: Client) -> Team:
    """A team whose pull requests come from REST alone, as messages carry them."""
    team = Team.objects.create(slug="by-rest", name="by rest")
    home = got(client, f"/repos/{scene.REPOSITORY}")
    for number in range(1, scene.FORKS_NEW + 1):
        found = got(client, f"/repos/{scene.REPOSITORY}/pulls/{number}")
        page = payload.page({"pull_request": found, "repository": home})
        assert page is not None
        facts.write(team, page)
    return team


def got(client: Client, path: str) -> dict[str, Any]:
    status, _, body = client.get(path)
    assert status == 200
    found: dict[str, Any] = body
    return found


def comparable(rows: Rows, calm: Rows) -> Rows:
    """Without what only messages can tell, and what was pushed away before the calm reading."""
    known = {json.loads(row)["sha"] for row in calm["Commit"]}
    found = {model: [json.loads(row) for row in told] for model, told in rows.items()}
    found["Commit"] = [row for row in found["Commit"] if row["sha"] in known]
    found["PRCheckRun"] = [row for row in found["PRCheckRun"] if row["head_sha"] in known]
    return {
        model: sorted(json.dumps({k: v for k, v in row.items() if k not in ONLY_TOLD}) for row in told)
        for model, told in found.items()
    }


def differences(one: Rows, other: Rows) -> dict[str, tuple[set[str], set[str]]]:
    """By model what only the one has and what only the other has."""
    there = {model: (set(one[model]) - set(other[model]), set(other[model]) - set(one[model])) for model in one}
    return {model: found for model, found in there.items() if any(found) or len(one[model]) != len(other[model])}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_comes_in_whatever_order_ends_in_the_rows_of_one_calm_reading(played: Played, way: str) -> None:
    assert differences(comparable(played.then[way], played.calm), comparable(played.calm, played.calm)) == {}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_pushed_away_stays_with_everybody_who_followed(played: Played, way: str) -> None:
    kept = {json.loads(row)["sha"] for row in played.then[way]["Commit"]}
    gone = kept - {json.loads(row)["sha"] for row in played.calm["Commit"]}
    assert len(gone) == 2
    assert differences(played.then[way], played.then["messages"]).keys() <= {"ReviewThread"}


@pytest.mark.parametrize("way", WAYS)
def test_reading_again_what_late_messages_asked_for_changes_nothing(played: Played, way: str) -> None:
    assert differences(played.settled[way], played.then[way]) == {}


def roots(rows: Rows) -> dict[int, dict[str, Any]]:
    """By number what a pull request itself says, without what follows from its children."""
    found = [json.loads(row) for row in rows["PullRequest"]]
    names = {name if name in found[0] else name.removesuffix("_id") for name in ROOT} - ONLY_READ
    return {row["number"]: {name: row[name] for name in names} for row in found}


def test_a_pull_request_by_rest_is_the_row_that_graphql_gives(played: Played) -> None:
    assert roots(played.by_rest) == roots(played.calm)


def test_a_pull_request_by_its_last_message_alone_is_the_row_that_graphql_gives(played: Played) -> None:
    told, calm = roots(played.only_told), roots(played.calm)
    assert told.keys() == calm.keys()
    unchanged_since = {number for number in told if told[number]["pr_updated_at"] == calm[number]["pr_updated_at"]}
    assert unchanged_since == calm.keys()
    assert {number: told[number] for number in unchanged_since} == {number: calm[number] for number in unchanged_since}


def test_what_was_played_is_of_every_kind(played: Played) -> None:
    pulls = [json.loads(row) for row in played.calm["PullRequest"]]
    assert {pull["state"] for pull in pulls} == {"open", "closed", "merged"}
    assert {pull["is_draft"] for pull in pulls} == {pull["is_cross_repository"] for pull in pulls} == {True, False}
    assert all(pull["is_complete"] for pull in pulls)
    reviews = {json.loads(row)["state"] for row in played.calm["PRReview"]}
    assert reviews >= {"approved", "changes_requested", "dismissed", "commented"}
    events = {json.loads(row)["kind"] for row in played.calm["TimelineEvent"]}
    assert events >= {"reopened", "head_ref_force_pushed", "convert_to_draft", "review_dismissed", "review_requested"}
