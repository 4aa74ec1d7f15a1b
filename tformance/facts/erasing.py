"""Erasing a person: they become "Former colleague 7", for good. Inside `tenant()`; what they did stays and counts.

The words that told who they are are kept as digests alone. Whatever is read later is searched for them before it is
stored (`known`), and what is stored already is searched table by table (`facts.sweeping`).
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.db.models import Max, QuerySet

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.decisions import Outdated
from tformance.facts.derive import ai
from tformance.facts.forgotten import Forgotten, Word, kept_of, login_of, name_of, runs_of
from tformance.facts.models.erased import ErasedKey, ErasedWord, Sweep
from tformance.facts.models.organization import Organization
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.repository import Commit, Repository
from tformance.facts.planning_records import ProjectPage, SitePage
from tformance.facts.records import OrganizationPage, RepositoryPage

Page = TypeVar("Page", RepositoryPage, OrganizationPage, SitePage, ProjectPage)
COLUMNS = ("number", "digest", "first", "runs", "is_plain")


@dataclass(frozen=True, slots=True)
class Words:
    """What tells who somebody is; names of one word only are taken from their own rows, since others have them too."""

    logins: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    def telling(self) -> Iterator[str]:
        yield from self.logins
        yield from (name for name in self.names if len(runs_of(name)) > 1)
        yield from self.addresses


def words_of(member_id: int) -> Words:
    """Of all accounts of a member and their commits, but for what is another member's by now, or others commit as too."""
    accounts = Actor.everything.filter(member=member_id)
    logins, told, names = (
        set[str](),
        set[str](),
        set(TeamMember.objects.filter(id=member_id).values_list("display_name", flat=True)),
    )
    for login, former, name, email in accounts.values_list("login", "former_logins", "name", "email"):
        logins.update((login, *former))
        names.add(name)
        told.add(email)
    signed = Commit.everything.filter(author__in=accounts).order_by().values_list("author_name", "author_email")
    own = [pair for pair in signed.distinct() if not ai.is_tool(*pair)]
    names |= _only(accounts, "author_name", {name for name, _ in own})
    addresses = _only(accounts, "author_email", {address for _, address in own})
    others = Actor.everything.filter(member__isnull=False).exclude(member=member_id)
    logins -= set(others.filter(login__in=logins).values_list("login", flat=True))
    return Words(*(tuple(sorted(each - {""}, key=str.casefold)) for each in (logins, names, addresses | told)))


def _only(accounts: QuerySet[Actor], column: str, said: set[str]) -> set[str]:
    """Those that no commit of another account carries."""
    others = Commit.everything.filter(author__isnull=False, **{f"{column}__in": said}).exclude(author__in=accounts)
    return said - set(others.order_by().values_list(column, flat=True))


def erase(member_id: int, words: Iterable[str]) -> int:
    """Store the words and give the member and their accounts the pseudonym, whose number is returned; raises Outdated."""
    wait_for_readings()
    Team.objects.select_for_update().get(id=current_team_id())  # whoever writes something new waits, too
    accounts = Actor.everything.filter(member=member_id)
    list(accounts.order_by("source", "provider_id").select_for_update(no_key=True).values_list("id"))
    member = TeamMember.objects.select_for_update(of=("self",)).filter(id=member_id).first()
    if member is None or member.erased_as:
        raise Outdated("This person is not there any more, or was erased already.")
    number = (TeamMember.objects.aggregate(last=Max("erased_as"))["last"] or 0) + 1
    _remember((number, word) for word in words)
    _begin_sweep()
    accounts.update(
        login=login_of(number),
        former_logins=[],
        name=name_of(number),
        node_id="",
        email="",
        is_member_decided=True,
        erased_as=number,
    )
    TeamMember.objects.filter(id=member_id).update(
        github_username=login_of(number), display_name=name_of(number), user=None, erased_as=number
    )
    return number


def wait_for_readings() -> None:
    """None of a repository or an organisation that is known is written meanwhile."""
    for model in (Repository, Organization):
        list(model.everything.order_by("id").select_for_update(no_key=True).values_list("id"))


def known() -> Forgotten | None:
    """Everybody who was erased; None where nobody was."""
    key = _key()
    if key is None:
        return None
    firsts: dict[str, set[int]] = defaultdict(set)
    words: dict[str, Word] = {}
    for number, digest, first, runs, is_plain in ErasedWord.objects.values_list(*COLUMNS):
        words[digest] = Word(number, is_plain)
        firsts[first].add(runs)
    erased = Actor.everything.filter(erased_as__isnull=False).values_list("source", "provider_id", "erased_as")
    accounts = {(source, provider_id): number for source, provider_id, number in erased}
    return Forgotten(key, words, {first: tuple(sorted(runs, reverse=True)) for first, runs in firsts.items()}, accounts)


def without_erased(page: Page, source: str) -> Page:
    """The page as it may be stored. What it told of further words is searched for in what is stored already."""
    forgotten = known()
    if forgotten is None:
        return page
    page = forgotten.record(page, source)
    learn(forgotten)
    return page


def learn(forgotten: Forgotten) -> None:
    """But for what others use as well."""
    for number in {number for number, _ in forgotten.learned}:
        words = {word for known, word in forgotten.learned if known == number}
        accounts = Actor.everything.filter(erased_as=number)
        words = _only(accounts, "author_email", _only(accounts, "author_name", words))
        if _remember((number, word) for word in sorted(words)):
            _begin_sweep()


def _remember(words: Iterable[tuple[int, str]]) -> int:
    """Returns how many of them are new."""
    key = _key() or _new_key()
    rows = [(number, *kept) for number, word in words if (kept := kept_of(word, key))]
    return bulk.insert(ErasedWord, current_team_id(), COLUMNS, _once(rows), keep_existing=True)


def _begin_sweep() -> None:
    """From the first table on."""
    Sweep.objects.update_or_create(team_id=current_team_id(), defaults={"table": "", "last": 0})


def _once(rows: Collection[bulk.Row]) -> list[bulk.Row]:
    return list({row[1]: row for row in rows}.values())


def _key() -> bytes | None:
    sealed = ErasedKey.objects.values_list("secret", flat=True).first()
    return settings.KEY_RING.open_bytes(bytes(sealed)) if sealed else None


def _new_key() -> bytes:
    key = secrets.token_bytes(32)
    ErasedKey.objects.create(team_id=current_team_id(), secret=settings.KEY_RING.seal_bytes(key))
    return key
