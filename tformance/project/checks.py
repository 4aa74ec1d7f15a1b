"""Rules of the house that only Django can see: foreign keys point down, every team's rows stand behind a policy."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field, Model

from tformance.accounts.rls import TenantTable

# From the ground up; siblings on one floor are apart. Other people's applications lie below the ground.
FLOORS = (("accounts",), ("facts",), ("sync", "measures"), ("web",), ("project",))

# Tables without a policy hold no customer content; each stands here with its reason.
WITHOUT_POLICY = {
    "accounts_user": "a person may belong to several teams and signs in before any team is known",
    "accounts_user_groups": "Django's permission groups, which are not used",
    "accounts_user_user_permissions": "Django's permissions, which are not used",
    "accounts_team": "names the tenants; read to find the team before its door is entered",
    "accounts_membership": "says which teams a person may enter",
    "accounts_oldslug": "names the tenants; read to find the team before its door is entered",
    "accounts_invitation": "digests of invitations, read before the person is in the team",
    "accounts_apitoken": "digests of tokens, read before the team's door is entered",
    "accounts_tries": "numbers of tries by digests of addresses, before anybody is known",
    "accounts_onetimekey": "digests of keys that belong to no team",
    "facts_rulesround": "how far a team's rows were held against its rules, never what these say",
    "facts_toucheddays": "days on which something of a team changed, never what",
    "measures_weeklyround": "when a team's weeks are looked at again, never what they say",
    "sync_lane": "a credential's turn and budget, by a digest: never whose it is",
    "sync_turn": "says that a team has work, never what it is about",
    "sync_spending": "numbers of requests",
    "sync_webhookendpoint": "a message is checked by its secret before any team is known",
    "sync_webhookdelivery": "a message is kept, encrypted, before any team is known",
    "sync_appregistration": "an App serves several teams; its credentials are sealed",
    "sync_route": "ids only: which team follows what a message is about",
    "account_emailaddress": "addresses of people, who may belong to several teams",
    "account_emailconfirmation": "digests of keys sent to people",
    "mfa_authenticator": "second factors of people, who may belong to several teams; secrets are sealed",
    "socialaccount_socialaccount": "which account elsewhere signs a person in, who may belong to several teams",
    "socialaccount_socialapp": "sign-in providers; they stand in the settings, so it is empty",
    "socialaccount_socialtoken": "tokens of other sites, which are not kept: it is empty",
    "usersessions_usersession": "sessions of people, who may belong to several teams",
    "auth_group": "Django's permission groups, which are not used",
    "auth_group_permissions": "Django's permission groups, which are not used",
    "auth_permission": "Django's permissions, which are not used",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "django_session": "sessions of people, who may belong to several teams",
}


def foreign_keys_point_down(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    return [
        Error(f"{field} points up or sideways to {target._meta.label}.", obj=field, id="house.E001")
        for field, target in _relations()
        if not _may_point(field.model._meta.app_label, target._meta.app_label)
    ]


def every_table_has_a_policy_or_a_reason(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    walled = walled_tables()
    return [
        Error(
            f"{model._meta.db_table} has no row-level security: add TenantTable to its migration, or a reason to WITHOUT_POLICY.",
            id="house.E002",
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table not in walled | WITHOUT_POLICY.keys()
    ]


def walled_tables() -> set[str]:
    """The tables that migrations put behind a policy."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    return {
        operation.table
        for migration in migrations
        for operation in migration.operations
        if isinstance(operation, TenantTable)
    }


def _relations() -> Iterator[tuple["Field[Any, Any]", type[Model]]]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, Field) and isinstance(field.related_model, type):
                yield field, field.related_model


def _may_point(origin: str, target: str) -> bool:
    if _floor(origin) == _floor(target):
        return origin == target or _floor(origin) < 0
    return _floor(target) < _floor(origin) or _floor(origin) < 0


def _floor(label: str) -> int:
    return next((number for number, labels in enumerate(FLOORS) if label in labels), -1)


HOUSE_CHECKS = (foreign_keys_point_down, every_table_has_a_policy_or_a_reason)
