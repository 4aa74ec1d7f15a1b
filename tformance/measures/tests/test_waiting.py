"""What an open pull request waits for, and since when."""

from datetime import datetime
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import actor, at, event, open_pull_request, review, team, whole
from tformance.measures.query import Filters
from tformance.measures.tests.conftest import Land, everyone, merged
from tformance.measures.waiting import waiting_now


def said(key: int, state: str, hours: float, by: str = "grace") -> Any:
    return review(key, author=actor(by), state=state, submitted_at=at(hours))


def pushed(hours: float) -> Any:
    return event(int(hours * 10), kind="commit", actor=None, occurred_at=at(hours))


@pytest.mark.parametrize(
    ("fields", "state", "since"),
    [
        ({}, "first_review", at(0)),
        ({"is_draft": True}, "draft", at(0)),
        ({"is_draft": True, "events": whole([event(1, kind="convert_to_draft", occurred_at=at(3))])}, "draft", at(3)),
        ({"events": whole([event(1, kind="ready_for_review", occurred_at=at(2))])}, "first_review", at(2)),
        ({"reviews": whole([said(1, "commented", 4)])}, "in_review", at(4)),
        ({"reviews": whole([said(1, "changes_requested", 4)])}, "sent_back", at(4)),
        ({"reviews": whole([said(1, "changes_requested", 4)]), "events": whole([pushed(3)])}, "sent_back", at(4)),
        ({"reviews": whole([said(1, "changes_requested", 4)]), "events": whole([pushed(5)])}, "in_review", at(5)),
        ({"reviews": whole([said(1, "changes_requested", 4), said(2, "approved", 6)])}, "approved", at(6)),
        ({"reviews": whole([said(1, "changes_requested", 4), said(2, "approved", 6, by="ann")])}, "sent_back", at(4)),
        ({"reviews": whole([said(1, "approved", 4), said(2, "commented", 6)])}, "approved", at(4)),
        ({"reviews": whole([said(1, "dismissed", 4)])}, "in_review", at(4)),
        ({"reviews": whole([said(1, "approved", 4, by="ada")])}, "first_review", at(0)),
    ],
)
def test_an_open_pull_request_waits_for(
    fields: dict[str, Any], state: str, since: datetime, land: Land, acme: Team
) -> None:
    land(open_pull_request(1, **fields))
    with tenant(acme.pk):
        found = waiting_now(Filters())
    (pull,) = found.pulls
    assert (pull.state, pull.since) == (state, since)
    assert {name: count for name, count in found.counts.items() if count} == {state: 1}


def test_only_open_work_waits_longest_first_and_automation_apart(land: Land, acme: Team) -> None:
    land(
        merged(1, 8),
        open_pull_request(2, state="closed", closed_at=at(9)),
        open_pull_request(3, opened_at=at(5)),
        open_pull_request(4, opened_at=at(2), author=actor("bob")),
        open_pull_request(5, opened_at=at(1), author=actor("dependabot", kind="bot")),
    )
    land(open_pull_request(6), team=team("other"))
    with tenant(acme.pk):
        assert [pull.row.number for pull in waiting_now(Filters()).pulls] == [4, 3]
        assert [pull.row.number for pull in waiting_now(everyone(), limit=1).pulls] == [5]
        assert waiting_now(everyone(), limit=1).counts["first_review"] == 3
        assert waiting_now(Filters(state="merged", authors=(0,))).pulls == ()
