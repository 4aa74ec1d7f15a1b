"""Jira Cloud as a source."""

from tformance.sources.contract import Source
from tformance.sources.jira import connect, streams

SOURCE = Source(
    id="jira",
    title="Jira",
    streams=(streams.USERS_STREAM, streams.PROJECT, streams.ISSUES, streams.SPRINTS_STREAM),
    identify=connect.identify,
    choices=connect.choices,
    follows="project",
)
