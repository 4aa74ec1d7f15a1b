"""`./run manage setup_database ADMIN_URL`: the roles and the database on a PostgreSQL of your own."""

import secrets
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.management.base import BaseCommand, CommandParser

from tformance.project.postgres import roles


class Command(BaseCommand):
    help = "Make the roles and the database on an external PostgreSQL and print the addresses to set."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("admin_url", help="postgresql://… of a role that may create roles and databases")

    def handle(self, *arguments: Any, **options: Any) -> None:
        admin_url: str = options["admin_url"]
        passwords = {role: secrets.token_hex(24) for role in (roles.OWNER, roles.RUNTIME)}
        roles.prepare_server(admin_url, passwords)
        owner_url = _address(admin_url, roles.OWNER, passwords[roles.OWNER])
        roles.prepare_database(owner_url)
        self.stdout.write(f"DATABASE_URL={_address(admin_url, roles.RUNTIME, passwords[roles.RUNTIME])}")
        self.stdout.write(f"DATABASE_OWNER_URL={owner_url}")


def _address(admin_url: str, role: str, password: str) -> str:
    parts = urlsplit(admin_url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{password}@{server}", path=f"/{roles.DATABASE}"))
