from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="hotfix_share",
    question="What share of merged pull requests is a hotfix?",
    title="Hotfixes",
    unit="pull requests",
    rows=MERGED,
    value=Case(When(is_hotfix=True, then=1), When(is_hotfix=False, then=0), output_field=IntegerField()),
    statistics=("share", "sum"),
    better="lower",
    source="Pull requests",
    notes=(
        "By labels, beginnings of branches and of titles that the team names in its settings. Where it named none of its "
        "own: the label hotfix, hotfix/ before a branch, or hotfix with a colon, in brackets or with a scope before a title."
    ),
)
