"""Why a number has nothing to rest on: not read, not allowed to, nothing there, or left out."""

from django.utils.text import capfirst

from tformance.faces.kit import notation
from tformance.faces.web import freshness
from tformance.faces.web.door import Place
from tformance.measures.query import Query
from tformance.measures.result import Coverage, Result
from tformance.measures.shape import Measure
from tformance.measures.waterfall import Waterfall, waterfall
from tformance.sync.connections import connected

READ_AS = {"pull_requests": "pull requests", "deployments": "deployments", "head_checks": "checks of every commit"}
THINGS = {
    "PullRequest": "pull request",
    "PRReview": "review",
    "ReviewThread": "conversation",
    "PRCheckRun": "check",
    "PRFile": "file",
    "Commit": "commit",
    "Deployment": "deployment",
}
# Without one of these rights such rows do not come.
RIGHTS = {
    "PRCheckRun": {"checks", "statuses"},
    "Commit": {"contents"},
    "Deployment": {"deployments", "contents"},
}
OF_PULLS = {"metadata", "pull_requests"}


def thing_of(measure: Measure) -> str:
    """What one row of it is called."""
    return THINGS[measure.rows.model.__name__]


def why_empty(result: Result, place: Place) -> str:
    """'' for a number that rests on something."""
    if result.total.n:
        return ""
    query = Query(result.query.measure, result.query.statistic, result.query.period, filters=result.query.filters)
    found = waterfall(query)
    return _left_out(found, result.measure) if found.read else _not_there(result.measure, result.coverage, place)


def _left_out(found: Waterfall, measure: Measure) -> str:
    """The last step that took the rest of what was read."""
    thing = thing_of(measure)
    read = f"{notation.counted(found.read, thing)} of this period {'was' if found.read == 1 else 'were'} read"
    if found.rows:
        verb = "is" if found.rows == 1 else "are"
        reasons = {"without such a value": found.none, "not read to the end yet": found.unread}
        told = ", ".join(f"{notation.number(count)} {words}" for words, count in reasons.items() if count)
        return f"{notation.counted(found.rows, thing)} {verb} in this view: {told}."
    if found.filtered:
        return f"Filtered out: {notation.counted(found.filtered, thing)} would count without the filters of this view."
    if found.carried or found.automation:
        return f"{read}, but what automation opened, or what only carries merged work on, is left out."
    return f"{read}, but none is what this measure is about. {measure.rows.about}"


def _not_there(measure: Measure, coverage: Coverage, place: Place) -> str:
    """Nothing of the period is stored: because it may not be read, because it was not, or because there is none."""
    stream = READ_AS[measure.rows.stream]
    rights = RIGHTS.get(measure.rows.model.__name__, OF_PULLS)
    refused = [lack.words for each in connected(place.team.pk) for lack in each.lacks if lack.permission in rights]
    if not coverage.repositories:
        return "Nothing is connected that this could be read from."
    if trouble := next(iter(freshness.troubles(place)), None):
        return f"{trouble.name} {trouble.words}"
    if refused:
        return f"There is no right to read it: {capfirst(refused[0])}."
    if not coverage.complete:
        return f"Not collected: {stream} of this period have not been read to the end yet."
    return f"There is none: {stream} of this period were read, and nothing of the kind happened."
