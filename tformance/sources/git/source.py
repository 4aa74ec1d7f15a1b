"""A clone on this machine as a source; no account, no network."""

from tformance.sources.contract import Source
from tformance.sources.git import streams

SOURCE = Source(
    id="git",
    title="Local clone",
    streams=(streams.REPOSITORY, streams.PULL_REQUESTS),
    identify=streams.identify,
    choices=streams.choices,
)
