"""Which issue a pull request is about, and where it says so. Its own stream of chance: pull requests stay as they were."""

from dataclasses import dataclass, field
from random import Random

from tformance.sandbox.jira.founding import Project, Site
from tformance.sandbox.jira.tasks import Task, Work
from tformance.sandbox.organisation import DAY, Home, Organisation
from tformance.sandbox.story import Row, Story

FRIENDS = ("UTF-8", "SHA-256", "CVE-2024-1234", "ISO-8601", "GPT-4", "RFC-7231", "COVID-19")
_FIRST_ID = 10_500
_PLAIN_BRANCH = ("hotfix/", "revert-", "undo/", "backport-", "release/", "main")
_PLAIN_TITLE = ("Revert ", "Hotfix", "[1.x]", "Merge ")


@dataclass
class Backlog:
    """`share` of people's pull requests is about an issue and says so."""

    site: Site
    rng: Random
    organisation: Organisation
    share: float = 0.68
    tasks: list[Task] = field(default_factory=list)
    _epics: dict[int, list[Task]] = field(default_factory=dict)
    _recent: dict[int, list[tuple[int, Task]]] = field(default_factory=dict)

    def mention(self, story: Story) -> None:
        """Let the pull request name its issue, and make issues that nobody's pull request is about beside it."""
        rng, project = self.rng, self._project(story.home)
        self._others(project, story.opened)
        if rng.random() < 0.05:
            _befriend(rng, story)
        share = self.share / 10 if story.author in self.organisation.bots else self.share
        if rng.random() >= share:
            return
        task = self._task(project, story)
        keys = [task.key]
        if rng.random() < 0.07:
            keys.append(self._task(project, story).key)
        if rng.random() < 0.01:
            keys.append(f"{project.key}-{900_000 + rng.randrange(1000)}")  # mistyped: there is no such issue
        for key in dict.fromkeys(keys):
            _write(rng, story, key)

    def _project(self, home: Home) -> Project:
        if self.rng.random() < 0.05:
            return self.rng.choice(self.site.with_code)
        return self.site.of_repository(self.organisation.homes.index(home))

    def _task(self, project: Project, story: Story) -> Task:
        """One that was worked on lately, or a new one."""
        recent = [task for at, task in self._recent.get(project.id, [])[-30:] if story.opened - at < 10 * DAY]
        task = self.rng.choice(recent) if recent and self.rng.random() < 0.3 else self._made(project, story.opened)
        ended = story.merged if story.merged is not None else max((at for at, _ in story.closings), default=None)
        person = self.site.accounts.get(story.author or "")
        task.works.append(Work(story.opened, ended, story.merged is not None, person))
        self._recent.setdefault(project.id, []).append((story.opened, task))
        return task

    def _others(self, project: Project, at: int) -> None:
        while self.rng.random() < 0.35:
            task = self._made(project if self.rng.random() < 0.8 else self.rng.choice(self.site.projects), at)
            while task.kind != "subtask" and self.rng.random() < 0.1:
                below = self._made(task.project, at + 600)
                below.kind, below.parent = "subtask", task

    def _made(self, project: Project, at: int) -> Task:
        kind = "bug" if self.rng.random() < 0.25 else "story"
        task = Task(_FIRST_ID + len(self.tasks), project, project.next_key(), kind, at - self.rng.randint(0, 2 * DAY))
        if project.number % 25 == 1:
            task.kind = "epic"
            self.tasks.append(task)
            self._epics.setdefault(project.id, []).append(task)
            return self._made(project, at)
        epics = self._epics.get(project.id)
        task.parent = self.rng.choice(epics[-3:]) if epics and self.rng.random() < 0.5 else None
        self.tasks.append(task)
        return task


def _befriend(rng: Random, story: Story) -> None:
    """Something that looks like a key and is none."""
    friend = rng.choice(FRIENDS)
    if rng.random() < 0.5 and not story.pull["title"].startswith(_PLAIN_TITLE):
        _retitle(story, f"{story.pull['title']} ({friend})")
    else:
        story.pull["body"] += f"\nAs {friend} says.\n"


def _write(rng: Random, story: Story, key: str) -> None:
    """In the title, the branch, the body, a commit, or several of them."""
    places = [
        name
        for name, share in (("title", 0.45), ("branch", 0.5), ("body", 0.25), ("commit", 0.3))
        if rng.random() < share
    ]
    for place in places or [rng.choice(("branch", "body"))]:
        if place == "title" and not story.pull["title"].startswith(_PLAIN_TITLE):
            title = story.pull["title"]
            _retitle(story, rng.choice((f"{key} {title}", f"[{key}] {title}", f"{key}: {title}", f"{title} ({key})")))
        elif place == "branch" and not story.pull["head_ref_name"].startswith(_PLAIN_BRANCH):
            _rename(rng, story, key)
        elif place == "commit" and (commits := _written(story)):
            row = rng.choice(commits)
            row["message"] = f"{key} {row['message']}"
        else:
            story.pull["body"] += rng.choice(
                (f"\nTicket: {key}\n", f"\nhttps://meridian-works.atlassian.net/browse/{key}\n")
            )


def _written(story: Story) -> list[Row]:
    """Its commits but merges, whose words are git's own."""
    return [row for _, kind, row in story.rows if kind == "commits" and len(row["parents"]) < 2]


def _retitle(story: Story, title: str) -> None:
    old, story.pull["title"] = story.pull["title"], title
    for _, kind, row in story.rows:
        if kind == "timeline" and row.get("current_title") == old:
            row["current_title"] = title


def _rename(rng: Random, story: Story, key: str) -> None:
    """People write keys in branches in either case; what will be stacked on the branch knows its new name."""
    old = story.pull["head_ref_name"]
    folder, slash, name = old.rpartition("/")
    new = f"{folder}{slash}{key.lower() if rng.random() < 0.45 else key}-{name}"
    story.pull["head_ref_name"] = new
    own = (old, story.opened, story.merged)
    story.home.branches[:] = [(new, each[1], each[2]) if each == own else each for each in story.home.branches]
    for _, kind, row in story.rows:
        if kind == "commits" and row["message"].startswith("Merge branch "):
            row["message"] = row["message"].replace(old, new)
