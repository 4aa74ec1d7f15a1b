"""The invented organisation: people with habits and working hours, repositories with customs, and its bots."""

from dataclasses import dataclass, field
from random import Random

from tformance.sandbox.identities import AGENTS, AUTOMATION, REVIEW_BOTS

HOUR, DAY = 3600, 86400
OWNER = "meridian-works"
FIRST_NAMES = (
    "Maria Jonas Aisha Wei Lucas Priya Tomasz Elif Noah Hana Diego Ingrid Kwame Yuki Sofia Omar Chloe Ivan Leila Mateo "
    "Freya Arjun Zofia Rafael Amara Henrik Mina Pedro Nadia Sven Carmen Tariq Olga Bruno Keiko Emeka Lena Farid Anja Luis"
)  # fmt: skip
LAST_NAMES = (
    "Santos Becker Khan Zhang Moreau Nair Kowalski Demir Fischer Sato Vargas Lindqvist Mensah Tanaka Rossi Haddad Laurent "
    "Petrov Rahimi Ortiz Dahl Mehta Nowak Almeida Okafor Berg Farahani Costa Haas Nilsson Vega Aziz Ivanova Silva Mori "
    "Eze Hoffmann Saleh Keller Romero"
)
TRAPS = (
    ("abbott", "Bob Abbott"),
    ("botany-jane", "Jane Botany"),
    ("robotnik", "Milan Robotnik"),
    ("claude-paroz", "Claude Paroz"),
)
REPOSITORIES = (
    ("web-app", "TypeScript"),
    ("api", "Python"),
    ("billing", "Go"),
    ("mobile", "Kotlin"),
    ("platform", "Go"),
    ("data-pipeline", "Python"),
    ("design-system", "TypeScript"),
    ("infrastructure", "HCL"),
    ("search", "Rust"),
    ("notifications", "Python"),
    ("admin-console", "TypeScript"),
    ("docs-site", "Markdown"),
)
LANGUAGES = ("TypeScript", "Python", "Go", "Kotlin", "Rust")
ZONES = (-8, -5, -3, 0, 1, 1, 1, 2, 3, 5.5, 8, 9)
TOOLS = ("Claude Code", "Claude Code", "GitHub Copilot", "Cursor", "Cursor", "Codex", "Amp", "Aider")


Merged = tuple[int, str, int, str]  # moment, merge commit, number, title


@dataclass(eq=False)
class Person:
    """A human account; times are epoch seconds, `pace` multiplies the person's durations."""

    login: str
    name: str
    email: str
    id: str
    database_id: int
    zone: float
    joined: int
    left: int | None
    deleted: bool
    outside: bool
    activity: float
    reviews: float
    pace: float
    adopted: int | None
    tool: str
    marks: float
    bad_clock: bool

    @property
    def shown(self) -> str | None:
        """What the provider says about the account today."""
        return None if self.deleted else self.login

    def present(self, at: int) -> bool:
        return self.joined <= at and (self.left is None or at < self.left)

    def at_work(self, at: float) -> int:
        """The first moment from `at` on within Monday to Friday, 9 to 18 o'clock there."""
        local = int(at + self.zone * HOUR)
        day, second = divmod(local, DAY)
        weekday = (day + 3) % 7
        if weekday < 5 and 9 * HOUR <= second < 18 * HOUR:
            return int(at)
        ahead = 1 if second >= 18 * HOUR or weekday >= 5 else 0
        while (weekday + ahead) % 7 >= 5:
            ahead += 1
        return int((day + ahead) * DAY + 9 * HOUR + local % 4800 - self.zone * HOUR)


@dataclass
class Home:
    """A repository and its customs; shares are between 0 and 1.

    `issues` are numbers no pull request has; `closed` those that pull requests close, with the opening of the first
    and its merge; `branches` are (name, opened, merged) of pull requests others may be stacked on.
    """

    id: str
    database_id: int
    name: str
    previous: tuple[str, ...]
    language: str
    private: bool
    created: int
    weight: float
    pace: float
    drafts: float
    unreviewed: float
    queue: bool
    statuses: bool
    reviewer_bot: str | None
    deploys: str
    method: str
    team: list[Person] = field(default_factory=list)
    number: int = 0
    merged: list[Merged] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)
    closed: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    branches: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass
class Organisation:
    people: list[Person]
    outsiders: list[Person]
    homes: list[Home]
    bots: dict[str, int]
    start: int
    end: int


def found(rng: Random, people: int, repositories: int, start: int, end: int) -> Organisation:
    """Invent everything that does not move: who there is and where they work."""
    names = _names(rng, people + max(6, people // 2))
    staff = [_person(rng, n, name, start, end, outside=False) for n, name in enumerate(names[:people])]
    others = [_person(rng, people + n, name, start, end, outside=True) for n, name in enumerate(names[people:])]
    for person in [p for p in staff if p.left][:2]:
        person.deleted = True
    homes = [_home(rng, number, start) for number in range(repositories)]
    for place, home in enumerate(homes):
        core = [p for n, p in enumerate(staff) if n % repositories == place or rng.random() < 0.25]
        home.team = core if len(core) > 3 else staff[:]
    bots = {login: 40_000_000 + n * 1_111_111 for n, login in enumerate((*AUTOMATION, *REVIEW_BOTS, *AGENTS))}
    return Organisation(staff, others, homes, bots, start, end)


def _names(rng: Random, count: int) -> list[tuple[str, str]]:
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    pairs = [(a, b) for a in first for b in last]
    rng.shuffle(pairs)
    plain = [
        (f"{a.lower()}-{b.lower()}" if n % 3 else f"{a[0].lower()}{b.lower()}{n}", f"{a} {b}")
        for n, (a, b) in enumerate(pairs)
    ]
    return [*TRAPS, *plain][:count]


def _person(rng: Random, number: int, name: tuple[str, str], start: int, end: int, *, outside: bool) -> Person:
    span = end - start
    joined = start - DAY if rng.random() < 0.75 else start + int(rng.random() * 0.8 * span)
    leaves = number % 7 == 5
    adopts = rng.random() < 0.8
    return Person(
        login=name[0],
        name=name[1],
        email=f"{name[0]}@{'example.net' if outside else 'meridian.example'}",
        id=f"U_kgDO{number:06d}",
        database_id=1_200_000 + number * 7_919,
        zone=rng.choice(ZONES),
        joined=joined,
        left=max(joined + 60 * DAY, start + int((0.4 + 0.5 * rng.random()) * span)) if leaves else None,
        deleted=False,
        outside=outside,
        activity=rng.lognormvariate(0, 0.6),
        reviews=rng.lognormvariate(0, 0.9),
        pace=rng.lognormvariate(0, 0.25),
        adopted=start + int(span * rng.betavariate(2, 2)) if adopts else None,
        tool=rng.choice(TOOLS),
        marks=rng.choice((0.9, 0.8, 0.5, 0.15)),
        bad_clock=number % 17 == 11,
    )


def _home(rng: Random, number: int, start: int) -> Home:
    name, language = (
        REPOSITORIES[number] if number < len(REPOSITORIES) else (f"service-{number}", rng.choice(LANGUAGES))
    )
    return Home(
        id=f"R_kgDO{number:06d}",
        database_id=500_000_000 + number * 104_729,
        name=f"{OWNER}/{name}",
        previous=(f"{OWNER}/{name}-legacy",) if number % 6 == 2 else (),
        language=language,
        private=number % 3 != 0,
        created=start - rng.randint(30, 900) * DAY,
        weight=rng.lognormvariate(0, 0.7),
        pace=rng.lognormvariate(0, 0.35),
        drafts=rng.choice((0.05, 0.15, 0.35)),
        unreviewed=rng.choice((0.02, 0.06, 0.15)),
        queue=number % 6 == 1,
        statuses=number % 4 == 1,
        reviewer_bot=(None, *REVIEW_BOTS)[number % 4],
        deploys=("continuous", "daily", "weekly", "none")[number % 4 if number % 5 else 0],
        method=("SQUASH", "SQUASH", "MERGE", "REBASE")[number % 4],
    )
