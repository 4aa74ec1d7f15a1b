"""Faults come when ordered, in the same places each time, and pass."""

import http.client
from pathlib import Path

import pytest

from tformance.sandbox.dataset import Dataset
from tformance.sandbox.faults import Fault, Faults, Spec, parse_spec
from tformance.sandbox.tests.conftest import Client, running


def fates(spec: Spec) -> list[list[Fault | None]]:
    faults = Faults(spec)
    return [[faults.strike(f"{number}".encode(), 1) for _ in range(4)] for number in range(500)]


def test_the_same_seed_fails_in_the_same_places() -> None:
    spec = parse_spec("fail=0.3,partial=0.1,timeout=0.05,seed=4")
    assert fates(spec) == fates(spec)
    assert fates(spec) != fates(parse_spec("fail=0.3,partial=0.1,timeout=0.05,seed=5"))


def test_about_the_ordered_share_fails_and_every_request_passes_in_the_end() -> None:
    found = fates(parse_spec("fail=0.3"))
    assert 110 < sum(row[0] is not None for row in found) < 190
    assert all(row[2] is None and row[3] is None for row in found)
    assert {row[0] for row in found} == {None, Fault.BAD_GATEWAY, Fault.GATEWAY_TIMEOUT, Fault.RESET}


@pytest.mark.parametrize("text", ["fial=0.1", "fail=often", "fail"])
def test_a_wrong_specification_is_said_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"Unknown fault|needs a number"):
        parse_spec(text)


def test_a_page_above_the_limit_is_a_502_and_costs_points(folder: Path, data: Dataset) -> None:
    ids = list(data.pull_ids())[:11]
    with running(folder, "max_page=10") as (sandbox, client):
        status, _, _ = client.send("POST", "/graphql", _nodes(ids))
        assert status == 502
        assert sandbox.graphql_budget.used == 1
        assert client.send("POST", "/graphql", _nodes(ids[:10]))[0] == 200


def test_a_closed_connection_is_no_answer(folder: Path) -> None:
    with running(folder, "fail=1,repeat=9") as (_, client):
        seen: set[object] = set()
        for number in range(40):
            try:
                seen.add(client.query(f"query Q{number} {{ viewer {{ login }} }}".replace("}}", "}"))[0])
            except http.client.RemoteDisconnected:
                seen.add("closed")
    assert seen == {502, 504, "closed"}


def test_partial_answers_carry_an_error_beside_the_data(folder: Path, data: Dataset) -> None:
    ids = list(data.pull_ids())[:3]
    with running(folder, "partial=1,repeat=1") as (_, client):
        _, cut = client.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
        _, whole = client.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert cut["data"]["nodes"][2] is None
    assert cut["errors"][0]["path"] == ["nodes", 2]
    assert [row["id"] for row in whole["data"]["nodes"]] == ids
    assert "errors" not in whole


def test_the_secondary_limit_says_when_to_come_back(folder: Path) -> None:
    with running(folder, "secondary_after=3,retry_after=7") as (_, client):
        answers = [client.send("GET", "/user") for _ in range(5)]
    assert [status for status, _, _ in answers[:2]] == [200, 200]
    assert {status for status, _, _ in answers[2:]} == {403, 429}
    assert {headers["retry-after"] for _, headers, _ in answers[2:]} == {"7"}


def test_only_the_first_token_expires(folder: Path) -> None:
    with running(folder, "expire_after=2", "token,second") as (_, client):
        assert [client.get("/user")[0] for _ in range(3)] == [200, 200, 401]
        assert Client(client.port, "second").get("/user")[0] == 200


def test_a_timeout_ends_as_504(folder: Path) -> None:
    with running(folder, "timeout=1,timeout_seconds=0.01,repeat=1") as (_, client):
        assert [client.get("/user")[0] for _ in range(2)] == [504, 200]


def _nodes(ids: list[str]) -> bytes:
    quoted = ", ".join(f'\\"{key}\\"' for key in ids)
    return f'{{"query": "{{ nodes(ids: [{quoted}]) {{ id }} }}"}}'.encode()
