"""Seats of Copilot in the invented organisation, and what people did with it day by day."""

from collections.abc import Iterator
from random import Random

from tformance.sandbox.membership import there
from tformance.sandbox.organisation import DAY, HOUR, OWNER, Organisation, Person
from tformance.sandbox.story import Row, iso

TOOL = "GitHub Copilot"
DAYS = 100  # how far back the reports go
_IDES = ("vscode", "vscode", "intellij", "neovim", "visualstudio")
_LANGUAGES = ("python", "typescript", "go", "kotlin", "rust")
_MODELS = ("auto", "claude-sonnet-5", "gpt-5", "gemini-3-pro")


def rows(organisation: Organisation, moment: int, *, everyone: bool) -> tuple[list[Row], list[Row]]:
    """Seats and days of use at `moment`.

    Adopters of Copilot have a seat from their adoption on and use it on most working days; so do some adopters of
    other tools. Every ninth person has a seat and never uses it; leavers keep theirs until it is cancelled.
    With `everyone` all people use it from their first day on.
    """
    seats, usage = [], []
    for place, person in enumerate(organisation.people):
        if everyone:
            person.adopted, person.tool = person.joined, TOOL
        held = _held(person, place, organisation.start)
        days = [] if _idle(place) and not everyone else list(_days(person, held, moment))
        if held is not None and held <= moment and not person.deleted:
            usage += days
            seats.append(_seat(person, held, days, moment, person.login in {each["login"] for each in days}))
    usage.sort(key=lambda row: (row["day"], row["login"]))
    return seats, usage


def _held(person: Person, place: int, start: int) -> int | None:
    """Since when the person has a seat."""
    if person.tool == TOOL and person.adopted is not None:
        return max(person.adopted, person.joined)
    if person.adopted is not None and place % 4 == 1:
        return max(person.adopted, person.joined)
    return max(start, person.joined) if _idle(place) else None


def _idle(place: int) -> bool:
    return place % 9 == 4


def _days(person: Person, held: int | None, moment: int) -> Iterator[Row]:
    """Days up to the one before `moment`, as GitHub reports them; on weekends few work."""
    share = 0.8 if person.tool == TOOL and person.adopted is not None else 0.3
    today = moment // DAY
    for day in range(today - DAYS, today):
        rng = Random(f"{person.id} {day}")  # whenever it is looked at, the day was the same
        draw = rng.random()
        weekend = (day + 3) % 7 >= 5
        if (
            held is None
            or person.adopted is None
            or not person.present(day * DAY)
            or day * DAY < max(held, person.adopted)
        ):
            continue
        if draw < share * (0.08 if weekend else 1.0):
            yield _day(person, rng, day)


def _day(person: Person, rng: Random, day: int) -> Row:
    asked, made = rng.randint(1, 40), rng.randint(5, 120)
    taken = int(made * rng.uniform(0.15, 0.5))
    cli = rng.random() < 0.15
    row: Row = {"organization": OWNER, "login": person.login, "day": iso(day * DAY)[:10]}
    row |= {
        "user_initiated_interaction_count": asked,
        "code_generation_activity_count": made,
        "code_acceptance_activity_count": taken,
        "loc_suggested_to_add_sum": made * rng.randint(2, 6),
        "loc_suggested_to_delete_sum": made // 3,
        "loc_added_sum": taken * rng.randint(2, 6),
        "loc_deleted_sum": taken // 2,
        "used_chat": rng.random() < 0.7,
        "used_agent": rng.random() < 0.4,
        "used_cli": cli,
        "used_copilot_code_review_active": rng.random() < 0.1,
        "used_copilot_code_review_passive": rng.random() < 0.2,
    }
    tokens = rng.randint(10_000, 900_000)
    spent = {"cli_sessions": asked // 8 + 1, "cli_requests": asked, "cli_prompts": asked, "cli_tokens": tokens}
    names = {"ide": rng.choice(_IDES), "language": rng.choice(_LANGUAGES), "model": rng.choice(_MODELS)}
    return row | names | (spent if cli else {})


def _seat(person: Person, held: int, days: list[Row], moment: int, used: bool) -> Row:
    """Someone who left has a seat until the end of the month; it is told so from the leaving on."""
    leaving = None if there(person, moment) or person.left is None else iso(person.left + 30 * DAY)[:10]
    last = f"{days[-1]['day']}T{15 + held % 5:02d}:10:00Z" if used else None
    return {
        "organization": OWNER,
        "login": person.login,
        "created_at": iso(held // HOUR * HOUR),
        "updated_at": iso(held // HOUR * HOUR),
        "pending_cancellation_date": leaving,
        "last_activity_at": last,
        "last_activity_editor": f"{days[-1]['ide']}/1.96.2/copilot/1.254.0" if used else None,
        "last_authenticated_at": last,
        "plan_type": "business",
        "assigning_team": "engineering" if used else None,
    }
