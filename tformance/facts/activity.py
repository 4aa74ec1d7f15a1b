"""Who of the members is active: nobody who left, by what somebody said or by all of their organisations."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef

from tformance.facts import bulk
from tformance.facts.models.organization import OrganizationMember
from tformance.facts.models.people import TeamMember


def settle_activity(accounts: Collection[int]) -> int:
    """Of the members that these accounts belong to; returns how many are another than before."""
    return _settle(TeamMember.objects.filter(actors__in=accounts)) if accounts else 0


def settle_member(member_id: int) -> int:
    return _settle(TeamMember.objects.filter(id=member_id))


def _settle(which: Any) -> int:
    """Accounts that never were in an organisation that is read say nothing of who left."""
    ever = OrganizationMember.everything.filter(actor__member=OuterRef("pk"))
    found = which.annotate(was=Exists(ever), still=Exists(ever.filter(gone_at__isnull=True)))
    rows = found.order_by("id").distinct().values_list("id", "is_active", "left_on", "was", "still")
    wanted = {key: (before, left_on is None and (still or not was)) for key, before, left_on, was, still in rows}
    return bulk.update(TeamMember, ("is_active",), [(key, now) for key, (old, now) in wanted.items() if old != now])
