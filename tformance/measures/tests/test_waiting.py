"""What an open pull request waits for, and since when."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import (
    actor,
    at,
    event,
    open_pull_request,
    organization,
    provider_team,
    review,
    team,
    whole,
    write_org,
)
from tformance.measures.query import Filters
from tformance.measures.records import pull_requests
from tformance.measures.tests.conftest import NOON, WEEK, Land, everyone, merged
from tformance.measures.waiting import ageing, waiting_for, waiting_now


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


def asked(key: int, hours: float, who: str, kind: str = "review_requested") -> Any:
    return event(key, kind=kind, occurred_at=at(hours), subject=who)


def queues(acme: Team, filters: Filters | None = None) -> list[tuple[str, int, datetime | None]]:
    with tenant(acme.pk):
        return [(queue.asked, queue.count, queue.since) for queue in waiting_for(filters or Filters()).queues]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("", 1, None)]),
        ({"events": [asked(1, 2, "Grace")]}, [("grace", 1, at(2))]),
        ({"events": [asked(1, 2, "grace"), asked(2, 3, "grace", "review_request_removed")]}, [("", 1, None)]),
        ({"events": [asked(1, 2, "grace"), asked(2, 3, "ann")]}, [("ann", 1, at(3)), ("grace", 1, at(2))]),
        ({"events": [asked(1, 2, "grace")], "reviews": [said(1, "commented", 3)]}, [("", 1, None)]),
        ({"events": [asked(1, 2, "grace")], "reviews": [said(1, "approved", 1)]}, [("grace", 1, at(2))]),
        ({"events": [asked(1, 2, "grace")], "reviews": [said(1, "approved", 3, by="ann")]}, [("grace", 1, at(2))]),
        ({"events": [asked(1, 2, "grace"), pushed(5)]}, [("grace", 1, at(5))]),
        ({"events": [asked(1, 2, "grace"), event(9, kind="ready_for_review", occurred_at=at(4))]}, "ready"),
        ({"events": [asked(1, 2, "grace")], "is_draft": True}, []),
        ({"events": [asked(1, 2, "coderabbitai")]}, [("", 1, None)]),
        ({"events": [asked(1, 2, "core")]}, [("core", 1, at(2))]),
        ({"events": [asked(1, 2, "core")], "reviews": [said(1, "approved", 3, by="ann")]}, [("core", 1, at(2))]),
        ({"events": [asked(1, 2, "core")], "reviews": [said(1, "approved", 3, by="grace")]}, [("", 1, None)]),
        ({"events": [asked(1, 2, "unknown")], "reviews": [said(1, "approved", 3, by="ann")]}, [("", 1, None)]),
    ],
)
def test_a_review_is_waited_for_until_who_was_asked_gives_it(
    fields: dict[str, Any], expected: Any, land: Land, acme: Team
) -> None:
    known = [review(key, author=actor(name, kind=kind)) for key, name, kind in KNOWN]
    write_org(acme, organization(teams=whole([provider_team(1, actor("grace"), slug="core")])))
    land(merged(50, 8, reviews=whole(known)))
    children = {name: whole(items) for name, items in fields.items() if name != "is_draft"}
    land(open_pull_request(1, is_draft=fields.get("is_draft", False), **children))
    assert queues(acme) == ([("grace", 1, at(4))] if expected == "ready" else expected)


KNOWN = ((90, "grace", "user"), (91, "ann", "user"), (92, "coderabbitai", "bot"))


def test_each_queue_is_as_long_as_its_list(land: Land, acme: Team) -> None:
    land(
        merged(50, 8, reviews=whole([review(90), review(91, author=actor("ann"))])),
        open_pull_request(1, events=whole([asked(1, 2, "grace"), asked(2, 3, "ann")])),
        open_pull_request(2, events=whole([asked(3, 1, "grace")]), author=actor("bob")),
        open_pull_request(3),
        open_pull_request(4, is_draft=True),
    )
    assert queues(acme) == [("ann", 1, at(3)), ("grace", 2, at(1)), ("", 1, None)]
    with tenant(acme.pk):
        for queue in waiting_for(Filters()).queues:
            listed = pull_requests(Filters(state="open", asked=(queue.asked,)), WEEK)
            assert listed.count == queue.count
        by_bob = pull_requests(Filters(asked=("grace",), waiting="first_review", text="2"), WEEK)
        assert [row.number for row in by_bob.rows] == [2]


def test_old_is_what_is_open_longer_than_85_of_100_took(land: Land, acme: Team) -> None:
    def since(hours: float) -> datetime:
        return NOON - timedelta(hours=hours)

    land(
        *(merged(number, number) for number in range(1, 12)),
        open_pull_request(21, opened_at=since(9.4)),
        open_pull_request(22, opened_at=since(9.6)),
        open_pull_request(23, opened_at=since(90), is_draft=True),
        open_pull_request(24, opened_at=since(90), author=actor("dependabot", kind="bot")),
    )
    with tenant(acme.pk):
        found = ageing(Filters(), WEEK)
        assert (found.limit_hours, found.n, found.opened, found.count) == (9.5, 11, 3, 2)
        assert [row.number for row in found.pulls] == [23, 22]
        assert [row.number for row in ageing(Filters(), WEEK, limit=1).pulls] == [23]
        assert ageing(Filters(draft="no"), WEEK).count == 1


def test_nothing_is_old_where_fewer_than_ten_were_merged(land: Land, acme: Team) -> None:
    land(*(merged(number, number) for number in range(1, 10)), open_pull_request(21, opened_at=at(-900)))
    with tenant(acme.pk):
        found = ageing(Filters(), WEEK)
    assert (found.limit_hours, found.n, found.opened, found.count, found.pulls) == (None, 9, 1, 0, ())
