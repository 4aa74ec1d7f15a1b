"""The two roles of the product, their database and the message queue's schema, on any PostgreSQL from 15 on."""

import psycopg
from pgmq.install import install_pgmq_from_sql
from psycopg import sql

from tformance.project.terminal import Stop

OWNER = "tformance_owner"
RUNTIME = "tformance_app"
DATABASE = "tformance"


def prepare_server(admin_url: str, passwords: dict[str, str]) -> None:
    """Make the roles and the database, as somebody who may; what exists is kept, passwords are set anew."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in (OWNER, RUNTIME):
            _ensure_role(connection, role, passwords[role])
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def prepare_database(owner_url: str) -> None:
    """Give the runtime role its rights on all tables to come, and install the queue's schema; run as the owner."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(_render("GRANT USAGE ON SCHEMA public TO {role}"))
        for right, kind in (("SELECT, INSERT, UPDATE, DELETE", "TABLES"), ("USAGE, SELECT", "SEQUENCES")):
            connection.execute(
                _render(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {right} ON {kind} TO {{role}}")
            )
        if not _exists(connection, "SELECT 1 FROM pg_namespace WHERE nspname = %s", "pgmq"):
            install_pgmq_from_sql(conn=connection)
            # Queues are tables that the runtime role makes when a worker first asks for them.
            connection.execute(_render("GRANT USAGE, CREATE ON SCHEMA pgmq TO {role}"))
            connection.execute(_render("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgmq TO {role}"))
            connection.execute(_render("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {role}"))


def refuse_superuser(url: str) -> None:
    """Row-level security does not bind superusers and roles that bypass it, so the product does not run as one."""
    query = "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    if row is None or row[1]:
        name = row[0] if row else "unknown"
        raise Stop(
            f"The database role {name} may see every team's rows: set DATABASE_URL to a role without SUPERUSER and "
            "BYPASSRLS (./run manage setup_database makes one)."
        )


def owns_tables(url: str) -> bool:
    """Whether this role could switch row-level security off, which makes it a weaker second wall."""
    query = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user LIMIT 1"
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone() is not None


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    verb = "ALTER" if _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role) else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.Literal(password)
        )
    )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _render(statement: str) -> sql.Composed:
    return sql.SQL(statement).format(role=sql.Identifier(RUNTIME))
