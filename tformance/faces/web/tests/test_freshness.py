import pytest

from tformance.faces.web.freshness import is_reading
from tformance.sync.health import ConnectionHealth, RepositoryHealth, progress_of


@pytest.mark.parametrize(
    ("state", "reads"),
    [("active", True), ("reconnect", False), ("paused", False)],
)
def test_only_a_connection_that_works_is_reading(state: str, reads: bool) -> None:
    half_read = RepositoryHealth("acme/shop", "running", None, None, "", 0)
    connection = ConnectionHealth(1, "GitHub", "acme", state, "", None, progress_of([]), (half_read,))
    assert is_reading(connection) is reads
