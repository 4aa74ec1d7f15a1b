"""GitHub as a source: github.com and Enterprise Server."""

from tformance.sources.contract import Source
from tformance.sources.github import connect, copilot, organizations, streams
from tformance.sources.github.pulse import pulse
from tformance.sources.github.webhook import WEBHOOK

SOURCE = Source(
    id="github",
    title="GitHub",
    streams=(
        streams.REPOSITORY,
        streams.PULL_REQUESTS,
        streams.DEPLOYMENTS,
        streams.RELEASES,
        streams.COMPARISONS,
        streams.HEAD_CHECKS,
        organizations.STREAM,
        copilot.SEATS,
        copilot.USAGE,
    ),
    identify=connect.identify,
    choices=connect.choices,
    pulse=pulse,
    webhook=WEBHOOK,
)
