"""People who have accounts in an issue tracker only are not among whom a group of coders may hide."""

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.planning_records import SitePage
from tformance.facts.records import MembershipRecord
from tformance.facts.testing import actor, at, organization, provider_team, whole, write_org
from tformance.facts.tests.planning import person
from tformance.facts.tests.planning import write as plan
from tformance.measures.guard import current_viewer, looking
from tformance.measures.tests.conftest import Land, merged
from tformance.measures.tests.test_guard import BIG, SMALL, an_author, group


@pytest.mark.parametrize(("are_coders", "is_open"), [(True, True), (False, False)])
def test_who_only_plans_hides_nobody_who_writes_code(are_coders: bool, is_open: bool, acme: Team, land: Land) -> None:
    """Two people are in no group; nine more hide them, unless they have accounts in Jira only."""
    nine = [actor(f"{number} of nine") for number in range(9)]
    known = [*map(actor, (*BIG, *SMALL)), *(nine if are_coders else ())]
    squad = provider_team(1, *map(actor, BIG), name="Big", slug="big")
    members = whole([MembershipRecord(each, "member") for each in known])
    write_org(acme, organization(members=members, teams=whole([squad])))
    land(*(merged(key, 8, author=actor(login)) for key, login in enumerate((*BIG, *SMALL), 1)))
    plan(acme, SitePage("cloud", at(0), tuple(map(person, "123456789"))))
    big = group(acme, "Big")
    with tenant(acme.pk), looking(an_author()):
        assert (big in current_viewer().groups) == is_open
