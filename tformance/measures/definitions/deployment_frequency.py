from tformance.measures.rows.deployments import DELIVERED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="deployment_frequency",
    question="How often does something new reach production?",
    title="Deployments",
    unit="deployments",
    rows=DELIVERED,
    value=None,
    statistics=(
        "per_week",
        "count",
    ),
    better="higher",
    source="Deployments",
    notes=(
        "Successful deployments to production, which is what the team says it is, or else what an environment's name says; bringing the same commit again or going back to an older one is "
        "none. A commit that goes to several production environments is one deployment, on the day of the first; cut by "
        "environment each has its own. Per week means by the days that have passed."
    ),
    version=2,
)
