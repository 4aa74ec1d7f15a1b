"""Rules of the house that are read from the source text; import contracts stand in pyproject.toml."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
LONGEST_README = 120
DRAWERS = re.compile(
    r"^(utils?|helpers?|common|misc|managers?|services?|processors?|handlers?)(_\w+)?$|_utils?$|_helpers?$"
)
MACHINE_PATHS = re.compile("|".join(rf"(?<![\w.]){re.escape(f'/{name}/')}\w" for name in ("work", "root", "home")))
SQL_CALLS = {"execute", "executemany", "raw", "extra", "RawSQL", "RunSQL"}

# Places that may break a rule, each with its reason.
BROAD_EXCEPTS = {
    "tformance/sync/run.py": "the boundary of a worker: whatever happens is recorded on the step",
    "tformance/sync/inbox.py": "the boundary of messages: whatever happens is recorded on the message",
    "tformance/measures/rollups/keeping.py": "one team's error is written to the log and does not stop the others",
    "tformance/measures/weekly/rounds.py": "one team's error is written to the log and does not stop the others",
}
RAW_SQL = {
    "tformance/accounts/rls.py": "policies are a migration operation",
    "tformance/accounts/tenancy.py": "tells the database which team is inside",
    "tformance/facts/bulk.py": "the one writer's statements",
    "tformance/measures/copying.py": "COPY of a statement that the ORM wrote, and the zone it writes instants in",
    "tformance/sync/intake.py": "two statements a message, at hundreds of messages a second",
    "tformance/project/database.py": "the fingerprint of the last migration",
    "tformance/project/health.py": "asks whether the database answers",
    "tformance/project/postgres/roles.py": "roles and rights",
    "tformance/project/testing.py": "lets test processes copy the database",
}
SLEEPS = {
    "tformance/core/http.py": "short transport retries",
    "tformance/project": "commands and the supervisor wait for processes",
    "tformance/sync/drive.py": "a command that does the workers' part in the foreground",
    "tformance/sandbox": "a slow provider on demand",
    "tformance/faces/cli": "a person waits at the terminal",
}
CREDENTIALS = "tformance/sync/credentials.py"
PRINTS = {
    "tformance/faces/cli": "the terminal's face",
    "tools": "for developers",
}


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the checkout."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        return "tests" in Path(self.path).parts or Path(self.path).name in ("conftest.py", "testing.py")

    def stands_in(self, places: dict[str, str]) -> bool:
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


Rule = Callable[[Module], Iterator[str]]


def modules(checkout: Path) -> Iterator[Module]:
    for folder in ("tformance", "tests", "tools"):
        for file in sorted((checkout / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                text = file.read_text()
                yield Module(file.relative_to(checkout).as_posix(), text, ast.parse(text))


def violations(checkout: Path) -> list[str]:
    """One line per broken rule: `path: what`."""
    found = [f"{module.path}: {problem}" for module in modules(checkout) for rule in RULES for problem in rule(module)]
    readme = checkout / "README.md"
    if len(readme.read_text().splitlines()) > LONGEST_README:
        found.append(f"README.md: longer than {LONGEST_README} lines")
    return found


def lengths(module: Module) -> Iterator[str]:
    if len(module.text.splitlines()) > LONGEST_MODULE:
        yield f"longer than {LONGEST_MODULE} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name} has {lines} lines"


def names(module: Module) -> Iterator[str]:
    for part in Path(module.path).with_suffix("").parts:
        if DRAWERS.search(part):
            yield f"{part} is a drawer, not a name"


def empty_packages(module: Module) -> Iterator[str]:
    """But for models: Django looks for them in their package."""
    if module.path.endswith("__init__.py") and not module.path.endswith("models/__init__.py") and module.text.strip():
        yield "a package's __init__ is empty: import from the module itself"


def broad_excepts(module: Module) -> Iterator[str]:
    if module.path in BROAD_EXCEPTS or module.is_test:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node.type):
            yield f"broad except in line {node.lineno}"


def raw_sql(module: Module) -> Iterator[str]:
    if module.path in RAW_SQL or module.is_test:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _called(node) in SQL_CALLS and _looks_like_sql(node):
            yield f"raw SQL in line {node.lineno}"


def sleeps(module: Module) -> Iterator[str]:
    if not module.stands_in(SLEEPS) and not module.is_test:
        yield from _calls(module, "sleep", "waits: store when to go on instead")


def prints(module: Module) -> Iterator[str]:
    if not module.stands_in(PRINTS) and not module.is_test:
        yield from _calls(module, "print", "prints outside the command line")


def late_imports(module: Module) -> Iterator[str]:
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if any(name.split(".")[0] == "tformance" for name in _imported(node)):
                yield f"imports our own code inside {function.name}"


def signals(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        for name in _imported(node):
            if name.startswith(("django.dispatch", "django.db.models.signals")):
                yield "uses signals: followers pull"


def pure_measures(module: Module) -> Iterator[str]:
    """Definitions, rows and dimensions know the ORM's expressions and the facts, nothing else of Django."""
    if module.is_test or not re.match(r"tformance/measures/(definitions/|rows/|dimensions)", module.path):
        return
    allowed = (
        "django.db.models",
        "django.contrib.postgres",
        "tformance.facts.derive",  # plain Python
        "tformance.facts.models",
        "tformance.measures",
        "tformance.accounts.models",
    )
    for node in ast.walk(module.tree):
        for name in _imported(node):
            if name.startswith(("django", "tformance")) and not name.startswith(allowed):
                yield f"imports {name}"


def machine_paths(module: Module) -> Iterator[str]:
    if MACHINE_PATHS.search(module.text):
        yield "names a path of one machine"


def opened_credentials(module: Module) -> Iterator[str]:
    """A connection's credential is asked of `credential_for`, which renews it; nobody else opens the column."""
    if module.path == CREDENTIALS or module.is_test:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "secret" and isinstance(node.ctx, ast.Load):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner == "connection":
                yield f"opens a connection's credential in line {node.lineno}"


RULES: tuple[Rule, ...] = (
    lengths,
    names,
    empty_packages,
    broad_excepts,
    raw_sql,
    sleeps,
    prints,
    late_imports,
    signals,
    pure_measures,
    machine_paths,
    opened_credentials,
)


def _catches_everything(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in kinds)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _looks_like_sql(call: ast.Call) -> bool:
    """Some text in the arguments starts like a statement; queries built elsewhere count as well."""
    texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    statement = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|COMMENT|GRANT|COPY|SET)\s")
    return any(statement.match(text) for text in texts) or _is_raw_query(call)


def _is_raw_query(call: ast.Call) -> bool:
    """`queryset.raw(…)` and `queryset.extra(…)` take SQL whatever their text looks like, RawSQL too."""
    return (isinstance(call.func, ast.Attribute) and call.func.attr in ("raw", "extra")) or _called(call) == "RawSQL"


def _calls(module: Module, name: str, problem: str) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _called(node) == name:
            yield f"line {node.lineno} {problem}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
