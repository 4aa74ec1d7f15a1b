"""All of a team's facts, with keys that providers gave in place of ours: equal dumps are equal facts."""

from typing import Any, Final

from django.apps import apps
from django.db.models import ForeignKey, Model

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant

KEYS: Final = {
    "Actor": ("source", "provider_id"),
    "Commit": ("sha",),
    "Comparison": ("base_sha", "head_sha"),
    "Deployment": ("provider_id",),
    "JiraIssue": ("site", "jira_id"),
    "JiraProject": ("site", "provider_id"),
    "JiraSprint": ("site", "provider_id"),
    "Organization": ("source", "provider_id"),
    "ProviderTeam": ("provider_id",),
    "PullRequest": ("source", "provider_id"),
    "Repository": ("source", "provider_id"),
    "ReviewThread": ("node_id",),
    "TeamMember": ("github_username",),
}
LEFT_OUT: Final = {
    "DataVersion",
    "Coverage",
    "GroupMembership",
    "TouchedDays",
    "TeamRules",
    "RulesRound",
}  # not what a page says


def dump(team: Team) -> dict[str, list[tuple[Any, ...]]]:
    models = [model for model in apps.get_app_config("facts").get_models() if model.__name__ not in LEFT_OUT]
    with tenant(team.id):
        names = {model: _names(model) for model in models}
        return {model.__name__: sorted(_rows(model, names), key=repr) for model in models}


def _names(model: type[Model]) -> dict[int, tuple[Any, ...]]:
    keys = KEYS.get(model.__name__, ())
    return {row[0]: row[1:] for row in model._base_manager.values_list("id", *keys)}


def _rows(model: type[Model], names: dict[type[Model], dict[int, tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    fields = [field for field in model._meta.concrete_fields if field.name not in ("id", "team")]
    targets = [names.get(field.related_model) if isinstance(field, ForeignKey) else None for field in fields]
    return [
        tuple(
            value if target is None or value is None else target[value]
            for value, target in zip(row, targets, strict=True)
        )
        for row in model._base_manager.values_list(*(field.attname for field in fields))
    ]
