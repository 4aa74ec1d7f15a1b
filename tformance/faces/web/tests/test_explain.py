import pytest
from django.test import Client

from tformance.faces.web.tests.conftest import Visit
from tformance.measures.catalogue import MEASURES

ASKABLE = [(measure.id, statistic) for measure in MEASURES.values() for statistic in measure.statistics]
PERIOD = "from=2026-01-01&to=2026-03-31"


@pytest.mark.parametrize(("measure", "statistic"), ASKABLE)
def test_every_measure_has_an_explanation_with_its_question(measure: str, statistic: str, as_role: Visit) -> None:
    admin: Client = as_role("admin")
    answer = admin.get(f"/t/acme/explain/{measure}/{statistic}/?{PERIOD}")
    assert answer.status_code == 200
    assert MEASURES[measure].question in answer.content.decode().replace("&#x27;", "'")
