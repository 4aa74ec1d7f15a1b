"""Every address of Jira's REST API that is answered, with the scopes one of which a narrow token needs."""

from collections.abc import Callable
from dataclasses import dataclass

from tformance.sandbox.jira import agile, platform, search
from tformance.sandbox.jira.asking import Question
from tformance.sandbox.reply import Reply

WORK, USER = ("read:jira-work",), ("read:jira-user",)
BOARDS, SPRINTS = ("read:board-scope:jira-software",), ("read:sprint:jira-software",)
COLUMNS = ("read:board-scope.admin:jira-software",)
API, AGILE = "/rest/api/3", "/rest/agile/1.0"


@dataclass(frozen=True)
class Route:
    """`{}` in the path stands for any one piece."""

    method: str
    path: str
    scopes: tuple[str, ...]
    answer: Callable[[Question], Reply]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def fits(self, method: str, pieces: list[str]) -> bool:
        own = self.path.strip("/").split("/")
        same = len(own) == len(pieces) and all(a in ("{}", b) for a, b in zip(own, pieces, strict=True))
        return same and method == self.method


ROUTES = (
    Route("GET", "/_edge/tenant_info", (), platform.tenant),
    Route("GET", f"{API}/serverInfo", (), platform.server_info),
    Route("GET", f"{API}/myself", USER, platform.myself),
    Route("GET", f"{API}/users/search", USER, platform.users),
    Route("GET", f"{API}/field", WORK, platform.field_list),
    Route("GET", f"{API}/status", WORK, platform.statuses),
    Route("GET", f"{API}/statuses/search", WORK, platform.status_search),
    Route("GET", f"{API}/project/search", WORK, platform.projects),
    Route("GET", f"{API}/project/{{}}", WORK, platform.project),
    Route("GET", f"{API}/search", WORK, search.removed),
    Route("POST", f"{API}/search", WORK, search.removed),
    Route("POST", f"{API}/search/jql", WORK, search.search),
    Route("POST", f"{API}/search/approximate-count", WORK, search.count),
    Route("POST", f"{API}/issue/bulkfetch", WORK, search.bulk),
    Route("POST", f"{API}/changelog/bulkfetch", WORK, search.histories),
    Route("GET", f"{API}/issue/{{}}", WORK, search.one),
    Route("GET", f"{API}/issue/{{}}/changelog", WORK, search.history),
    Route("GET", f"{AGILE}/board", BOARDS, agile.boards),
    Route("GET", f"{AGILE}/board/{{}}", BOARDS, agile.board),
    Route("GET", f"{AGILE}/board/{{}}/configuration", COLUMNS, agile.configuration),
    Route("GET", f"{AGILE}/board/{{}}/sprint", SPRINTS, agile.sprints),
    Route("GET", f"{AGILE}/sprint/{{}}", SPRINTS, agile.sprint),
)


def route(method: str, path: str) -> Route | None:
    pieces = path.strip("/").split("/")
    return next((each for each in ROUTES if each.fits(method, pieces)), None)
