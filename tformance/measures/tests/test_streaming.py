from tformance.accounts.models import Team
from tformance.facts import testing
from tformance.measures.committed import commits, stream_commits
from tformance.measures.guard import EVERYBODY
from tformance.measures.query import Filters
from tformance.measures.streaming import streamed
from tformance.measures.tests.conftest import WEEK


def test_a_list_read_two_by_two_is_the_same_list(acme: Team) -> None:
    pulls = [testing.pull_request(100 + key, commits=testing.whole([testing.commit(key)])) for key in range(5)]
    testing.write(acme, testing.page(*pulls))

    def two(after: str | None) -> tuple[tuple[object, ...], str | None]:
        found = commits(Filters(), WEEK, after=after, limit=2)
        return found.rows, found.next

    whole = list(stream_commits(acme.pk, Filters(), WEEK))
    assert len(whole) == 5
    assert list(streamed(acme.pk, EVERYBODY, two)) == whole
