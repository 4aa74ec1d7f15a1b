"""Write the folder of an invented organisation: seeded, so the same arguments give the same bytes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import IO, Any

from tformance.sandbox import copilot_use, delivery, membership, truth
from tformance.sandbox.dataset import KINDS, VERSION
from tformance.sandbox.identities import AGENTS
from tformance.sandbox.jira import founding, world
from tformance.sandbox.jira.backlog import Backlog
from tformance.sandbox.jira.telling import Teller
from tformance.sandbox.organisation import DAY, OWNER, Home, Organisation, Person, found
from tformance.sandbox.plot import ASSIST_EFFECT, Plot
from tformance.sandbox.story import Ids, Row, Story, iso

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_QUIRKS = {5: "overflow", 9: "truncated", 13: "revert"}  # by place among 500
_ENORMOUS = 417  # by place among 5,000


class Sink:
    """The open files of a dataset folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.files: dict[str, IO[str]] = {kind: (folder / f"{kind}.jsonl").open("w") for kind in (*KINDS, *world.KINDS)}

    def put(self, kind: str, row: Row) -> None:
        self.files[kind].write(_encode(row) + "\n")

    def close(self) -> None:
        for file in self.files.values():
            file.close()


def write(
    folder: Path,
    prs: int = 6000,
    people: int = 40,
    repositories: int = 12,
    months: int = 18,
    end: datetime | None = None,
    seed: int = 1,
    until: datetime | None = None,
    copilot_for_all: bool = False,
) -> dict[str, Any]:
    """Fill the folder and write `truth.json` beside the rows; returns the truth.

    With `until` the folder shows the same history as it looked at that earlier moment, with `copilot_for_all` everybody
    has a seat of Copilot and uses it.
    """
    last = int((end or datetime.now(UTC)).timestamp())
    rng = Random(seed)
    organisation = found(rng, people, repositories, last - int(months * 30.44 * DAY), last)
    moment = int(until.timestamp()) if until else last
    sink, plot = Sink(folder), Plot(rng, Ids(), organisation)
    chance = Random(f"jira {seed}")  # a stream of its own: the pull requests do not depend on it
    backlog = Backlog(founding.found(chance, organisation), chance, organisation)
    try:
        _write_accounts(sink, organisation)
        _write_pulls(sink, plot, prs, moment, backlog)
        for kind, row in Teller(backlog.site, organisation, backlog.tasks, seed).rows(moment):
            sink.put(kind, row)
        for home in organisation.homes:
            _write_repository(sink, home, plot, moment)
        _write_organisation(sink, organisation, moment, everyone=copilot_for_all)
    finally:
        sink.close()
    planted = {"assist_effect_on_ready_to_merge": ASSIST_EFFECT, "seed": seed, "end": iso(moment)}
    (folder / "dataset.json").write_text(json.dumps({"version": VERSION, "made_by": "tformance", **planted}) + "\n")
    return truth.write(folder, planted)


def _write_accounts(sink: Sink, organisation: Organisation) -> None:
    for person in (*organisation.people, *organisation.outsiders):
        if not person.deleted:
            sink.put("users", _user(person.login, "User", person.id, person.database_id, person.name, person.email))
    for login, number in organisation.bots.items():
        sink.put("users", _user(login, "Bot", f"BOT_kgDO{number:08d}", number, None, None))
    sink.put("users", _user(OWNER, "Organization", "O_kgDO000001", 700_001, "Meridian Works", None))


def _user(login: str, kind: str, key: str, number: int, name: str | None, email: str | None) -> Row:
    return {"id": key, "database_id": number, "login": login, "type": kind, "name": name, "email": email}


def _write_pulls(sink: Sink, plot: Plot, count: int, moment: int, backlog: Backlog) -> None:
    organisation = plot.organisation
    for place, opened in enumerate(_openings(plot.rng, organisation, count)):
        story = _story(plot, opened, "enormous" if place % 5000 == _ENORMOUS else _QUIRKS.get(place % 500, ""))
        if story.opened > organisation.end:
            story = plot.automation(story.home, "dependabot", opened)
        backlog.mention(story)
        reached = story.merged is not None and story.pull["base_ref_name"] == "main"
        if story.merged is not None and reached and story.merged <= organisation.end:
            story.home.merged.append(
                (story.merged, story.pull["merge_commit_oid"], story.pull["number"], story.pull["title"])
            )
        for kind, row in story.finish(moment) if story.opened <= moment else ():
            sink.put(kind, row)


def _openings(rng: Random, organisation: Organisation, count: int) -> list[int]:
    """Moments of opening, rising over time, mostly on working days."""
    span = organisation.end - organisation.start
    moments = (organisation.start + int(span * (rng.random() ** 0.8)) for _ in range(count))
    return sorted(min(organisation.end - 60, moment) for moment in moments)


def _story(plot: Plot, opened: int, quirk: str) -> Story:
    rng, organisation = plot.rng, plot.organisation
    home = rng.choices(organisation.homes, [each.weight for each in organisation.homes])[0]
    grown = (opened - organisation.start) / (organisation.end - organisation.start)
    draw = rng.random()
    if draw < 0.12 and not quirk:
        return plot.automation(
            home, rng.choice(("dependabot", "dependabot", "renovate", "github-actions", "pre-commit-ci")), opened
        )
    if draw < 0.12 + 0.10 * grown and not quirk:
        return plot.agent(home, rng.choice(("copilot-swe-agent", "copilot-swe-agent", *AGENTS)), opened)
    if draw > 0.97:
        return plot.human(home, rng.choice(organisation.outsiders), opened, quirk)
    return plot.human(home, _author(rng, home, organisation, opened), opened, quirk)


def _author(rng: Random, home: Home, organisation: Organisation, at: int) -> Person:
    here = (
        [p for p in home.team if p.present(at)]
        or [p for p in organisation.people if p.present(at)]
        or organisation.people
    )
    return rng.choices(here, [p.activity for p in here])[0]


def _write_repository(sink: Sink, home: Home, plot: Plot, moment: int) -> None:
    home.merged.sort(key=lambda each: (each[0], each[2]))
    pushed = max((at for at, _, _, _ in home.merged if at <= moment), default=home.created)
    repository = {
        "id": home.id,
        "database_id": home.database_id,
        "name_with_owner": home.name,
        "previous_names": list(home.previous),
        "is_private": home.private,
        "default_branch": "main",
        "primary_language": home.language,
        "created_at": iso(home.created),
        "updated_at": iso(pushed),
        "pushed_at": iso(pushed),
    }
    sink.put("repositories", repository)
    for kind, rows in (("deployments", delivery.deployments(home, plot)), ("releases", delivery.releases(home, plot))):
        for row in rows:
            if (shown := delivery.at(kind, row, iso(moment))) is not None:
                sink.put(kind, shown)
    for row in delivery.issues(home, moment):
        sink.put("issues", row)


def _write_organisation(sink: Sink, organisation: Organisation, moment: int, *, everyone: bool) -> None:
    for row in membership.members(organisation, moment):
        sink.put("members", row)
    for row in membership.teams(organisation, moment):
        sink.put("teams", row)
    seats, usage = copilot_use.rows(organisation, moment, everyone=everyone)
    for kind, rows in (("copilot_seats", seats), ("copilot_usage", usage)):
        for row in rows:
            sink.put(kind, row)
