"""A repository whose pull requests live through everything GitHub tells of, in three parts, for many teams at once."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import time_machine
from django.test import Client as Browser

from tests.journeys.traps.stage import Stage
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.sandbox.tests.conftest import Client, Receiver
from tformance.sandbox.tests.test_live import do
from tformance.sync import connections, inbox
from tformance.sync.drive import run_until_done
from tformance.sync.models import Route, WebhookEndpoint
from tformance.sync.tasks import fetch_pr_complete_data_task
from tformance.sync.tests.posted import make_endpoint

BEGIN: Final = 200.0  # hours of the stage's clock
REPOSITORY: Final = "traps/shop"
# By number: who they are of and where they come from.
PERSON, BOT, GHOST, FORK, DRAFT, TWICE, OLD = range(1, 8)
PERSONS_NEW, FORKS_NEW = 8, 9  # opened while they are followed
Told = tuple[dict[str, str], bytes]  # headers and body of a message
_numbers = itertools.count()


def prepare(folder: Path, readers: Sequence[str] = ()) -> str:
    """What was there before anybody followed it; gives the tokens of `readers`, each of an account of its own."""
    stage = Stage()
    for reader in readers:
        stage.add("users", login=reader, type="User")
    shop = stage.repository("shop")
    person = shop.pull(number=PERSON, opened=100, labels=["wait"], requested_reviewers=["ben"], closing_issues=[])
    review = person.review(101, state="CHANGES_REQUESTED")
    person.thread(101, review=review, is_resolved=False)
    person.thread(102, is_resolved=False)
    person.comment(102, body="First of all")
    person.event(100.5, "ReviewRequestedEvent", requested_reviewer="ben")
    person.file("a.py", 10, 2)
    person.file("b.py", 1)
    person.check("build", "SUCCESS", 100, 101)
    person.row |= {"additions": 11, "deletions": 2, "changed_files": 2, "author_association": "MEMBER"}
    bot = shop.pull(number=BOT, opened=110, author="dependabot", title="Bump a thing", labels=["dependencies", "auto"])
    bot.check("build", None, 110, None)
    ghost = shop.pull(number=GHOST, opened=111, author=None)
    ghost.review(112, by=None, state="COMMENTED")
    fork = shop.pull(number=FORK, opened=112, author="cho", is_cross_repository=True, head="main")
    fork.thread(113)
    shop.pull(number=DRAFT, opened=113, author="ben", is_draft=True, body="Not yet\r\nready")
    shop.pull(number=TWICE, opened=90, closed=95, author="ben").event(95, "ClosedEvent", actor="ben")
    old = shop.pull(number=OLD, opened=10, merged=20, merged_by="ben", author="claude-dev")
    old.review(15)
    old.check("build", "FAILURE", 11, 12)
    stage.write(folder)
    return ",".join(f"{reader}/as:{reader}" for reader in readers)


PARTS: Final[tuple[tuple[tuple[str, int, dict[str, str]], ...], ...]] = (
    (
        ("label", PERSON, {"label": "urgent"}),
        ("review", PERSON, {"state": "approved"}),
        ("late_comment", PERSON, {"body": "One word"}),
        ("push", PERSON, {}),
        ("late_check", PERSON, {"conclusion": "failure"}),
        ("open_pull_request", PERSONS_NEW, {}),
        ("late_comment", GHOST, {}),
        ("review", FORK, {"state": "changes_requested"}),
        ("ready_for_review", DRAFT, {}),
        ("reopen_pull_request", TWICE, {}),
        ("push", FORK, {}),
    ),
    (
        ("open_pull_request", FORKS_NEW, {}),
        ("dismiss_review", PERSON, {}),
        ("resolve_thread", PERSON, {}),
        ("edit_title", PERSON, {"title": "Add another thing"}),
        ("force_push", PERSON, {}),
        ("label", PERSON, {"label": "a word before"}),
        ("delete_comment", PERSON, {}),
        ("close_pull_request", GHOST, {}),
        ("convert_to_draft", DRAFT, {}),
        ("close_pull_request", TWICE, {}),
        ("merge_pull_request", FORK, {}),
        ("late_comment", PERSONS_NEW, {}),
        ("late_check", BOT, {"conclusion": "failure"}),
    ),
    (
        ("merge_pull_request", PERSON, {}),
        ("merge_pull_request", BOT, {}),
        ("merge_pull_request", PERSONS_NEW, {}),
        ("close_pull_request", FORKS_NEW, {}),
        ("resolve_thread", FORK, {}),
        ("late_comment", PERSON, {"body": "Well done"}),
        ("late_check", PERSON, {"conclusion": "success"}),
        ("label", PERSON, {"label": "done"}),
        ("reopen_pull_request", TWICE, {}),
        ("edit_title", DRAFT, {"title": "Still a draft"}),
    ),
)


@dataclass
class Scene:
    """The provider's side: what is played, and what it told so far."""

    client: Client
    receiver: Receiver
    clock: time_machine.Traveller
    told: int = 0

    def play(self, part: int) -> list[Told]:
        """Returns the messages in the order in which they were sent; everything happens at a second of its own."""
        begin = self.told
        for action, number, asked in PARTS[part]:
            self.clock.shift(7)
            self._do(action, number, asked)
        taken = self.receiver.wait(self.told)[begin:]
        return [(headers, self.receiver.raw[headers["X-GitHub-Delivery"]]) for _, _, headers in taken]

    def _do(self, action: str, number: int, asked: dict[str, str]) -> None:
        told: dict[str, Any] = {"repository": REPOSITORY, **asked}
        if action != "open_pull_request":
            told["number"] = number
        answer = do(self.client, action, **told)
        assert answer["number"] == number
        self.told += len(answer["deliveries"]) or 1  # of an opening it does not say the message's name
        self.receiver.wait(self.told)


@dataclass
class Follower:
    """A team that follows the repository; `held` are messages that are still on their way."""

    team: Team
    endpoint: WebhookEndpoint
    scene: Scene
    held: list[Told] = field(default_factory=list)

    @classmethod
    def of(cls, scene: Scene, url: str, slug: str) -> "Follower":
        """`slug` is its token, too."""
        team = Team.objects.create(slug=slug, name=slug)
        connection = connections.connect_github(team.pk, url, slug)
        connections.follow(team.pk, connection.id, [REPOSITORY])
        return cls(team, make_endpoint(team), scene)

    def read(self) -> None:
        """All that is due, and what is asked for by messages, also by those that are taken up on the way."""
        self.scene.clock.shift(120)
        run_until_done(self.team.pk, tick=lambda: self.scene.clock.shift(30))
        Route.objects.filter(team_id=self.team.pk).update(endpoint=self.endpoint)  # as an App's installation has one

    def round(self) -> None:
        connections.sync_now(self.team.pk)
        self.read()

    def read_single(self) -> None:
        """Each pull request that is known, alone."""
        self.scene.clock.shift(120)
        with tenant(self.team.pk):
            known = list(PullRequest.objects.order_by("number").values_list("pk", flat=True))
        for pull in known:
            answer = fetch_pr_complete_data_task(pull, self.team.pk)
            assert (answer["errors"], answer["missing"]) == ([], [])

    def post(self, messages: Sequence[Told]) -> None:
        """Through the door with the provider's own signature, then all are taken up."""
        for headers, body in messages:
            at = f"/hooks/github/{self.endpoint.pk}/"
            named = headers | {"X-GitHub-Delivery": f"{headers['X-GitHub-Delivery']}-{next(_numbers)}"}
            answer = Browser().post(at, body, "application/json", headers=named)
            assert answer.status_code == 202, answer.content
        inbox.drain()
