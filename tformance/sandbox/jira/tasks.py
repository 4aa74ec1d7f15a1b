"""The life of one invented issue: when it was made, planned, begun, estimated, finished, reopened, moved, deleted."""

from dataclasses import dataclass, field
from random import Random

from tformance.sandbox import content
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.founding import BUSY, DONE, NEW, REVIEW, Project, Site, Sprint
from tformance.sandbox.organisation import DAY, HOUR
from tformance.sandbox.story import later

_POINTS = (0.5, 1, 2, 3, 5, 8, 13)
_WEIGHTS = (2, 15, 25, 25, 18, 10, 5)


@dataclass(frozen=True)
class Work:
    """A pull request that names the issue."""

    opened: int
    ended: int | None
    is_merged: bool
    account: str | None


@dataclass(eq=False)
class Task:
    """`begun` are the columns at `made`; `steps` are (moment, account, columns that change then)."""

    id: int
    project: Project
    key: str
    kind: str
    made: int
    works: list[Work] = field(default_factory=list)
    begun: Row = field(default_factory=dict)
    steps: list[tuple[int, str | None, Row]] = field(default_factory=list)
    deleted: int | None = None
    parent: "Task | None" = None
    former: list[str] = field(default_factory=list)

    def step_at(self, moment: int) -> str:
        """How far the work was then."""
        past = [(at, columns["step"]) for at, _, columns in self.steps if "step" in columns and at < moment]
        return max(past)[1] if past else NEW


@dataclass
class Lives:
    """Writes lives; each from a stream of its own, so that one issue more changes no other."""

    site: Site
    seed: int
    end: int

    def live(self, task: Task, crew: list[str]) -> None:
        rng = Random(f"{self.seed} {task.key}")
        start, done = self._worked(rng, task)
        owner = next((work.account for work in task.works if work.account), None) or rng.choice(crew)
        reporter = rng.choice(self.site.managers) if rng.random() < 0.6 else rng.choice(crew)
        task.begun = {
            "summary": content.title(rng),
            "description": _description(rng),
            "reporter": reporter,
            "priority": rng.choices(("Highest", "High", "Medium", "Low"), (1, 3, 12, 4))[0],
            "labels": rng.sample(("customer", "debt", "later"), rng.choice((0, 0, 1, 2))),
            "step": NEW,
            "assignee": owner if rng.random() < 0.3 else None,
        }
        finish = None
        if start is not None:
            task.steps.append((start, owner, {"step": BUSY, "assignee": owner}))
            finish = self._finished(rng, task, owner, start, done, crew)
        if task.kind in ("epic", "subtask"):
            return  # neither is estimated or planned by itself
        self._estimate(rng, task, reporter, start or self.end)
        if start is not None:
            self._plan(rng, task, reporter, start, finish)
            self._odd(rng, task, start, finish)

    def _worked(self, rng: Random, task: Task) -> tuple[int | None, int | None]:
        """Begin and end of the work, as far as there was one; pull requests are opened while it lasts."""
        if not task.works:
            if rng.random() < 0.12:
                return None, None
            start = later(rng, task.made, 100)
            return start, None if rng.random() < 0.05 else later(rng, start, 60)
        first = min(work.opened for work in task.works)
        task.made = min(task.made, first - rng.randint(HOUR, 9 * DAY))
        start = max(task.made + 60, first - rng.randint(60, 30 * HOUR))
        if any(work.ended is None for work in task.works):
            return start, None
        ended = max(work.ended or 0 for work in task.works)
        left = not any(work.is_merged for work in task.works) and rng.random() < 0.5
        return start, None if left else later(rng, ended, 3)

    def _finished(
        self, rng: Random, task: Task, owner: str, start: int, done: int | None, crew: list[str]
    ) -> int | None:
        """Through review to done, some again after they were reopened; the last moment of done."""
        if done is None:
            return None
        if REVIEW in task.project.statuses and rng.random() < 0.8:
            task.steps.append((start + int((done - start) * (0.3 + 0.6 * rng.random())), owner, {"step": REVIEW}))
        if rng.random() < 0.1:
            task.steps.append((start + (done - start) // 2, owner, {"assignee": rng.choice(crew)}))
        closer = owner if rng.random() < 0.7 else rng.choice(self.site.managers)
        task.steps.append((done, closer, {"step": DONE}))
        if rng.random() < 0.07:
            again = later(rng, done, 40)
            task.steps.append((again, rng.choice(crew), {"step": BUSY}))
            done = later(rng, again, 20)
            task.steps.append((done, owner, {"step": DONE}))
        return done

    def _estimate(self, rng: Random, task: Task, by: str, before: int) -> None:
        """Some from the start, some at the planning, some changed their mind, some never."""
        if task.project.points is None or rng.random() < 0.1:
            return
        points = rng.choices(_POINTS, _WEIGHTS)[0]
        if rng.random() < 0.3:
            task.begun["points"] = points
        else:
            task.steps.append((task.made + max(30, int((before - task.made) * 0.4)), by, {"points": points}))
        if rng.random() < 0.12:
            at = before + rng.randint(HOUR, 4 * DAY)
            task.steps.append(
                (at, by, {"points": rng.choice([other for other in (*_POINTS, None) if other != points])})
            )

    def _plan(self, rng: Random, task: Task, by: str, start: int, finish: int | None) -> None:
        """Into the sprint in which it was begun, before that one started or after; onward while it is not done."""
        current = next((each for each in task.project.sprints if each.start <= start < each.end), None)
        if current is None or rng.random() < 0.08:
            return
        planned = current.start - rng.randint(HOUR, 2 * DAY)
        at = planned if rng.random() < 0.8 else start - 40
        inside = [current]
        task.steps.append((max(task.made + 20, at), by, {"sprints": tuple(inside)}))
        if rng.random() < 0.06:
            out = current.start + rng.randint(DAY, 9 * DAY)
            if finish is None or out < finish:
                task.steps.append((max(out, at + 60, task.made + 80), by, {"sprints": ()}))
                return
        self._carry(task, inside)

    def _carry(self, task: Task, inside: list[Sprint]) -> None:
        """What is not done at the end of a sprint, three times at most; sprints that are over stay in the field."""
        following = {one.id: other for one, other in zip(task.project.sprints, task.project.sprints[1:], strict=False)}
        for _ in range(3):
            last = inside[-1]
            if task.step_at(last.end) == DONE or last.id not in following:
                return
            inside.append(following[last.id])
            task.steps.append((last.end, self.site.robot, {"sprints": tuple(inside)}))

    def _odd(self, rng: Random, task: Task, start: int, finish: int | None) -> None:
        """Few are moved to another project after they were done, few deleted."""
        draw = rng.random()
        if finish is not None and draw < 0.03 and not any("sprints" in columns for _, _, columns in task.steps):
            self._move(rng, task, finish + rng.randint(DAY, 20 * DAY))
        elif finish is not None and 0.03 <= draw < 0.05:
            self._move(rng, task, finish + rng.randint(30 * DAY, 40 * DAY))
        elif 0.05 <= draw < 0.07:
            task.deleted = start + rng.randint(DAY, 60 * DAY)

    def _move(self, rng: Random, task: Task, at: int) -> None:
        if at > self.end:
            return
        goal = rng.choice([project for project in self.site.projects if project is not task.project])
        task.former.append(task.key)
        task.steps.append((at, rng.choice(self.site.managers), {"project": goal, "key": goal.next_key()}))


def _description(rng: Random) -> str | None:
    if rng.random() < 0.15:
        return None
    more = "\n\n- It is seen in the log\n- It is measured" if rng.random() < 0.3 else ""
    link = "\n\nSee https://wiki.meridian.example/page/42" if rng.random() < 0.2 else ""
    return f"{rng.choice(content.REASONS[:4])}{more}{link}"
