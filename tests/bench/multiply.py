"""Eight years and 1,500 people made of two years and 200, inside PostgreSQL: ten copies that lie side by side in time.

A copy's instants are those of the original, shrunk so that five lengths make eight years; two copies share each length.
Every pull request of a copy is given other people, so that all are busy at all times. What was open long ago is closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, LiteralString

import psycopg
from django.db.models import BigAutoField, DateTimeField, Field, Model
from psycopg import sql

from tests.bench.organisation import DAYS, PEOPLE
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.delivery import Deployment, DeploymentPullRequest, PRCheckRun
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import AIEvidence, PRCommit, PRFile, PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.facts.models.review import PRComment, PRReview, ReviewThread, TimelineEvent
from tformance.facts.models.term import PRTerm

COPIES: Final = 10
MANY_PEOPLE: Final = 1_500
YEARS_DAYS: Final = 8 * 365
LENGTHS: Final = 5
APART: Final = 10_000_000  # between the ids of two copies
FIRST_PERSON: Final = 900_000_000

KEPT_INSTANTS: Final = {"covered_from", "covered_to"}
NUMBERED: Final = {"provider_id", "github_check_run_id", "in_reply_to"}
NAMED: Final = {"node_id", "sha", "head_sha", "merge_sha", "commit_sha", "full_name"}
# Each with what chooses a row's people: its pull request where it has one.
TABLES: Final[tuple[tuple[type[Model], LiteralString], ...]] = (
    (Repository, "0"),
    (Coverage, "0"),
    (PullRequest, "t.id"),
    (PRReview, "t.pull_request_id"),
    (ReviewThread, "t.pull_request_id"),
    (PRComment, "t.pull_request_id"),
    (TimelineEvent, "t.pull_request_id"),
    (Commit, "t.id"),
    (PRCommit, "t.pull_request_id"),
    (PRFile, "t.pull_request_id"),
    (PRTerm, "t.pull_request_id"),
    (AIEvidence, "t.pull_request_id"),
    (PRCheckRun, "t.pull_request_id"),
    (Deployment, "t.id"),
    (DeploymentPullRequest, "t.pull_request_id"),
)
MODELS: Final[list[type[Model]]] = [model for model, _ in TABLES]
TABLE_NAMES: Final = [model._meta.db_table for model in MODELS]


def multiply(owner: psycopg.Connection[Any], source: int, target: int, at: datetime) -> None:
    """Fill the empty team `target` with ten times what the team `source` has."""
    values = {"source": source, "target": target, "at": at}
    owner.execute("SET maintenance_work_mem = '512MB'")
    with (
        open_to_owner(owner, *TABLE_NAMES, "facts_actor", "facts_dataversion"),
        without_indexes(owner),
    ):
        _people(owner, values)
        for model, pull in TABLES:
            owner.execute(_copy(model, pull), values)


@contextmanager
def open_to_owner(owner: psycopg.Connection[Any], *tables: str) -> Iterator[None]:
    """The owner sees all teams' rows meanwhile; the runtime role is bound as ever."""
    for table in tables:
        owner.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    yield
    for table in tables:
        owner.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))


@contextmanager
def without_indexes(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Building an index over all rows takes a fraction of keeping it with every row."""
    tables = TABLE_NAMES
    constraints = owner.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'f') ORDER BY contype DESC",
        [tables],
    ).fetchall()
    for table, name, _ in constraints:
        owner.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(sql.Identifier, (table, name))))
    indexes = owner.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary",
        [tables],
    ).fetchall()
    for name, _ in indexes:
        owner.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _, definition in indexes:
        owner.execute(definition)
    for table, name, definition in constraints:
        target = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(*map(sql.Identifier, (table, name)))
        owner.execute(target + sql.SQL(definition))


def _people(owner: psycopg.Connection[Any], values: dict[str, Any]) -> None:
    owner.execute(
        "CREATE TEMPORARY TABLE people AS SELECT id, (provider_id - 1)::int AS place FROM facts_actor "
        f"WHERE team_id = %(source)s AND provider_id <= {PEOPLE}",
        values,
    )
    owner.execute("ALTER TABLE people ADD PRIMARY KEY (id)")
    owner.execute("ANALYZE people")
    owner.execute(
        "INSERT INTO facts_actor (id, team_id, source, provider_id, node_id, login, former_logins, login_seen_at, name, "
        "kind, is_automation, verdict, told_kind, is_member_decided) "
        f"SELECT {FIRST_PERSON} + n, %(target)s, 'github', n + 1, 'U_' || n, 'person-' || n, '{{}}', %(at)s, "
        f"'Person ' || n, 'user', false, '', '', false FROM generate_series(0, {MANY_PEOPLE - 1}) n",
        values,
    )
    owner.execute("INSERT INTO facts_dataversion (team_id, version, changed_at) VALUES (%(target)s, 1, %(at)s)", values)


def _copy(model: type[Model], pull: LiteralString) -> sql.Composed:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    joins = [
        sql.SQL("LEFT JOIN people {0} ON {0}.id = t.{1}").format(_whose(field), sql.Identifier(column_of(field)))
        for field in fields
        if field.related_model is Actor
    ]
    return sql.SQL("INSERT INTO {table} ({columns}) SELECT {values} FROM {rows} {joins}").format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(sql.Identifier(column_of(field)) for field in fields),
        values=sql.SQL(", ").join(_value(model, field) for field in fields),
        rows=sql.SQL(
            "(SELECT t.*, {} AS pull, c, c / 2 AS length FROM {} t CROSS JOIN generate_series(0, {}) c "
            "WHERE t.team_id = %(source)s) t"
        ).format(sql.SQL(pull), sql.Identifier(model._meta.db_table), sql.Literal(COPIES - 1)),
        joins=sql.SQL(" ").join(joins),
    )


def column_of(field: "Field[Any, Any]") -> str:
    return str(field.column)


def _whose(field: "Field[Any, Any]") -> sql.Identifier:
    return sql.Identifier(f"by_{field.name}")


def _value(model: type[Model], field: "Field[Any, Any]") -> sql.Composable:
    name = column_of(field)
    old = sql.SQL("t.{}").format(sql.Identifier(name))
    if model is PullRequest and name == "state":
        return sql.SQL("CASE WHEN t.state = 'open' AND length > 0 THEN 'closed' ELSE t.state END")
    if model is PullRequest and name == "closed_at":
        closed = sql.SQL("CASE WHEN t.state = 'open' AND length > 0 THEN t.pr_created_at ELSE t.closed_at END")
        return _later(closed)
    if name == "team_id":
        return sql.SQL("%(target)s")
    if field.related_model is Actor:
        return sql.SQL("{} + ({}.place + 150 * ((c + t.pull) %% 10)) %% {}").format(
            FIRST_PERSON, _whose(field), MANY_PEOPLE
        )
    if isinstance(field, BigAutoField) or field.related_model in MODELS or name in NUMBERED:
        return sql.SQL("{} + (c + 1)::bigint * {}").format(old, APART)
    if name in NAMED:
        return sql.SQL("{} || '-' || c").format(old)
    if isinstance(field, DateTimeField) and name not in KEPT_INSTANTS:
        return _later(old)
    return old


def _later(instant: sql.Composable) -> sql.Composed:
    length = YEARS_DAYS // LENGTHS
    return sql.SQL("(%(at)s - (%(at)s - {}) * {} - length * interval '{} days')").format(
        instant, sql.Literal(length / DAYS), sql.SQL(str(length))
    )


def deploy_daily(owner: psycopg.Connection[Any], team: int, at: datetime) -> None:
    """Every repository reaches production on the midnight after each day with a merge; one time in ten something fails."""
    values = {"team": team, "at": at}
    tables = (PullRequest, Deployment, DeploymentPullRequest)
    with open_to_owner(owner, *(model._meta.db_table for model in tables)):
        for statement in DEPLOYING:
            owner.execute(statement, values if "%" in statement else None)


DEPLOYING: Final[tuple[LiteralString, ...]] = (
    """
    INSERT INTO facts_deployment (team_id, repository_id, provider_id, node_id, environment, task, sha, ref, state,
        deployed_at, provider_updated_at, statuses_total, fetched_at, derived_version, is_production, succeeded_at,
        relation, is_rollback, is_delivery, failure, recovered_at)
    SELECT %(team)s, repository_id, place, 'DE_' || place, 'production', 'deploy', 'deployed-' || place, 'main',
        'success', day, day, 1, %(at)s, 1, true, day, 'ahead', false, true,
        CASE WHEN place %% 10 = 0 THEN 'hotfix' ELSE '' END,
        CASE WHEN place %% 10 = 0 THEN day + interval '3 hours' END
    FROM (
        SELECT repository_id, day, row_number() OVER (ORDER BY day, repository_id) AS place
        FROM (
            SELECT DISTINCT repository_id, date_trunc('day', merged_at) + interval '1 day' AS day
            FROM facts_pullrequest WHERE team_id = %(team)s AND merged_at IS NOT NULL
        ) AS days WHERE day < %(at)s
    ) AS placed
    """,
    "ANALYZE facts_deployment",
    """
    INSERT INTO facts_deploymentpullrequest (team_id, deployment_id, pull_request_id)
    SELECT %(team)s, d.id, p.id FROM facts_deployment d JOIN facts_pullrequest p ON p.team_id = d.team_id
        AND p.repository_id = d.repository_id AND date_trunc('day', p.merged_at) + interval '1 day' = d.succeeded_at
    WHERE d.team_id = %(team)s
    """,
    """
    UPDATE facts_deployment d SET is_linked = EXISTS (SELECT 1 FROM facts_deploymentpullrequest l WHERE l.deployment_id = d.id)
    WHERE d.team_id = %(team)s
    """,
    """
    UPDATE facts_pullrequest p SET deployed_at = d.succeeded_at,
        deploy_time_hours = extract(epoch FROM d.succeeded_at - p.merged_at) / 3600
    FROM facts_deployment d JOIN facts_deploymentpullrequest l ON l.deployment_id = d.id
    WHERE l.pull_request_id = p.id AND d.team_id = %(team)s
    """,
)
