from tformance.measures.rows.commits import COMMITTED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="commits",
    question="How many commits were made?",
    title="Commits",
    unit="commits",
    rows=COMMITTED,
    value=None,
    statistics=("count",),
    better="neither",
    source="Commits",
    notes=(
        "Each sha once, on the day it was committed. From GitHub the commits of pull requests, from a clone "
        "all of its history, automation's commits too."
    ),
)
