"""Which pull requests name which issues: followed when texts change, and when projects and issues come, go or move.

Called once the team's data version has moved on, which one transaction does after the other: whoever comes second
sees what the first has written, so that no pair of a pull request and an issue that arrive together is missed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from django.db.models import Q

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.derive.jira_keys import extract_jira_keys
from tformance.facts.models.planning import JiraIssue, JiraProject, Place, PRJiraLink, PRJiraMention
from tformance.facts.models.pull_request import PRCommit, PullRequest

STRENGTH: Final[dict[str, int]] = {place: rank for rank, place in enumerate(Place.values)}  # title first
BATCH: Final = 500
Pair = tuple[int, Any]  # a pull request and a key, or an issue


def known_projects() -> frozenset[str]:
    """Keys of projects that issues have, or had before they were moved."""
    keys = set(JiraProject.objects.values_list("key", flat=True))
    for former in _moved().values_list("former_keys", flat=True) if keys else ():
        keys |= {key.rpartition("-")[0] for key in former}
    return frozenset(key.upper() for key in keys)


def follow_pulls(ids: Collection[int]) -> int:
    """Texts of these pull requests may say something else now; returns how many rows changed."""
    projects = known_projects() if ids else frozenset()
    if not projects:
        return 0
    return _mention(ids, projects) + _link(ids)


def follow_issues(keys: Collection[str], known_before: frozenset[str]) -> int:
    """Issues are, or are no more, found under these keys; `known_before` are the projects that were known until now."""
    projects = known_projects()
    new = projects - known_before
    found = {pull for key in sorted(new) for pull in _naming(key)}
    rows = sum(_mention(part, projects) for part in _parts(found))
    named = PRJiraMention.objects.filter(key__in=keys).values_list("pull_request", flat=True)
    return rows + sum(_link(part) for part in _parts(found.union(named)))


def _naming(project: str) -> Iterator[int]:
    """Pull requests in whose texts the project's key stands: once for each project, all are looked through."""
    word = f"{project}-"
    texts = Q(title__contains=word) | Q(body__contains=word) | Q(head_ref__icontains=word)
    yield from PullRequest.everything.filter(texts).values_list("id", flat=True)
    said = PRCommit.objects.filter(commit__message__contains=word)
    yield from said.values_list("pull_request", flat=True)


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    yield from (wanted[at : at + BATCH] for at in range(0, len(wanted), BATCH))


def _mention(ids: Collection[int], projects: frozenset[str]) -> int:
    """Store which keys stand in the texts of these pull requests."""
    places: defaultdict[Pair, set[str]] = defaultdict(set)
    for pull, place, text in _texts(ids):
        for key in extract_jira_keys(text, projects, any_case=place == Place.BRANCH):
            places[pull, key].add(place)
    return _store(PRJiraMention, "key", ids, places)


def _texts(ids: Collection[int]) -> Iterator[tuple[int, str, str]]:
    pulls = PullRequest.everything.filter(id__in=ids).values_list("id", "title", "head_ref", "body")
    for pull, title, branch, body in pulls:
        yield from ((pull, Place.TITLE, title), (pull, Place.BRANCH, branch), (pull, Place.BODY, body))
    said = PRCommit.objects.filter(pull_request__in=ids).values_list("pull_request", "commit__message")
    yield from ((pull, Place.COMMIT, message) for pull, message in said)


def _link(ids: Collection[int]) -> int:
    """Store which issues are behind the keys of these pull requests, and the key of the clearest."""
    named = list(PRJiraMention.objects.filter(pull_request__in=ids).values_list("pull_request", "key", "places"))
    issues = _issues({key for _, key, _ in named})
    places: defaultdict[Pair, set[str]] = defaultdict(set)
    for pull, key, where in named:
        for issue, _ in issues.get(key, ()):
            places[pull, issue] |= set(where)
    current = dict(pair for found in issues.values() for pair in found)
    return _store(PRJiraLink, "issue_id", ids, places) + _name(ids, places, current)


def _issues(keys: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    """By each key the issues that have it, or had it, with the key that they have now."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for issue, key in JiraIssue.objects.filter(jira_key__in=keys).values_list("id", "jira_key"):
        found[key].append((issue, key))
    for issue, key, former in _moved().values_list("id", "jira_key", "former_keys"):
        for old in set(former) & set(keys) - {key}:
            found[old].append((issue, key))
    return found


def _moved() -> Any:
    return JiraIssue.objects.exclude(former_keys=[])


def _name(ids: Collection[int], places: dict[Pair, set[str]], current: dict[int, str]) -> int:
    """The key in the strongest place; of several the one in more places, then the first."""
    best: dict[int, tuple[int, int, str]] = {}
    for (pull, issue), where in places.items():
        key = current[issue]
        clearness = (min(STRENGTH[place] for place in where), -len(where), key)
        best[pull] = min(best.get(pull, clearness), clearness)
    rows = PullRequest.everything.filter(id__in=ids).order_by("source", "provider_id")
    locked = rows.select_for_update(no_key=True).values_list("id", "jira_key")
    changed = [(pull, new) for pull, old in locked if (new := best[pull][2] if pull in best else "") != old]
    bulk.update(PullRequest, ("jira_key",), changed)
    return len(changed)


def _store(
    model: type[PRJiraMention | PRJiraLink], column: str, ids: Collection[int], places: dict[Pair, set[str]]
) -> int:
    """Make the rows of these pull requests what they should be; returns how many that changed."""
    wanted = {pair: sorted(where, key=STRENGTH.__getitem__) for pair, where in places.items()}
    rows = model.objects.filter(pull_request__in=ids).values_list("id", "pull_request_id", column, "places")
    stored = {(pull, what): (row_id, where) for row_id, pull, what, where in rows}
    fresh = [(*pair, where) for pair, where in wanted.items() if pair not in stored]
    changed = [
        (stored[pair][0], where) for pair, where in wanted.items() if pair in stored and stored[pair][1] != where
    ]
    bulk.insert(model, current_team_id(), ("pull_request_id", column, "places"), fresh)
    bulk.update(model, ("places",), changed)
    return (
        len(fresh) + len(changed) + bulk.delete(model, [row[0] for pair, row in stored.items() if pair not in wanted])
    )
