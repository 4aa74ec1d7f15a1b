"""Every path of data we ask GitHub's REST interface for: what GraphQL does not tell."""

from typing import Final

COMPARISON: Final = "/repos/{repository}/compare/{pair}"  # repository is OWNER/NAME
SEATS: Final = "/orgs/{org}/copilot/billing/seats"
USAGE_OF_DAY: Final = "/orgs/{org}/copilot/metrics/reports/users-1-day"
