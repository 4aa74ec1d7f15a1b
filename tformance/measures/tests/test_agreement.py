"""Pairs of reviewers, worked out by hand."""

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import actor, at, review, whole
from tformance.measures.agreement import pairs
from tformance.measures.query import Filters
from tformance.measures.tests.conftest import WEEK, Land, merged

ANN, BEN, CID = actor("ann"), actor("Ben"), actor("cid")
YES, NO = "approved", "changes_requested"


def test_kappa_takes_out_what_chance_alone_would_agree_on(land: Land, acme: Team) -> None:
    """Ann says yes to 4 of 6 and Ben to 3, together on 5: chance is 1/2, kappa (5/6 - 1/2) / (1 - 1/2) = 2/3."""
    ann = [YES, YES, YES, YES, NO, NO]
    ben = [YES, YES, YES, NO, NO, NO]
    land(
        *(
            merged(
                number,
                8,
                reviews=whole(
                    [
                        review(number * 10, author=BEN, state=right),
                        review(number * 10 + 1, author=ANN, state=left),
                        *([review(number * 10 + 2, author=CID, state=YES)] if number < 5 else []),
                    ]
                ),
            )
            for number, (left, right) in enumerate(zip(ann, ben, strict=True), 1)
        )
    )
    with tenant(acme.pk):
        (pair,) = pairs(Filters(), WEEK)
    assert (pair.first.label, pair.second.label, pair.n) == ("ann", "Ben", 6)
    assert pair.share == pytest.approx(5 / 6)
    assert pair.kappa == pytest.approx(2 / 3)


def test_two_who_always_say_yes_have_no_kappa(land: Land, acme: Team) -> None:
    said = [review(1, author=ANN, state=YES), review(2, author=BEN, state=YES, submitted_at=at(6))]
    land(
        *(
            merged(
                number,
                8,
                reviews=whole([review(number * 10 + key, author=each.author) for key, each in enumerate(said)]),
            )
            for number in range(1, 6)
        )
    )
    with tenant(acme.pk):
        (pair,) = pairs(Filters(), WEEK)
    assert (pair.share, pair.kappa) == (1, None)
