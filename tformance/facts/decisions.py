"""What people decide about accounts and members. It outlives every reading; sync asks before it changes any of it.

Call it inside `tenant()`, one decision of a team after the other. Accounts are locked before members, as sync does.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from tformance.facts import bulk
from tformance.facts.activity import settle_member
from tformance.facts.actors import CHANGING, COLUMNS, INSIDERS, Account, account_of, insert_members, weight
from tformance.facts.derive.automation import is_human
from tformance.facts.models.organization import OrganizationMember
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.models.survey import PRSurveyReview
from tformance.facts.records import Verdict
from tformance.facts.touched import Concern, touch, touch_all


class Outdated(Exception):
    """What was decided about is no longer there, or not as it was when it was looked at; the words are for people."""


@dataclass(frozen=True, slots=True)
class Link:
    """The account belongs to this member; to None: to nobody of the team, such as an outside contributor."""

    account: int
    member: int | None


@dataclass(frozen=True, slots=True)
class OwnMember:
    """The account is somebody who is a member and nobody known yet."""

    account: int


@dataclass(frozen=True, slots=True)
class Judge:
    """The account is a bot, or a person, whatever the provider says; '' leaves it to the provider again."""

    account: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Merge:
    """Both members are one person, who is `kept`."""

    kept: int
    other: int


@dataclass(frozen=True, slots=True)
class Dates:
    """Since when and until the day before which somebody belongs to the team; None where nobody said so."""

    member: int
    joined_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class SignsInAs:
    """The member is this user; None: not known who."""

    member: int
    user: int | None


Decision = Link | OwnMember | Judge | Merge | Dates | SignsInAs


class Decided(NamedTuple):
    """How many rows changed, and accounts that turned out to be something else than was thought."""

    rows: int
    judged: frozenset[int] = frozenset()


def store_decision(decision: Decision) -> Decided:
    """Raises Outdated; the same again changes nothing."""
    _check_erased(decision)
    match decision:
        case Link():
            return _link(decision)
        case OwnMember():
            return _own_member(decision.account)
        case Judge():
            return _judge(decision)
        case Merge():
            return _merge(decision)
        case Dates():
            return _change_member(decision.member, joined_on=decision.joined_on, left_on=decision.left_on)
        case SignsInAs():
            return _change_member(decision.member, user_id=decision.user)


def _check_erased(decision: Decision) -> None:
    """Who was erased stays so, and nobody becomes them."""
    told = (
        () if isinstance(decision, Dates) else (getattr(decision, name, None) for name in ("member", "kept", "other"))
    )
    erased = TeamMember.objects.filter(id__in=[key for key in told if key], erased_as__isnull=False)
    account = Actor.everything.filter(id=getattr(decision, "account", None), erased_as__isnull=False)
    if erased.exists() or account.exists():
        raise Outdated("This person was erased: nothing more can be decided about them.")


def _link(decision: Link) -> Decided:
    account = _account(decision.account)
    if account.member_id == decision.member and account.is_member_decided:
        return Decided(0)
    if decision.member is not None:
        _check_person(account)
        _lock_members([decision.member])
    return Decided(_move([account], decision.member))


def _own_member(account_id: int) -> Decided:
    """Of an account that is a member's alone, that member is its own already."""
    account = _account(account_id)
    _check_person(account)
    if account.member_id and not Actor.everything.filter(member=account.member_id).exclude(id=account.id).exists():
        return Decided(0)
    return Decided(_move([account], _new_member(account)))


def _check_person(account: Account) -> None:
    judged = account.judged
    if judged.kind == "ghost" or not is_human(judged.kind, judged.login, judged.verdict):
        raise Outdated("A bot or a deleted account is nobody of the team: decide that it is a person first.")


def _new_member(account: Account) -> int:
    (member_id,) = bulk.new_ids(TeamMember, 1)
    insert_members([(member_id, account.record)])
    touch_all()  # a member has a line in every week
    return member_id


def _judge(decision: Judge) -> Decided:
    """A bot is no member; who is a person after all is one again, if anything read so far says so."""
    _wait_for_readings(decision.account)
    before = _account(decision.account)
    if before.record.kind == "ghost":
        raise Outdated("A deleted account may be anybody's, so nothing can be decided about it.")
    if before.verdict == decision.verdict:
        return Decided(0)
    after = replace(before, verdict=decision.verdict)
    if after.is_person and not before.is_person and _is_insider(after):
        after = replace(after, member_id=_new_member(after))
    if not after.is_person:
        after = replace(after, member_id=None, is_member_decided=False)
    rows = _store([before], [after])
    return Decided(rows, frozenset({after.id} if weight(before.judged) != weight(after.judged) else ()))


def _wait_for_readings(account_id: int) -> None:
    """Of repositories where the account did something: what follows from it touches the same rows, in another order."""
    mine = {"author": account_id}
    homes = set(PullRequest.everything.filter(**mine).values_list("repository", flat=True))
    homes.update(PullRequest.everything.filter(merged_by=account_id).values_list("repository", flat=True))
    for children in (PRComment, PRReview):
        homes.update(children.objects.filter(**mine).values_list("pull_request__repository", flat=True))
    homes.update(Commit.everything.filter(**mine).values_list("repository", flat=True))
    for rows in (Repository.everything.filter(id__in=homes).order_by("id"), _in_order(Actor.everything.all())):
        list(rows.select_for_update(no_key=True).values_list("id"))


def _in_order(accounts: Any) -> Any:
    return accounts.order_by("source", "provider_id")


def _is_insider(account: Account) -> bool:
    if account.is_member_decided or account.member_id:
        return False
    pulls = PullRequest.everything.filter(author=account.id, author_association__in=INSIDERS)
    return bool(OrganizationMember.objects.filter(actor=account.id).exists() or pulls.exists())


def _merge(decision: Merge) -> Decided:
    accounts = _accounts(member__in=[decision.kept, decision.other])
    members = _lock_members([decision.kept, decision.other])
    kept, other = members[decision.kept], members[decision.other]
    if kept.pk == other.pk:
        raise Outdated("This is one person already.")
    if kept.user_id and other.user_id and kept.user_id != other.user_id:
        raise Outdated("Both sign in, with users of their own: take one of the users away first.")
    _join_stays(kept, other)
    _take_over(kept, other)
    moving = [account for account in accounts if account.member_id == other.pk]
    rows = _move(moving, kept.pk)
    TeamMember.objects.filter(id=other.pk).delete()  # one who had no account
    return Decided(rows + 1)


def _take_over(kept: TeamMember, other: TeamMember) -> None:
    """What is known of the other alone; whoever is still here has not left."""
    user_id, other.user_id = kept.user_id or other.user_id, None
    other.save(update_fields=["user"])
    joined = [each.joined_on for each in (kept, other) if each.joined_on]
    left = [each.left_on for each in (kept, other) if each.left_on]
    kept.user_id, kept.joined_on = user_id, min(joined, default=None)
    kept.left_on = max(left) if len(left) == 2 else None
    kept.save(update_fields=["user", "joined_on", "left_on"])


def _join_stays(kept: TeamMember, other: TeamMember) -> None:
    """Stays of both in one group that touch or overlap are one."""
    stays = GroupMembership.objects.filter(member__in=[kept, other]).order_by("group", "joined_on", "id")
    before: GroupMembership | None = None
    for stay in stays:
        if before and before.group_id == stay.group_id and (before.left_on is None or stay.joined_on <= before.left_on):
            before.left_on = max(before.left_on, stay.left_on) if before.left_on and stay.left_on else None
            before.save(update_fields=["left_on"])
            stay.delete()
        else:
            stay.member_id = kept.pk
            stay.save(update_fields=["member"])
            before = stay


def _change_member(member_id: int, **values: date | int | None) -> Decided:
    member = _lock_members([member_id])[member_id]
    if all(getattr(member, name) == value for name, value in values.items()):
        return Decided(0)
    TeamMember.objects.filter(id=member_id).update(**values)
    settle_member(member_id)
    return Decided(1)


def _move(accounts: Collection[Account], member_id: int | None) -> int:
    """By decision. The weeks of all that these accounts did are other people's now."""
    after = [replace(account, member_id=member_id, is_member_decided=True) for account in accounts]
    return _store(list(accounts), after)


def _store(before: list[Account], after: list[Account]) -> int:
    bulk.update(Actor, CHANGING, [(account.id, *account.row[2:]) for account in after])
    moved = [new for old, new in zip(before, after, strict=True) if old.member_id != new.member_id]
    if moved:
        touch_weeks_of([account.id for account in moved])
    had, have = ({each.member_id for each in accounts if each.member_id} for accounts in (before, after))
    _drop_without_accounts(had - have)
    for member_id in sorted(had | have):
        settle_member(member_id)
    return len(after)


def _drop_without_accounts(members: Collection[int]) -> None:
    """A person without any account is known by nothing. Locked first: weeks of theirs may be worked out right now."""
    empty = TeamMember.objects.filter(id__in=members).exclude(Exists(Actor.everything.filter(member=OuterRef("pk"))))
    ids = list(empty.order_by("id").select_for_update().values_list("id", flat=True))
    TeamMember.objects.filter(id__in=ids).delete()


def touch_weeks_of(accounts: Collection[int]) -> None:
    """What they opened, committed and guessed counts in these weeks, for whoever they are."""
    merged = PullRequest.everything.filter(author__in=accounts, merged_at__isnull=False)
    guessed = PRSurveyReview.objects.filter(reviewer__in=accounts).values_list("survey__pull_request__merged_at")
    committed = Commit.everything.filter(author__in=accounts).values_list("committed_at")
    touch((row[0] for row in (*merged.values_list("merged_at"), *guessed, *committed)), Concern.WEEKS)


def _account(account_id: int) -> Account:
    return _accounts(id=account_id)[0]


def _accounts(**which: object) -> list[Account]:
    locked = _in_order(Actor.everything.filter(**which)).select_for_update(no_key=True)
    found = [account_of(row) for row in locked.values_list("id", *COLUMNS)]
    if not found and "id" in which:
        raise Outdated("This account is not known here.")
    return found


def _lock_members(ids: Collection[int]) -> dict[int, TeamMember]:
    locked = TeamMember.objects.filter(id__in=ids).order_by("id").select_for_update(of=("self",))
    found = {member.pk: member for member in locked}
    if len(found) < len(set(ids)):
        raise Outdated("This person is no longer there: somebody may have merged them with another.")
    return found
