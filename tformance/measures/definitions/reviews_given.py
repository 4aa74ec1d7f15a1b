from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="reviews_given",
    question="How many reviews were given?",
    title="Reviews given",
    unit="reviews",
    rows=GIVEN,
    value=None,
    statistics=("count",),
    better="neither",
    source="Reviews",
    notes=(
        "Submitted reviews by people other than the author, counted on the day they were given and for who gave them. "
        "Who puts a commit into a pull request is its reviewer only before that."
    ),
)
