"""One pull request's page has everything that was stored about it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import (
    actor,
    at,
    check,
    comment,
    commit,
    event,
    file,
    open_pull_request,
    review,
    team,
    thread,
    whole,
)
from tformance.measures.detail import pull_request
from tformance.measures.tests.conftest import Land, merged


@pytest.mark.parametrize("many", [1, 5])
def test_a_page_has_every_child_in_order_for_as_many_statements(many: int, land: Land, acme: Team) -> None:
    keys = range(1, many + 1)
    mark = "Co-authored-by: Claude <noreply@anthropic.com>"
    replies = whole([comment(100, kind="review", created_at=at(4))])
    land(
        merged(
            1,
            8,
            body="Because.",
            commits=whole([commit(key, message=f"Change {key}\n\n{mark}") for key in keys]),
            reviews=whole([review(key, submitted_at=at(key)) for key in keys]),
            threads=whole([thread(1, comments=replies, is_resolved=True, resolved_by=actor("ada"))]),
            comments=whole([comment(key, body=f"Remark {key}", created_at=at(key)) for key in keys]),
            files=whole([file(f"src/{key}.py") for key in keys]),
            checks=whole([check(key, name=f"check {key}") for key in keys]),
            events=whole([event(key, kind="head_ref_force_pushed", before="a", after="b") for key in keys]),
        )
    )
    with tenant(acme.pk), CaptureQueriesContext(connection) as statements:
        detail = pull_request("acme/shop", 1)
    assert detail is not None
    assert len(statements) == 12
    assert (detail.row.number, detail.row.author.label, detail.body) == (1, "ada", "Because.")
    assert [remark.body for remark in detail.comments] == [f"Remark {key}" for key in keys]
    assert [line.sha for line in detail.commits] == [f"{key:040x}" for key in keys]
    assert [given.submitted_at for given in detail.reviews] == [at(key) for key in keys]
    assert [found.path for found in detail.files] == [f"src/{key}.py" for key in keys]
    assert [found.name for found in detail.checks] == [f"check {key}" for key in keys]
    assert [(found.before, found.after) for found in detail.events] == [("a", "b")] * many
    assert {(found.tool, found.span) for found in detail.evidence} == {("Claude Code", mark)}
    (talk,) = detail.threads
    assert (talk.is_resolved, talk.resolved_by.label if talk.resolved_by else "", len(talk.comments)) == (
        True,
        "ada",
        1,
    )
    assert detail.fetched["reviews"].total == detail.fetched["reviews"].stored == many


def test_what_is_not_there_or_not_ours_has_no_page(land: Land, acme: Team) -> None:
    land(open_pull_request(3), team=team("other"))
    land(open_pull_request(1))
    with tenant(acme.pk):
        assert pull_request("acme/shop", 1) is not None
        assert pull_request("acme/shop", 3) is None
        assert pull_request("acme/hall", 1) is None
