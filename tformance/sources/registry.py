"""Every source we can read, one line each."""

from tformance.sources.contract import Source
from tformance.sources.git.source import SOURCE as GIT
from tformance.sources.github.source import SOURCE as GITHUB
from tformance.sources.jira.source import SOURCE as JIRA

SOURCES: dict[str, Source] = {source.id: source for source in (GITHUB, GIT, JIRA)}
