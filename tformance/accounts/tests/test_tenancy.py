from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection

from tformance.accounts.models import Group, Team
from tformance.accounts.tenancy import NoTenant, current_team_id, tenant


@pytest.fixture
def teams(db: None) -> tuple[Team, Team]:
    ours = Team.objects.create(slug="ours", name="Ours")
    theirs = Team.objects.create(slug="theirs", name="Theirs")
    for team in (ours, theirs):
        with tenant(team.id):
            Group.objects.create(team=team, name=f"{team.name} platform")
    return ours, theirs


def names_by_sql() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_group ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


def test_a_teams_rows_cannot_be_asked_for_without_a_team(teams: tuple[Team, Team]) -> None:
    with pytest.raises(NoTenant):
        Group.objects.count()


def test_raw_sql_without_a_team_sees_no_row(teams: tuple[Team, Team]) -> None:
    assert names_by_sql() == []


def test_raw_sql_sees_only_the_rows_of_the_team(teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with tenant(ours.id):
        assert names_by_sql() == ["Ours platform"]
    with tenant(theirs.id):
        assert names_by_sql() == ["Theirs platform"]


def test_a_row_cannot_be_written_into_a_foreign_team(teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with pytest.raises(DatabaseError, match="row-level security"), tenant(ours.id):
        Group.objects.create(team=theirs, name="Planted")


def test_a_foreign_row_can_neither_be_changed_nor_deleted(teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with tenant(ours.id), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_group SET name = 'Taken' WHERE team_id = %s", [theirs.id])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM accounts_group WHERE team_id = %s", [theirs.id])
        assert cursor.rowcount == 0
    with tenant(theirs.id):
        assert names_by_sql() == ["Theirs platform"]


def test_the_outer_team_returns_after_a_nested_one(teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with tenant(ours.id):
        with tenant(theirs.id):
            assert names_by_sql() == ["Theirs platform"]
        assert current_team_id() == ours.id
        assert names_by_sql() == ["Ours platform"]


def test_the_outer_team_returns_after_a_nested_failure(teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with tenant(ours.id):
        with pytest.raises(ZeroDivisionError), tenant(theirs.id):
            raise ZeroDivisionError
        assert names_by_sql() == ["Ours platform"]


def test_a_stream_read_inside_its_own_door_keeps_its_team(teams: tuple[Team, Team]) -> None:
    ours, _theirs = teams

    def streamed() -> Iterator[str]:
        with tenant(ours.id):
            yield from Group.objects.values_list("name", flat=True).iterator(chunk_size=1)

    assert list(streamed()) == ["Ours platform"]
