"""Privacy in the settings: stricter than the product, never looser, and nobody's decision is lost."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tformance.accounts import privacy
from tformance.accounts.models import AuditEntry, SeenBy, Team, User
from tformance.accounts.privacy import Privacy, TooLoose
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import text

pytestmark = pytest.mark.django_db
HERE = "/t/acme/settings/privacy/"
SHOWN = {"seen_people": "5", "seen_by": "leads"}


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def given(least: object = 8, seen_by: str = "admins", **fields: str) -> dict[str, object]:
    return {"least_people": least, "people_seen_by": seen_by, **SHOWN, **fields}


def decided(team: Team) -> tuple[int, str]:
    team.refresh_from_db()
    return team.least_people, team.people_seen_by


def written(team: Team) -> list[str]:
    with tenant(team.pk):
        return list(AuditEntry.objects.filter(what="privacy_changed").order_by("id").values_list("about", flat=True))


def test_a_decision_is_kept_and_written_down_with_what_was_before(admin: Client, acme: Team) -> None:
    assert admin.post(HERE, given())["Location"] == HERE
    assert decided(acme) == (8, "admins")
    assert written(acme) == [
        "smallest group: 5 → 8 people",
        "numbers of single people are seen by: leads and admins → admins only",
    ]
    assert "Saved." in text(admin.get(HERE))
    again = admin.post(HERE, given(seen_people="8", seen_by="admins"), follow=True)
    assert "This was so already." in text(again)
    assert len(written(acme)) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"least": 4}, "Fewer than 5 people would tell what one of them did."),
        ({"least": -1}, "Fewer than 5 people"),
        ({"least": 51}, "less than or equal to 50"),
        ({"least": ""}, "required"),
        ({"least": "five"}, "Enter a whole number"),
        ({"seen_by": "developers"}, "not one of the available choices"),
    ],
)
def test_nothing_looser_and_nothing_else_can_be_decided(
    fields: dict[str, object], words: str, admin: Client, acme: Team
) -> None:
    told = given(fields.get("least", 5)) | ({"people_seen_by": fields["seen_by"]} if "seen_by" in fields else {})
    answer = admin.post(HERE, told)
    assert answer.status_code == 422
    assert words in text(answer)
    assert (decided(acme), written(acme)) == ((5, "leads"), [])


@pytest.mark.parametrize("values", [{"least_people": 4}, {"people_seen_by": "all"}])
def test_the_database_refuses_what_is_looser(values: dict[str, object], acme: Team) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.filter(pk=acme.pk).update(**values)


def test_below_the_pages_it_is_refused_too(acme: Team) -> None:
    user, now = User.objects.create_user("x@acme.example"), privacy.of_team(acme)
    with pytest.raises(TooLoose):
        privacy.change(user, acme.pk, now, Privacy(4, SeenBy.LEADS))


def test_of_two_who_decide_at_once_the_second_is_told(admin: Client, acme: Team) -> None:
    admin.post(HERE, given(10, "leads"))
    answer = admin.post(HERE, given(5, "nobody"))
    assert answer.status_code == 409
    assert "it is 10 people, and “leads and admins” now" in text(answer)
    assert '<option value="nobody" selected>' in answer.content.decode()
    assert decided(acme) == (10, "leads")
    admin.post(HERE, given(5, "nobody", seen_people="10"))
    assert decided(acme) == (5, "nobody")


@pytest.mark.parametrize("role", ["lead", "developer", "stranger"])
def test_nobody_else_decides(role: str, acme: Team, as_role: Visit) -> None:
    client, expected = as_role(role), 404 if role == "stranger" else 403
    assert client.get(HERE).status_code == expected
    assert client.post(HERE, given()).status_code == expected
    assert decided(acme) == (5, "leads")


def test_it_is_decided_for_one_team(admin: Client, acme: Team, other: Team) -> None:
    admin.post(HERE, given())
    assert decided(other) == (5, "leads")
