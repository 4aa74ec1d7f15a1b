"""What is measured: the pages at their usual and their longest period, and the list of pull requests in many ways."""

from typing import Final

NUMBERS: Final = ("", "delivery/", "review/", "quality/", "deployments/", "files/")
YEAR: Final = "period=365d"
WHOLE: Final = "from=2010-01-01&to=2035-01-01"

PAGES: Final = {
    **{f"{name.strip('/') or 'overview'}, 90 days": f"/t/bench/{name}" for name in NUMBERS},
    **{f"{name.strip('/') or 'overview'}, year": f"/t/bench/{name}?{YEAR}" for name in NUMBERS},
    "explain, 90 days": "/t/bench/explain/cycle_time/median/",
    "explain, year": f"/t/bench/explain/cycle_time/median/?{YEAR}",
    "pull requests, 90 days": "/t/bench/pulls/",
    "pull requests, year": f"/t/bench/pulls/?{YEAR}",
    "glossary": "/t/bench/glossary/",
    "connections": "/t/bench/connections/",
    "health": "/t/bench/health/",
}

# Asked for by a page after it has shown its numbers.
LATER: Final = {
    "overview, what waits now": "/t/bench/now/",
    "review, people": "/t/bench/review/people/",
    "review, conversations": "/t/bench/review/threads/",
    "deployments, one by one": "/t/bench/deployments/list/",
    "pull requests, filters": "/t/bench/pulls/filters/",
}

_FILTERS: Final = {
    "merged": "",
    "open": "state=open",
    "all": "state=all",
    "AI": "ai=yes",
    "size": "size=XL",
    "label": "label=bug",
    "kind of file": "category=tests",
    "folder": "folder=src/area7",
    "branch": "base=release",
    "work": "work=fix",
    "sign": "signal=revert",
    "open for long": "over=7",
    "words": "q=ledger",
    "two words": "q=gate+change",
    "rare word": "q=77",
    "opened": "by=opened&state=all",
    "reviewed": "by=reviewed&state=all",
}
_SORTS: Final = ("-own", "own", "-opened", "-updated", "-size", "size", "-cycle_time", "-review_time")

LISTS: Final = {
    **{f"list of a year: {name}": f"/t/bench/pulls/?{YEAR}&{query}" for name, query in _FILTERS.items()},
    **{f"list of a year by {sort}": f"/t/bench/pulls/?{YEAR}&sort={sort}" for sort in _SORTS},
    **{f"whole list: {name}": f"/t/bench/pulls/?{WHOLE}&{query}" for name, query in _FILTERS.items()},
    **{f"whole list by {sort}": f"/t/bench/pulls/?{WHOLE}&sort={sort}" for sort in _SORTS},
}

# Walked into page by page before they are measured.
DEEP: Final = {
    "list of a year": f"/t/bench/pulls/?{YEAR}",
    **{f"whole list by {sort}": f"/t/bench/pulls/?{WHOLE}&sort={sort}" for sort in _SORTS},
}
