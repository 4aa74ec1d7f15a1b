"""GitHub as a source: github.com and Enterprise Server."""

from tformance.sources.contract import Source
from tformance.sources.github import connect, streams

SOURCE = Source(
    id="github",
    title="GitHub",
    streams=(streams.REPOSITORY, streams.PULL_REQUESTS, streams.DEPLOYMENTS),
    identify=connect.identify,
    choices=connect.choices,
)
