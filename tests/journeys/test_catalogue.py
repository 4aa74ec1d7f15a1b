"""No measure is left out of what is compared with the planted truth."""

import pytest

from tests.journeys import agreement, agreement_by_repository, agreement_of_flow
from tformance.measures.catalogue import MEASURES

COMPARED = {
    *agreement.SPREADS,
    *agreement.SHARES,
    *agreement.COUNTS,
    "ai_marked_share",
    *agreement_by_repository.DELIVERY,
    *agreement_by_repository.CHECKS,
    *agreement_by_repository.CONTENT,
    *agreement_by_repository.REVIEWING,
    *agreement_of_flow.ASKED,
}


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_compared_with_the_truth(measure: str) -> None:
    assert measure in COMPARED


def test_what_is_compared_is_a_measure() -> None:
    assert MEASURES.keys() >= COMPARED
