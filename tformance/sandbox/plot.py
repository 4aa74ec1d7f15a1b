"""What happens to one pull request: who writes, who reviews, what goes wrong, how it ends."""

from dataclasses import dataclass
from random import Random

from tformance.sandbox import branching, content
from tformance.sandbox.identities import AGENTS, ASSIST, FOOTERS, NOT_AI, Mark
from tformance.sandbox.organisation import HOUR, Home, Merged, Organisation, Person
from tformance.sandbox.story import Ids, Row, Story, iso, later, signature

ASSIST_EFFECT = 0.6  # planted: ready-to-merge times of assisted pull requests are multiplied by this
_FOOTER = next(iter(FOOTERS))
_TOOL_FOOTERS = {tool: line for line, tool in FOOTERS.items()}


@dataclass
class Plot:
    """Hands out stories; `quirk` forces one of the rare shapes."""

    rng: Random
    ids: Ids
    organisation: Organisation

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def human(self, home: Home, author: Person, opened: int, quirk: str = "") -> Story:
        """A pull request of a person, with or without an AI tool at hand."""
        story = Story(self.rng, self.ids, home, author.shown, author.at_work(opened))
        assisted = author.adopted is not None and story.opened > author.adopted and self.chance(0.65)
        past = [each for each in home.merged[-40:] if each[0] < story.opened]
        kind = self._kind(past, quirk)
        words = self._revert(home, past) if kind == "revert" else self._words(kind, author, assisted)
        title, body, branch, more = branching.drawn(self.rng, home, words, story.opened, plain=not kind and not quirk)
        story.begin(title, body, branch, **self._settings(home, author, kind, quirk) | more)
        tool = author.tool if assisted else None
        size = content.lines(self.rng, 1.25 if assisted else 1.0)
        self._write(story, author, tool, size, quirk)
        pace = home.pace * author.pace * (ASSIST_EFFECT if assisted else 1.0)
        self._live(story, author, signature(author), pace, quirk)
        branching.settled(story)
        return story

    def agent(self, home: Home, login: str, opened: int) -> Story:
        """A pull request an AI agent opened, reviewed by people."""
        mark = AGENTS[login]
        story = Story(self.rng, self.ids, home, login, opened)
        title = content.title(self.rng)
        story.begin(title, content.body(self.rng), f"{login.split('-')[0]}/{content.slug(title)}")
        who: Row = {"author_name": mark.name, "author_email": mark.email, "author": None}
        for place in range(self.rng.randint(1, 3)):
            story.commit(opened - 600 + place * 240, who, f"{content.title(self.rng)}\n", parents=[])
        self._files(story, content.lines(self.rng, 0.8), self.rng.randint(1, 5))
        asker = self.rng.choice(home.team)
        story.event("ReviewRequestedEvent", opened + 30, login, requested_reviewer=asker.shown)
        self._live(story, asker, who, home.pace * 1.3, "")
        return story

    def automation(self, home: Home, login: str, opened: int) -> Story:
        """A dependency or CI bot; mostly merged quickly, at times by the bot itself."""
        story = Story(self.rng, self.ids, home, login, opened)
        title = content.bump(self.rng)
        story.begin(title, "Bumps a dependency.\n", f"{login}/bump-{opened % 9973}", labels=["dependencies"])
        email = f"49699333+{login}[bot]@users.noreply.github.com"
        story.commit(opened - 5, {"author_name": f"{login}[bot]", "author_email": email, "author": None}, f"{title}\n")
        story.add("files", opened, content.changed("package-lock.json", 9, 9, self.rng))
        self._checks(story, opened + 20, failing=self.chance(0.1))
        person = self.rng.choice(home.team)
        at = person.at_work(later(self.rng, opened, 20))
        if self.chance(0.15):
            story.close(at, login)
            return story
        if self.chance(0.6):
            story.review(at - 60, person.shown, "APPROVED")
        self._merge(story, at, person.shown if self.chance(0.7) else login)
        return story

    def _kind(self, past: list[Merged], quirk: str) -> str:
        share = 0.015 + (0.008 if _reverts(past) else 0)
        if past and (quirk == "revert" or self.chance(share)):
            return "revert"
        return "hotfix" if self.chance(0.03) else ""

    def _words(self, kind: str, author: Person, assisted: bool) -> tuple[str, str, str]:
        title, body = content.title(self.rng), content.body(self.rng)
        branch = f"{author.login.split('-')[0]}/{content.slug(title)}"
        if self.chance(0.02):
            branch = f"{self.rng.choice(('claude', 'cursor', 'codex'))}/{content.slug(title)}"
        if self.chance(0.01):
            title, branch = "Revert to the former defaults", "revert-2024-config"  # reverts nothing
        if kind == "hotfix":
            title, branch = f"Hotfix: {title}", f"hotfix/{content.slug(title)}"
        if assisted and author.tool in _TOOL_FOOTERS and self.chance(author.marks * 0.6):
            body += f"\n{_TOOL_FOOTERS[author.tool]}\n"
        elif self.chance(0.015):
            body += self.rng.choice((f"\n> {_FOOTER}\n", f"\n```\n{_FOOTER}\n```\n", content.BOT_SUMMARY))
        return title, body, branch

    def _revert(self, home: Home, past: list[Merged]) -> tuple[str, str, str]:
        """By the provider's button or by hand; at times of a revert, which lands the change again."""
        reverts = _reverts(past)
        _, oid, number, title = self.rng.choice(reverts if reverts and self.chance(0.5) else past)
        if self.chance(0.25):
            return f'Revert "{title}"', f"This reverts commit {oid}.\n", f"undo/{content.slug(title)}"
        body = f"Reverts {home.name}#{number}\n\n> {_FOOTER}\n"
        return f'Revert "{title}"', body, f"revert-{number}-{content.slug(title)}"

    def _settings(self, home: Home, author: Person, kind: str, quirk: str) -> Row:
        labels = ["hotfix"] if kind == "hotfix" and self.chance(0.6) else []
        labels += [name for name, share in (("bug", 0.15), ("enhancement", 0.15), ("docs", 0.03)) if self.chance(share)]
        labels += [f"area {number:02d}" for number in range(30)] if quirk == "overflow" else []
        numbers = self.rng.sample(home.issues[-40:], min(len(home.issues), self.rng.choice((1, 1, 1, 2))))
        issues = [f"{home.name}#{number}" for number in numbers] if self.chance(0.2) else []
        return {
            "labels": labels,
            "closing_issues": issues,
            "is_cross_repository": author.outside,
            "opened_draft": self.chance(home.drafts),
            "assignees": [author.login] if self.chance(0.2) and not author.deleted else [],
            "milestone": "Q3" if self.chance(0.03) else None,
        }

    def _write(self, story: Story, author: Person, tool: str | None, lines: int, quirk: str) -> None:
        """Commits before opening and the files."""
        count = 70 if quirk == "overflow" else 260 if quirk == "truncated" else self._few(2.4, 30)
        start = story.opened - later(self.rng, 0, 5 * author.pace)
        span = max(60, story.opened - start)
        for place in range(count):
            at = start + int(span * place / count) + self.rng.randrange(60)
            story.commit(min(at, story.opened), signature(author), self._message(author, tool), self._clock(author, at))
        if quirk == "truncated":
            story.pull["commits_total"] = count + self.rng.randint(5, 90)
        self._files(story, lines, {"overflow": 140, "enormous": 3000}.get(quirk) or self._few(3.6, 60))
        if quirk == "enormous":
            story.pull["files_total"] = 3000 + self.rng.randint(5, 900)

    def _few(self, mean: float, most: int) -> int:
        return min(most, 1 + int(self.rng.expovariate(1 / (mean - 1 + 1e-9)) + 0.3))

    def _clock(self, author: Person, at: int) -> int:
        """Authored time; some clocks are wrong in either direction."""
        if author.bad_clock and self.chance(0.3):
            return at + self.rng.choice((-400, -3, 2, 9)) * 24 * HOUR
        return at - (self.rng.randrange(0, 6 * HOUR) if self.chance(0.1) else 0)

    def _message(self, author: Person, tool: str | None) -> str:
        text = content.title(self.rng)
        if tool and self.chance(author.marks * 0.6):
            marks = [mark for mark in ASSIST if mark.tool == tool]
            return f"{text}\n\n{self.rng.choice(content.REASONS[:4])}\n\n{self.rng.choice(marks).trailer}\n"
        if self.chance(0.03):
            return f"{text}\n\n{self._not_ai()}\n"
        return f"{text}\n"

    def _not_ai(self) -> str:
        """Trailers that are no AI assistance: review bots, people, quoted trailers."""
        if self.chance(0.3):
            return f"{ASSIST[0].trailer}\n\nThe trailer above is quoted from another commit."
        other = self.rng.choice(self.organisation.people)
        return self.rng.choice((*NOT_AI, Mark("", other.name, other.email))).trailer

    def _files(self, story: Story, lines: int, count: int) -> None:
        for row in content.files(self.rng, story.home.language, lines, count):
            story.add("files", story.opened, row)
        if self.chance(0.3) and (commits := [row for _, kind, row in story.rows if kind == "commits"]):
            commits[-1]["additions"], commits[-1]["deletions"] = lines, lines // 3

    def _live(self, story: Story, author: Person, who: Row, pace: float, quirk: str) -> None:
        """From opening to the end: drafts, bots, reviews, pushes, merge or not."""
        self._checks(story, story.opened + 30, failing=self.chance(0.12))
        self._bots(story)
        ready = self._draft(story, author, pace)
        reviewers = self._reviewers(story.home, author, ready)
        fate = self.rng.random()
        if fate < 0.02 and not quirk:
            return  # left open for ever
        if not reviewers or (self.chance(story.home.unreviewed) and not quirk):
            done = author.at_work(later(self.rng, ready, 2 * pace))
        else:
            done = self._reviewed(story, author, who, reviewers, ready, pace, quirk)
        self._oddities(story, author, done)
        if fate > 0.93 and not quirk:
            self._abandon(story, author, done)
            return
        merger = author if self.chance(0.75) or not reviewers else reviewers[0]
        self._merge(story, merger.at_work(later(self.rng, done, 0.7 * pace)), merger.shown)
        self._afterwards(story, reviewers)

    def _draft(self, story: Story, author: Person, pace: float) -> int:
        """The moment the pull request is ready; some toggle more than once."""
        if not story.pull.get("opened_draft"):
            return story.opened
        at = author.at_work(later(self.rng, story.opened, 9 * pace))
        story.event("ReadyForReviewEvent", at, author.shown)
        while self.chance(0.2):
            back = later(self.rng, at, 2)
            story.event("ConvertToDraftEvent", back, author.shown)
            at = author.at_work(later(self.rng, back, 6))
            story.event("ReadyForReviewEvent", at, author.shown)
        return at

    def _bots(self, story: Story) -> None:
        bot = story.home.reviewer_bot
        if bot and self.chance(0.7):
            at = story.opened + self.rng.randint(90, 600)
            review = story.review(at, bot, "COMMENTED", "Reviewed the changed files.")
            if self.chance(0.4):
                resolved = later(self.rng, at, 10) if self.chance(0.6) else None
                story.thread(at, review, [(at, bot, self.rng.choice(content.REMARKS))], resolved)
        if self.chance(0.2):
            story.comment(story.opened + 700, "codecov", "Coverage stays at 84 %.")

    def _reviewers(self, home: Home, author: Person, at: int) -> list[Person]:
        here = [p for p in home.team if p is not author and p.present(at)]
        count = min(len(here), self.rng.choice((1, 1, 1, 2, 2, 3)))
        return list(dict.fromkeys(self.rng.choices(here, [p.reviews for p in here], k=count))) if here else []

    def _reviewed(
        self, story: Story, author: Person, who: Row, reviewers: list[Person], ready: int, pace: float, quirk: str
    ) -> int:
        """Rounds of review; the answer is the moment of the last review."""
        self._ask(story, author, reviewers, ready)
        early = ready > story.opened and self.chance(0.15)
        at = story.opened if early else ready
        last = at
        for place, reviewer in enumerate(reviewers):
            moment = reviewer.at_work(later(self.rng, at, 3.5 * pace * reviewer.pace, 1.3))
            last = max(last, self._decide(story, author, who, reviewer, moment, pace, firm=place == 0))
        for number in range(110 if quirk == "overflow" else 0):
            reviewer = reviewers[number % len(reviewers)]
            story.review(last + number * 61, reviewer.shown, "COMMENTED", f"Note {number + 1}")
            story.comment(last + number * 61 + 9, author.shown, f"Answer {number + 1}")
        return max(last, ready)

    def _ask(self, story: Story, author: Person, reviewers: list[Person], at: int) -> None:
        for reviewer in reviewers:
            if self.chance(0.6):
                story.event("ReviewRequestedEvent", at + 5, author.shown, requested_reviewer=reviewer.shown)
        if self.chance(0.05):
            story.event("ReviewRequestedEvent", at + 6, author.shown, requested_reviewer="team:maintainers")
            story.event("ReviewRequestRemovedEvent", at + 900, author.shown, requested_reviewer="team:maintainers")

    def _decide(
        self, story: Story, author: Person, who: Row, reviewer: Person, at: int, pace: float, *, firm: bool
    ) -> int:
        """One reviewer's rounds until approval, or a comment only; answers the moment of the last word."""
        for _ in range(4):
            if not self.chance(0.3):
                break
            state = "CHANGES_REQUESTED" if self.chance(0.6) else "COMMENTED"
            review = story.review(at, reviewer.shown, state, self.rng.choice(content.REVIEW_BODIES))
            answered = author.at_work(later(self.rng, at, 3 * pace))
            self._talk(story, author, reviewer, review, at, answered)
            self._push(story, author, who, answered)
            if state == "CHANGES_REQUESTED" and self.chance(0.05):
                story.dismiss(review, answered + 90, author.shown)
            at = reviewer.at_work(later(self.rng, answered, 2 * pace))
        state = "APPROVED" if firm or self.chance(0.6) else "COMMENTED"
        review = story.review(at, reviewer.shown, state, self.rng.choice(content.REVIEW_BODIES))
        if state == "APPROVED" and self.chance(0.02):
            story.dismiss(review, at + 1800, author.shown)
        elif state == "APPROVED" and self.chance(0.04):  # on second thoughts
            at = reviewer.at_work(later(self.rng, at, 2 * pace))
            story.review(at, reviewer.shown, "CHANGES_REQUESTED", self.rng.choice(content.REVIEW_BODIES))
        return at

    def _talk(self, story: Story, author: Person, reviewer: Person, review: Row, at: int, answered: int) -> None:
        for _ in range(self.rng.randint(0, 3)):
            remarks = [(at, reviewer.shown, self.rng.choice(content.REMARKS))]
            if self.chance(0.6):
                remarks.append((answered - 30, author.shown, self.rng.choice(content.REMARKS)))
            story.thread(at, review, remarks, answered if self.chance(0.75) else None)

    def _push(self, story: Story, author: Person, who: Row, at: int) -> None:
        before = story.head
        if self.chance(0.12):
            message = f"Merge branch 'main' into {story.pull['head_ref_name']}"
            story.commit(at - 60, who, message, parents=[before, story.oid()])
        commit = story.commit(at, who, self.rng.choice(("Address review", "Fix test", "Rename as asked")) + "\n")
        if self.chance(0.25):
            if self.chance(0.3):  # written long ago, on another branch
                commit["committed_date"] = commit["authored_date"] = iso(at - 3 * 24 * HOUR)
            story.force_push(at, author.shown, before, dropped=self.chance(0.4))
        self._checks(story, at + 30, failing=self.chance(0.08))

    def _checks(self, story: Story, at: int, *, failing: bool) -> None:
        """Checks of the present head; a failing one is repeated and passes on the same commit."""
        chosen = content.CHECKS[: self.rng.choice((2, 2, 3))]
        for place, (name, workflow) in enumerate(chosen):
            seconds = int(self.rng.lognormvariate(5, 0.6))
            if failing and place == 0:
                outcome = self.rng.choice(("FAILURE", "FAILURE", "TIMED_OUT", "CANCELLED"))
                story.check(at, seconds, name, workflow, outcome)
                at += seconds + 60
            self._slow(story.check(at, seconds, name, workflow, "SKIPPED" if self.chance(0.03) else "SUCCESS"), at)
        if story.home.statuses:
            story.status(at + 90, "deploy/preview", "SUCCESS" if self.chance(0.95) else "FAILURE")

    def _slow(self, run: Row, at: int) -> None:
        """Some checks end long after, when the pull request may be merged; few never do."""
        draw = self.rng.random()
        if run["conclusion"] == "SUCCESS" and draw < 0.01:
            run["completed_at"] = iso(at + self.rng.randint(6, 40) * HOUR)
        elif run["conclusion"] == "SUCCESS" and draw < 0.014:
            run.update(status="IN_PROGRESS", conclusion=None, completed_at=None)

    def _oddities(self, story: Story, author: Person, at: int) -> None:
        """Things that happen now and then and trip naive counting."""
        who, opened = author.shown, story.opened
        if self.chance(0.05):
            story.review(opened + 300, who, "COMMENTED", "A note for reviewers.")
        if self.chance(0.01):
            story.review(at - 120, self.rng.choice(story.home.team).shown, "PENDING", "Not sent yet")
        if self.chance(0.01):
            story.close(at + 10, who)
            story.reopen(at + 40, who)
        if self.chance(0.01):
            story.event("BaseRefChangedEvent", opened + 60, who, previous_ref_name="develop", current_ref_name="main")
        if self.chance(0.02):
            titles = {"previous_title": "WIP", "current_title": story.pull["title"]}
            story.event("RenamedTitleEvent", opened + 120, who, **titles)
        for _ in range(self.rng.choice((0, 0, 0, 1, 1, 2))):
            story.comment(opened + self.rng.randint(300, max(600, at - opened + 600)), who, "Rebased, ready again.")

    def _abandon(self, story: Story, author: Person, at: int) -> None:
        closed = later(self.rng, at, 60)
        story.comment(closed - 5, author.shown, "Closing, this is solved elsewhere.")
        story.close(closed, author.shown)

    def _merge(self, story: Story, at: int, by: str | None) -> None:
        if story.home.queue:
            story.event("AddedToMergeQueueEvent", at, by)
            if self.chance(0.05):
                story.event("RemovedFromMergeQueueEvent", at + 200, by, reason="FAILED_CHECKS")
                story.event("AddedToMergeQueueEvent", at + 250, by)
            at, by = at + self.rng.randint(240, 2400), "github-merge-queue"
        elif self.chance(0.1):
            enabled = max(story.opened, at - 300)
            story.event("AutoMergeEnabledEvent", enabled, by)
            story.pull["auto_merge_enabled_at"] = iso(enabled)
        story.merge(at, by)

    def _afterwards(self, story: Story, reviewers: list[Person]) -> None:
        if story.merged and reviewers and self.chance(0.02):
            late = self.rng.choice([person for person in story.home.team if person.shown != story.author] or reviewers)
            said = self.rng.choice(("COMMENTED", "APPROVED"))
            story.review(story.merged + 3600, late.shown, said, "Late, but fine.")
        held = [row for _, kind, row in story.rows if kind == "reviews" and row["state"] == "APPROVED"]
        if story.merged and held and self.chance(0.01):
            story.dismiss(held[-1], story.merged + 7200, story.author)
        if story.merged and self.chance(0.5):
            story.event("HeadRefDeletedEvent", story.merged + 30, story.author)


def _reverts(merged: list[Merged]) -> list[Merged]:
    return [each for each in merged if each[3].startswith('Revert "')]
