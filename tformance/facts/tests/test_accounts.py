"""What several looks at one account give together."""

from datetime import UTC, datetime

from tformance.facts.actors import Account
from tformance.facts.records import ActorRecord

MONDAY, TUESDAY = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)


def test_a_look_that_leaves_out_name_and_node_changes_neither() -> None:
    """Reports of use name an account by number and login alone."""
    whole = ActorRecord(7, "ada", "user", node_id="U_7", name="Ada")
    account = Account(1, "github", whole, (), MONDAY, None)
    seen = account.seen(ActorRecord(7, "ada-l", "user"), TUESDAY)
    assert (seen.record.login, seen.record.node_id, seen.record.name) == ("ada-l", "U_7", "Ada")
    assert seen.former_logins == ("ada",)
