"""Deployments, releases and closed issues of an invented repository."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tformance.sandbox import content
from tformance.sandbox.organisation import DAY, HOUR, Home
from tformance.sandbox.plot import Plot
from tformance.sandbox.story import Row, iso

_FAILED, _AGAIN, _PARTIAL, _BACK, _FOREIGN, _CANCELLED = 0.05, 0.6, 0.03, 0.02, 0.015, 0.02
_SECOND_PLACE = "production-eu"


@dataclass
class Ship:
    """One repository's way out: what ran in production so far, newest last."""

    home: Home
    plot: Plot
    ran: list[str]

    def out(self, oid: str, at: int) -> Iterator[Row]:
        """Staging first, then production, in some repositories in two places at once."""
        yield from self.to("staging", oid, at)
        yield from self.to("production", oid, at + 1500)
        if self.home.database_id % 2:
            yield from self.to(_SECOND_PLACE, oid, at + 1700)

    def to(self, environment: str, oid: str, at: int) -> Iterator[Row]:
        """A failed attempt is mostly made again; a success may be told of in two parts."""
        plot = self.plot
        if plot.chance(_CANCELLED):
            yield self.deployment(environment, oid, at - 400, ["QUEUED", "INACTIVE"])
        failed = plot.chance(_FAILED)
        if failed:
            yield self.deployment(
                environment, oid, at, ["QUEUED", "IN_PROGRESS", plot.rng.choice(("FAILURE", "ERROR"))]
            )
        if not failed or plot.chance(_AGAIN):
            at += 900 if failed else 0
            yield self.deployment(environment, oid, at, ["QUEUED", "IN_PROGRESS", "SUCCESS"])
            if plot.chance(_PARTIAL):
                yield self.deployment(environment, oid, at + 240, ["IN_PROGRESS", "SUCCESS"])

    def deployment(self, environment: str, oid: str, at: int, states: list[str]) -> Row:
        key = self.plot.ids.next("deployments")
        if states[-1] == "SUCCESS" and self.plot.chance(0.8):
            states = [*states, "INACTIVE"]  # the next one took its place
        stamps = [at + place * 120 for place in range(len(states))]
        if states[-2:] == ["SUCCESS", "INACTIVE"]:
            stamps[-1] = stamps[-2] + self.plot.rng.randint(1, 40) * HOUR
        steps = [
            {"id": f"{key['id']}_{place}", "state": state, "created_at": iso(stamp), "creator": "github-actions"}
            for place, (state, stamp) in enumerate(zip(states, stamps, strict=True))
        ]
        what = {"environment": environment, "ref": "main", "task": "deploy", "commit_oid": oid}
        own = {"creator": "github-actions", "created_at": iso(at), "statuses": steps}
        return {**key, "repository_id": self.home.id, **what, **own}


def deployments(home: Home, plot: Plot) -> Iterator[Row]:
    """As often as the repository's custom says; some fail, few go back or ship a commit nobody knows."""
    if home.deploys == "none" or not home.merged:
        return
    stamps = [entry[0] for entry in home.merged]
    ship = Ship(home, plot, [])
    for moment in _moments(home, plot, stamps):
        place = bisect_left(stamps, moment) - 1
        oid = home.merged[place][1] if place >= 0 else ""
        if not oid or oid in ship.ran[-1:]:
            continue
        yield from ship.out(oid, moment)
        ship.ran.append(oid)
        if len(ship.ran) > 1 and plot.chance(_BACK):
            yield from ship.out(ship.ran[-2], moment + 2 * HOUR)
            ship.ran.append(ship.ran[-2])
        elif plot.chance(_FOREIGN):
            yield from ship.out(f"{plot.rng.getrandbits(160):040x}", moment + 3 * HOUR)


def _moments(home: Home, plot: Plot, stamps: list[int]) -> Iterator[int]:
    if home.deploys == "continuous":
        yield from (stamp + plot.rng.randint(300, 1500) for stamp in stamps)
        return
    step = DAY if home.deploys == "daily" else 7 * DAY
    yield from range(stamps[0] // DAY * DAY + 14 * HOUR, plot.organisation.end, step)


def releases(home: Home, plot: Plot) -> Iterator[Row]:
    """One release in thirty merges: one in five is a candidate, one in nine stays a draft."""
    for number, (moment, oid, _, _) in enumerate(home.merged[29::30]):
        tag = f"v1.{number}.0" + ("-rc.1" if number % 5 == 4 else "")
        draft = number % 9 == 8
        yield {
            **plot.ids.next("releases"),
            "repository_id": home.id,
            "tag_name": tag,
            "name": f"{tag} {content.title(plot.rng)}",
            "is_prerelease": number % 5 == 4,
            "is_draft": draft,
            "commit_oid": None if draft else oid,
            "author": home.team[0].shown,
            "created_at": iso(moment + 60),
            "published_at": None if draft else iso(moment + 120),
        }


def at(kind: str, row: Row, moment: str) -> Row | None:
    """The row as it looked at that moment; None before it was there."""
    if row["created_at"] > moment or (kind == "releases" and (row["published_at"] or "") > moment):
        return None
    if kind == "releases":
        return row
    steps = [step for step in row["statuses"] if step["created_at"] <= moment]
    last = steps[-1]["state"] if steps else "PENDING"
    stamp = steps[-1]["created_at"] if steps else row["created_at"]
    return row | {"statuses": steps, "state": "ACTIVE" if last == "SUCCESS" else last, "updated_at": stamp}


def issues(home: Home, moment: int) -> Iterator[Row]:
    """The issues that pull requests close."""
    for number, (opened, merged) in sorted(home.closed.items()):
        if opened <= moment:
            closed = merged if merged is not None and merged <= moment else None
            yield {
                "id": f"I_kwDO{home.database_id % 1_000_003:06d}{number:06d}",
                "database_id": home.database_id * 10_000 + number,
                "repository_id": home.id,
                "number": number,
                "title": f"Issue {number}: it does not work as described",
                "state": "OPEN" if closed is None else "CLOSED",
                "created_at": iso(opened),
                "updated_at": iso(closed or opened),
                "closed_at": iso(closed) if closed else None,
            }
