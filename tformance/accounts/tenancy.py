"""The one door to a team's rows: a transaction in which PostgreSQL knows the team."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

_current: ContextVar[int | None] = ContextVar("tenant", default=None)


class NoTenant(Exception):
    """A team's rows were asked for outside `tenant()`."""


def current_team_id() -> int:
    """The team whose rows may be seen now; raises NoTenant outside `tenant()`."""
    team_id = _current.get()
    if team_id is None:
        raise NoTenant("no team is set: enter accounts.tenancy.tenant(team_id) first")
    return team_id


@contextmanager
def tenant(team_id: int) -> Iterator[None]:
    """Open a transaction that sees this team's rows only; may be nested, the outer team returns afterwards.

    Entered again for the same team it is the same transaction: an error in it undoes all of it.
    """
    outer, is_enclosed = _current.get(), connection.in_atomic_block
    is_open = is_enclosed and outer == team_id
    token = _current.set(team_id)
    try:
        with transaction.atomic(savepoint=not is_open):
            if not is_open:
                _tell_database(team_id)
            yield
            if is_enclosed and not is_open:
                _tell_database(outer)  # an enclosing transaction would go on seeing this team
    finally:
        _current.reset(token)


def _tell_database(team_id: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.team_id', %s, true)", ["" if team_id is None else str(team_id)])
