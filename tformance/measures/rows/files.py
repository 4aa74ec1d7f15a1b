"""Files of merged pull requests as rows, on the day of the merge; generated, vendored and lock files are left out.

Of such rows a filter by kind or folder leaves the files that are of it, not all of a pull request that touches it.
"""

from django.db.models import Q

from tformance.facts.models.pull_request import PRFile
from tformance.measures.rows import axes
from tformance.measures.shape import Rows

PULL = "pull_request__"
OWN = ("categories", "directories")

CHANGED = Rows(
    id="changed_files",
    about=(
        "Files of merged pull requests, on the day of the merge. Generated, vendored and lock files are left out, and so "
        "is what automation opened or what only carries merged work on, unless asked for."
    ),
    model=PRFile,
    anchor="pull_request__merged_at",
    where=Q(
        is_generated=False,
        pull_request__state="merged",
        pull_request__merged_at__isnull=False,
        pull_request__gone_at__isnull=True,
    ),
    not_automation=Q(pull_request__by_automation=False, pull_request__carries=""),
    columns=axes.columns(PULL) | {"category": "category", "directory": "directory"},
    holds={name: hold for name, hold in axes.holds(PULL).items() if name not in OWN},
    pull="pull_request",
)
