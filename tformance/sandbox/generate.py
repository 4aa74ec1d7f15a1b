"""Write the folder of an invented organisation: seeded, so the same arguments give the same bytes."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import IO, Any

from tformance.sandbox import content, truth
from tformance.sandbox.dataset import KINDS, VERSION
from tformance.sandbox.identities import AGENTS
from tformance.sandbox.organisation import DAY, HOUR, OWNER, Home, Organisation, Person, found
from tformance.sandbox.plot import ASSIST_EFFECT, Plot
from tformance.sandbox.story import Ids, Row, Story, iso

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_QUIRKS = {5: "overflow", 9: "truncated", 13: "revert"}


class Sink:
    """The open files of a dataset folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.files: dict[str, IO[str]] = {kind: (folder / f"{kind}.jsonl").open("w") for kind in KINDS}

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
) -> dict[str, Any]:
    """Fill the folder and write `truth.json` beside the rows; returns the truth.

    With `until` the folder shows the same history as it looked at that earlier moment.
    """
    last = int((end or datetime.now(UTC)).timestamp())
    rng = Random(seed)
    organisation = found(rng, people, repositories, last - int(months * 30.44 * DAY), last)
    moment = int(until.timestamp()) if until else last
    sink, plot = Sink(folder), Plot(rng, Ids(), organisation)
    try:
        _write_accounts(sink, organisation)
        _write_pulls(sink, plot, prs, moment)
        for home in organisation.homes:
            _write_repository(sink, home, plot, moment)
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


def _write_pulls(sink: Sink, plot: Plot, count: int, moment: int) -> None:
    organisation = plot.organisation
    for place, opened in enumerate(_openings(plot.rng, organisation, count)):
        story = _story(plot, opened, _QUIRKS.get(place % 500, ""))
        if story.opened > organisation.end:
            story = plot.automation(story.home, "dependabot", opened)
        if story.merged is not None and story.merged <= organisation.end:
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
    home.merged.sort()
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
    for kind, rows in (("deployments", _deployments(home, plot)), ("releases", _releases(home, plot))):
        for row in rows:
            if row["published_at" if kind == "releases" else "updated_at"] <= iso(moment):
                sink.put(kind, row)


def _deployments(home: Home, plot: Plot) -> Iterator[Row]:
    """Staging and production, as often as the repository's custom says; some fail, few roll back."""
    if home.deploys == "none" or not home.merged:
        return
    stamps = [entry[0] for entry in home.merged]
    previous: str | None = None
    for moment in _deploy_moments(home, plot, stamps):
        place = bisect_left(stamps, moment) - 1
        if place < 0:
            continue
        oid = home.merged[place][1]
        if previous and plot.chance(0.02):
            oid = previous
        for environment, delay in (("staging", 0), ("production", 1500)):
            yield _deployment(home, plot, environment, oid, moment + delay)
        previous = oid


def _deploy_moments(home: Home, plot: Plot, stamps: list[int]) -> Iterator[int]:
    if home.deploys == "continuous":
        yield from (stamp + plot.rng.randint(300, 1500) for stamp in stamps)
        return
    step = DAY if home.deploys == "daily" else 7 * DAY
    yield from range(stamps[0] // DAY * DAY + 14 * HOUR, plot.organisation.end, step)


def _deployment(home: Home, plot: Plot, environment: str, oid: str, at: int) -> Row:
    failed = plot.chance(0.05)
    states = ["QUEUED", "IN_PROGRESS", "FAILURE" if failed else "SUCCESS"]
    if not failed and environment == "staging":
        states.append("INACTIVE")
    key = plot.ids.next("deployments")
    steps = [
        {"id": f"{key['id']}_{n}", "state": state, "created_at": iso(at + n * 120), "creator": "github-actions"}
        for n, state in enumerate(states)
    ]
    return {
        **key,
        "repository_id": home.id,
        "environment": environment,
        "ref": "main",
        "task": "deploy",
        "commit_oid": oid,
        "state": "ACTIVE" if states[-1] == "SUCCESS" else states[-1],
        "creator": "github-actions",
        "created_at": iso(at),
        "updated_at": steps[-1]["created_at"],
        "statuses": steps,
    }


def _releases(home: Home, plot: Plot) -> Iterator[Row]:
    """One release in thirty merges."""
    for number, (at, oid, _, _) in enumerate(home.merged[29::30]):
        tag = f"v1.{number}.0" + ("-rc.1" if number % 5 == 4 else "")
        yield {
            **plot.ids.next("releases"),
            "repository_id": home.id,
            "tag_name": tag,
            "name": f"{tag} {content.title(plot.rng)}",
            "is_prerelease": number % 5 == 4,
            "is_draft": False,
            "commit_oid": oid,
            "author": home.team[0].shown,
            "created_at": iso(at + 60),
            "published_at": iso(at + 120),
        }
