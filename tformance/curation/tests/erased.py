"""A person who is named in every way, and how they are erased."""

from typing import Any

from django.db.models import Model

from tformance.accounts.models import (
    Team,
    User,
)
from tformance.accounts.tenancy import tenant
from tformance.curation import forgetting
from tformance.curation.tests.conftest import of
from tformance.facts import testing as t
from tformance.facts.models.people import TeamMember

MARA = t.actor("mara-lind", name="Mara Lind", provider_id=4711)
MAX = t.actor("max", name="Max Moss", provider_id=4712)
BOB = t.actor("bob", name="Bob Berg", provider_id=4713)
MAIL = "mara@acme.example"


def pull(number: int, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "author": BOB,
        "merged_by": None,
        "opened_at": t.at(number),
        "updated_at": t.at(number + 9),
    }
    given |= {"closed_at": t.at(number + 9), "merged_at": t.at(number + 9)}
    return t.pull_request(number, **(given | fields))


def by_mara(key: int, **fields: Any) -> Any:
    given = {"author": MARA, "author_name": "Mara Lind", "author_email": MAIL}
    return t.commit(key, **(given | {"committer_name": "Mara Lind", "committer_email": MAIL} | fields))


PULLS = (
    pull(1, author=MARA, title="Mara Lind's ledger", body="By @mara-lind", head_ref="mara-lind/ledger"),
    pull(2, title="Ask max or MARA_LIND", body="@max said so, max. maximum", head_ref="max/fix", labels=("mara lind",)),
    pull(
        3,
        commits=t.whole(
            [by_mara(30), t.commit(31, author=BOB, message="x\n\nCo-authored-by: Mara Lind <mara@acme.example>")]
        ),
        reviews=t.whole(
            [t.review(3, author=MARA, body="I was ill."), t.review(4, author=BOB, body="mara-lind, please")]
        ),
        comments=t.whole([t.comment(3, author=MARA, body="At home."), t.comment(4, author=BOB, body="Hi Mara")]),
        events=t.whole([t.event(3, kind="review_requested", subject="max"), t.event(4, subject="mara-lind")]),
        files=t.whole([t.file("docs/mara-lind.md"), t.file("docs/maximum.md")]),
    ),
)


def erase(team: Team, admin: User, login: str = "mara-lind") -> int:
    """Gives the number."""
    member = of(team, login).member_id
    assert member
    assert forgetting.erase(team.pk, admin, member)
    while forgetting.sweep(team.pk):
        pass
    with tenant(team.pk):
        return int(TeamMember.objects.values_list("erased_as", flat=True).get(pk=member))


def rows(team: Team, model: type[Model], *columns: str, **which: Any) -> list[Any]:
    with tenant(team.pk):
        found = model._base_manager.filter(team=team, **which).order_by("pk")
        return list(found.values_list(*columns, flat=len(columns) == 1))
