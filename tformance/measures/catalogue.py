"""All measures, in the order they are shown."""

from tformance.measures.definitions import (
    ai_authored_share,
    ai_marked_commits,
    ai_marked_share,
    coding_phase,
    commits,
    cycle_time,
    draft_phase,
    lead_time,
    lines_added,
    lines_removed,
    merge_phase,
    merged_prs,
    opened_prs,
    pickup_time,
    review_phase,
    review_time,
    reviews_given,
    size,
)
from tformance.measures.shape import Measure

MEASURES: dict[str, Measure] = {
    module.MEASURE.id: module.MEASURE
    for module in (
        merged_prs,
        opened_prs,
        cycle_time,
        lead_time,
        review_time,
        coding_phase,
        draft_phase,
        pickup_time,
        review_phase,
        merge_phase,
        size,
        lines_added,
        lines_removed,
        reviews_given,
        ai_marked_share,
        ai_authored_share,
        commits,
        ai_marked_commits,
    )
}
