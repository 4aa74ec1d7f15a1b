"""Teams of people, as the provider keeps them now: who is in two counts in both, and once in the whole.

What somebody did before they joined is their team's too, and what is left by those who went is nobody's: providers do
not tell since when somebody has been in a team.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from tformance.facts.models.organization import ProviderTeamMember

Groups = Sequence[int | None]


class Each(Func):
    """One row for every item of an array; `absent` for an empty one."""

    function = "UNNEST"
    set_returning = True

    def __init__(self, array: Any, item: Any, absent: Any) -> None:
        empty, alone = (Value(items, output_field=ArrayField(item)) for items in ([], [absent]))
        super().__init__(Coalesce(NullIf(array, empty), alone), output_field=item)


def each_group(memberships: Any, column: str) -> Each:
    """One row for every team that the memberships of a row name in this column."""
    return Each(ArraySubquery(memberships.values(column).distinct()), BigIntegerField(), None)


def groups_of(person: str) -> Each:
    """`person` is the column with an account."""
    return each_group(ProviderTeamMember._base_manager.filter(actor=OuterRef(person)), "provider_team")


def is_of_groups(person: str, groups: Groups) -> Q:
    """Whether the account is in one of these teams; None among them is who is in no team at all."""
    condition = Q(**{f"{person}__in": members_of(groups)})
    if None not in groups:
        return condition
    return condition | ~Q(Exists(ProviderTeamMember._base_manager.filter(actor=OuterRef(person))))


def members_of(groups: Groups) -> Any:
    """The accounts in these teams."""
    chosen = [group for group in groups if group is not None]
    return ProviderTeamMember._base_manager.filter(provider_team__in=chosen).values("actor")
