"""Stored texts are searched for the words of who was erased, a batch at a time, so that it can stop at any instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, transaction
from django.db.models import CharField, Field, JSONField, Model, TextField

from tformance.accounts.models import TenantManager, TenantModel
from tformance.facts import bulk, erasing
from tformance.facts.forgotten import TEXTS, Forgotten, removed
from tformance.facts.models.erased import Sweep
from tformance.facts.models.organization import AiUsageDay, Seat
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import AIEvidence, PRCommit, PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.models.term import PRTerm

BATCH: Final = 1000
FOLLOWING: Final = (AIEvidence, PRTerm)  # are derived anew from the texts of their pull requests
NAMED_AT_PROVIDER: Final = (Repository,)  # is called so as long as it is read
# What somebody said or did themselves, by the account: none of it stays.
OWN: Final[dict[type[Model], tuple[str, str]]] = {
    PRReview: ("author__erased_as", "body"),
    PRComment: ("author__erased_as", "body"),
    Seat: ("actor__erased_as", "raw"),
    AiUsageDay: ("actor__erased_as", "raw"),
}
# A name goes with the login beside it: people of the same name are several.
CALLED: Final[dict[type[Model], tuple[str, str]]] = {
    Actor: ("login", "name"),
    TeamMember: ("github_username", "display_name"),
}
SIGNATURES: Final = (("author_name", "author_email"), ("committer_name", "committer_email"))


@dataclass(frozen=True, slots=True)
class Swept:
    """Pull requests from whose texts something follows, and how many rows are others now."""

    pulls: tuple[int, ...] = ()
    rows: int = 0


def tables() -> list[type[TenantModel]]:
    """Every table of a team with texts, by name."""
    models = (model for model in apps.get_models() if issubclass(model, TenantModel))
    found = [model for model in models if columns(model) and model not in (*FOLLOWING, *NAMED_AT_PROVIDER)]
    return sorted(found, key=lambda model: model._meta.db_table)


def columns(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if _is_text(field) and field.name in TEXTS]


def _is_text(field: "Field[Any, Any]") -> bool:
    return isinstance(field, CharField | TextField | JSONField | ArrayField) and not field.choices


def sweep_some() -> Swept | None:
    """The next batch; None where nothing is due. Inside `tenant()`."""
    if not Sweep.objects.exists():
        return None
    erasing.wait_for_readings()
    sweep = Sweep.objects.select_for_update(of=("self",)).first()
    forgotten = erasing.known() if sweep else None
    if sweep is None or forgotten is None:
        return None
    model = next((each for each in tables() if each._meta.db_table >= sweep.table), None)
    if model is None:
        sweep.delete()
        return Swept()
    if model._meta.db_table != sweep.table:
        sweep.table, sweep.last = model._meta.db_table, 0
    swept, last = _search(model, sweep.last, forgotten)
    sweep.table, sweep.last = (model._meta.db_table, last) if last else (f"{model._meta.db_table}+", 0)
    sweep.save(update_fields=["table", "last"])
    erasing.learn(forgotten)
    return swept


def _search(model: type[TenantModel], last: int, forgotten: Forgotten) -> tuple[Swept, int]:
    """Of one batch; the last key of it, 0 at the end of the table."""
    names = columns(model)
    of_whom = [OWN[model][0]] if model in OWN else ["author__erased_as", "author_id"] if model is Commit else []
    rows = list(_manager(model).filter(pk__gt=last).order_by("pk").values_list("pk", *of_whom, *names)[:BATCH])
    changed = list(_changed(model, names, rows, forgotten))
    _store(model, names, changed)
    keys = [row[0] for row in changed]
    return Swept(_pulls(model, keys), len(keys)), rows[-1][0] if len(rows) == BATCH else 0


def _manager(model: type[Model]) -> TenantManager:
    """Sees what is gone at the provider, too."""
    manager = TenantManager()
    manager.model = model
    return manager


def _changed(
    model: type[Model], names: Sequence[str], rows: Sequence[bulk.Row], forgotten: Forgotten
) -> Iterator[bulk.Row]:
    for key, *values in rows:
        whose, said = values[: -len(names)], values[-len(names) :]
        before = dict(zip(names, said, strict=True))
        after = {name: forgotten.value(value, name) for name, value in before.items()}
        after |= _of_account(model, whose, before, after, forgotten)
        if after != before:
            yield (key, *(_fitting(model, name, after[name]) for name in names))


def _of_account(
    model: type[Model], whose: Sequence[Any], before: dict[str, Any], after: dict[str, Any], forgotten: Forgotten
) -> dict[str, Any]:
    """What follows from whose row it is: `whose` are the number of who was erased and, of a commit, the account."""
    if model is Commit:
        return _signatures(before, forgotten, *whose)
    if model in CALLED:
        login, name = CALLED[model]
        return {name: before[name]} if after[login] == before[login] else {}
    if model in OWN and whose[0] is not None:
        own = OWN[model][1]
        return {own: removed(before[own]) if own == "body" else {}}
    return {}


def _signatures(
    before: dict[str, Any], forgotten: Forgotten, number: int | None, account: int | None
) -> dict[str, str]:
    (name, address), (committer, their_address) = ((before[each] for each in pair) for pair in SIGNATURES)
    author = forgotten.signature(name, address, number, is_anothers=account is not None)
    told = (*author, *forgotten.signature(committer, their_address))
    return dict(zip((name for pair in SIGNATURES for name in pair), told, strict=True))


def _fitting(model: type[Model], name: str, value: Any) -> Any:
    most = getattr(model._meta.get_field(name), "max_length", None)
    return value[:most] if most and isinstance(value, str) else value


def _store(model: type[Model], names: Sequence[str], changed: Sequence[bulk.Row]) -> None:
    """Two names that have become one are told apart by their keys."""
    try:
        with transaction.atomic():
            bulk.update(model, names, changed)
    except IntegrityError:
        if len(changed) == 1:
            key, *values = changed[0]
            apart = [f"{value} {key}" if isinstance(value, str) and value else value for value in values]
            bulk.update(model, names, [(key, *apart)])
            return
        for row in changed:
            _store(model, names, [row])


def _pulls(model: type[Model], keys: Sequence[int]) -> tuple[int, ...]:
    if model is PullRequest:
        return tuple(keys)
    if model is Commit:
        links = PRCommit.objects.filter(commit__in=keys)
        return tuple(links.values_list("pull_request_id", flat=True).distinct())
    if any(field.attname == "pull_request_id" for field in model._meta.concrete_fields):
        return tuple(_manager(model).filter(pk__in=keys).values_list("pull_request_id", flat=True).distinct())
    return ()
