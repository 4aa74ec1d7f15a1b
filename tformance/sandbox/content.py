"""Titles, bodies, messages, files and checks of the invented pull requests."""

from random import Random
from typing import Any

VERBS = "Add Fix Improve Refactor Remove Update Speed-up Simplify Handle Support Document Test Migrate Extract Rename".split()  # noqa: SIM905
THINGS = [
    "invoice rounding",
    "login redirect",
    "retry of failed webhooks",
    "empty search results",
    "date filter",
    "CSV export",
    "cache expiry",
    "session timeout",
    "order import",
    "currency formatting",
    "audit log",
    "pagination of lists",
    "feature flag checks",
    "dark theme",
    "health probe",
    "queue back-pressure",
    "upload progress",
    "address validation",
    "slow dashboard query",
    "error messages",
    "OpenAI Codex SDK integration",
    "cursor pagination",
    "map of warehouses",
    "permission check",
    "nightly report",
]
ODD_TITLES = (
    "🚀✨ Ship the new onboarding 🎉",
    "إصلاح ترتيب الفواتير في صفحة الدفع",
    "תיקון תצוגת התאריך בטבלה",
    "Escape <script>alert(1)</script> & <b>bold</b> in comments",
    "Fix “smart quotes”, tabs\tand a very long title " + "that goes on and on " * 8,
    "修复导出时的时区错误",
)
REASONS = (
    "Users saw a wrong value after a reload.",
    "This was slow on large accounts; now it takes one query.",
    "Part of the clean-up we agreed on last week.",
    "The old path had no test; this one has.",
    "No AI was used for this change.",
    "- [ ] This PR was generated with AI assistance\n- [x] Tests added",
)
REVIEW_BODIES = ("", "", "", "Looks good.", "One question inline.", "Please split this next time.", "Nice and small.")
REMARKS = (
    "Could this be null here?",
    "Naming: this says the opposite of what it does.",
    "Do we need the second query?",
    "Please add a test for the empty case.",
    "Done.",
    "Good catch, fixed.",
    "I would keep the old behaviour for now.",
    "What happens in another time zone?",
)
BOT_SUMMARY = "## Summary by CodeRabbit\n\n* **New features**\n  * Better defaults\n"
ENDINGS = {"TypeScript": "ts", "Python": "py", "Go": "go", "Kotlin": "kt", "Rust": "rs", "HCL": "tf", "Markdown": "md"}
LOCKS = {
    "TypeScript": "package-lock.json",
    "Python": "uv.lock",
    "Go": "go.sum",
    "Rust": "Cargo.lock",
    "Kotlin": "gradle/vendor/versions.txt",
    "HCL": "vendor/modules.txt",
    "Markdown": "yarn.lock",
}
GENERATED = (
    "dist/app.min.js",
    "proto/events_pb2.py",
    "proto/events.pb.go",
    "tests/__snapshots__/page.snap",
    "vendor/lib/a.c",
)
AREAS = ("core", "billing", "api", "ui", "jobs", "auth", "search", "shared")
CHECKS = (("build", "CI"), ("test", "CI"), ("lint", "Style"), ("types", "Style"), ("e2e", "End to end"))


def title(rng: Random) -> str:
    if rng.random() < 0.01:
        return rng.choice(ODD_TITLES)
    return f"{rng.choice(VERBS).replace('-', ' ')} {rng.choice(THINGS)}"


def body(rng: Random) -> str:
    return "" if rng.random() < 0.1 else f"{rng.choice(REASONS)}\n"


def slug(text: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:40] or "change"


def files(rng: Random, language: str, lines: int, count: int) -> list[dict[str, Any]]:
    """`count` files whose counted lines sum to about `lines`; lock and generated files come on top."""
    weights = [rng.random() + 0.05 for _ in range(count)]
    total = sum(weights)
    ending = ENDINGS.get(language, "txt")
    rows = []
    for place, weight in enumerate(weights):
        share = max(1, int(lines * weight / total))
        removed = int(share * rng.random() * 0.6)
        rows.append(
            changed(f"{_folder(rng)}/part_{rng.randrange(900)}_{place}.{ending}", share - removed, removed, rng)
        )
    if rng.random() < 0.12:
        rows.append(changed(LOCKS.get(language, "yarn.lock"), rng.randint(5, 900), rng.randint(0, 400), rng))
    if rng.random() < 0.05:
        rows.append(changed(rng.choice(GENERATED), rng.randint(20, 2000), rng.randint(0, 500), rng))
    return rows


def _folder(rng: Random) -> str:
    return f"{'tests' if rng.random() < 0.25 else 'src'}/{rng.choice(AREAS)}"


def changed(path: str, additions: int, deletions: int, rng: Random) -> dict[str, Any]:
    change = rng.choices(("MODIFIED", "ADDED", "DELETED", "RENAMED"), (80, 14, 3, 3))[0]
    return {"path": path, "additions": additions, "deletions": deletions, "change_type": change}


def lines(rng: Random, factor: float) -> int:
    """Changed lines: log-normal, median about 45."""
    return max(1, min(20_000, int(rng.lognormvariate(3.8, 1.4) * factor)))


def bump(rng: Random) -> str:
    """The title of a dependency bot's pull request."""
    name = rng.choice(("django", "react", "vite", "pytest", "tokio", "kotlin", "grpc", "eslint"))
    return f"Bump {name} from {rng.randint(1, 5)}.{rng.randint(0, 9)}.0 to {rng.randint(5, 8)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"
