"""Forgetting who somebody was, at their wish. What they did stays and counts; who they are does not.

The decision is one transaction; stored texts follow in the background, batch by batch, whatever is killed meanwhile.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q

from tformance.accounts import audit, departing
from tformance.accounts.members import LastAdmin
from tformance.accounts.models import Invitation, Membership, User
from tformance.accounts.teams import present
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.curation.deciding import deciding, tried_again
from tformance.facts.decisions import Outdated
from tformance.facts.erasing import Words, words_of
from tformance.facts.forgotten import is_plain, name_of
from tformance.facts.models.erased import Sweep
from tformance.facts.models.people import TeamMember
from tformance.facts.models.repository import Repository
from tformance.facts.write import sweep_some, write_erased
from tformance.sync import tidy
from tformance.sync.models import Connection

TURN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing would do. `obstacle` says what has to be done before, `users` who would lose their place here.

    Of `plain` logins only mentions are replaced; `repositories` are called by a login and keep their name.
    """

    words: Words
    users: tuple[User, ...]
    plain: tuple[str, ...]
    repositories: tuple[str, ...]
    obstacle: str


def preview(member: int) -> Preview:
    """Inside `tenant()`."""
    words = words_of(member)
    users = tuple(_users(member, words))
    mine = Q()
    for login in words.logins:
        mine |= Q(full_name__istartswith=f"{login}/")
    homes = Repository.everything.filter(mine) if words.logins else Repository.everything.none()
    return Preview(
        words=words,
        users=users,
        plain=tuple(each for each in words.logins if is_plain(each)),
        repositories=tuple(homes.order_by("full_name").values_list("full_name", flat=True)),
        obstacle=_obstacle(words, users),
    )


@tried_again
def erase(team_id: int, user: User, member: int) -> bool:
    """The member is a former colleague from now on; raises Outdated where something stands in the way."""
    with deciding(team_id):
        words = words_of(member)
        users = list(_users(member, words))
        if obstacle := _obstacle(words, users):
            raise Outdated(obstacle)
        more = {each.name for each in users if " " in each.name} | set(_addresses(users))
        number = write_erased(member, {*words.telling(), *more}, team_id=team_id)
        audit.record(user, "person_erased", name_of(number), f"member {member}")
        Invitation.objects.filter(_has_address({*words.addresses, *more}), team=team_id).delete()
        tidy.drop_sent(team_id)
        for each in users:
            _let_go(each, team_id)
    return True


def go_on(seconds: float = TURN_SECONDS) -> None:
    """Search what is stored for words of who was erased, team by team, until the time is over."""
    ends_at = time.monotonic() + seconds
    for team_id in present().order_by("pk").values_list("pk", flat=True):
        while time.monotonic() < ends_at and sweep(team_id):
            pass


def sweep(team_id: int) -> bool:
    """One batch of a team; False once nothing is due."""
    with tenant(team_id):
        if not Sweep.objects.exists():
            return False
    with deciding(team_id):
        return sweep_some()


def is_under_way() -> bool:
    """Whether stored texts are still being searched. Inside `tenant()`."""
    return bool(Sweep.objects.exists())


def _users(member: int, words: Words) -> Iterator[User]:
    """Who signs in as the member, by decision or by an address that they have proved."""
    linked = Q(pk__in=_linked(member))
    proved = EmailAddress.objects.filter(_has_address(words.addresses), verified=True).values("user")
    mine = linked | Q(pk__in=proved) | _has_address(words.addresses)
    yield from User.objects.filter(mine, memberships__team=current_team_id()).order_by("pk").distinct()


def _linked(member: int) -> list[int]:
    found = TeamMember.objects.filter(pk=member, user__isnull=False)
    return list(found.values_list("user", flat=True))


def _addresses(users: Iterable[User]) -> Iterator[str]:
    for user in users:
        yield user.email
        yield from EmailAddress.objects.filter(user=user).values_list("email", flat=True)


def _has_address(addresses: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for address in addresses:
        if "@" in address:
            found |= Q(email__iexact=address)
    return found


def _obstacle(words: Words, users: Iterable[User]) -> str:
    reading = Q(pk__in=[])
    for login in words.logins:
        reading |= Q(account__iexact=login)
    if account := Connection.objects.filter(reading).values_list("account", flat=True).first():
        return f"A connection reads with the account {account}: connect with another one, and remove that connection first."
    team_id = current_team_id()
    if any(team.pk == team_id for each in users for team in departing.teams_kept_by(each)):
        return "They are the only admin of the team: make somebody else an admin first."
    return ""


def _let_go(user: User, team_id: int) -> None:
    """Out of the team; who has no other place here has no account any more."""
    try:
        departing.depart(user, team_id)
        if not Membership.objects.filter(user=user).exists():
            departing.delete_user(user)
    except LastAdmin:
        raise Outdated("They are the only admin of the team: make somebody else an admin first.") from None
