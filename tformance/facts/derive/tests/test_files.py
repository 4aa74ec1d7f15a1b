"""What a file is, by its path: a line for every rule and for what it must not catch."""

import pytest

from tformance.facts.derive.files import category, is_generated


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/shop/cart.py", "backend"),
        ("src/contest.py", "backend"),
        ("server/index.ts", "backend"),
        ("db/migrate.sql", "backend"),
        ("tests/test_cart.py", "test"),
        ("src/cart_test.go", "test"),
        ("src/cart.test.ts", "test"),
        ("web/cart.spec.tsx", "test"),
        ("src/CartTest.java", "test"),
        ("spec/cart_spec.rb", "test"),
        ("app/__tests__/cart.js", "test"),
        ("conftest.py", "test"),
        ("docs/index.html", "docs"),
        ("README.md", "docs"),
        ("LICENSE", "docs"),
        ("src/shop/readme.rst", "docs"),
        (".github/workflows/ci.yml", "infrastructure"),
        ("Dockerfile", "infrastructure"),
        ("api/Dockerfile.dev", "infrastructure"),
        ("docker-compose.prod.yml", "infrastructure"),
        ("infra/main.tf", "infrastructure"),
        ("charts/shop/values.yaml", "infrastructure"),
        ("analysis/sales.csv", "data"),
        ("notebooks/model.ipynb", "data"),
        ("src/Cart.tsx", "frontend"),
        ("app/views/cart.html", "frontend"),
        ("frontend/src/cart.ts", "frontend"),
        ("styles/main.scss", "frontend"),
        ("pyproject.toml", "config"),
        ("package.json", "config"),
        (".eslintrc", "config"),
        ("Makefile", "config"),
        ("requirements-dev.txt", "config"),
        ("vite.config.js", "config"),
        ("logo.png", "other"),
        ("a file with spaces", "other"),
    ],
)
def test_category(path: str, expected: str) -> None:
    assert category(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "package-lock.json",
        "web/yarn.lock",
        "Cargo.lock",
        "go.sum",
        "node_modules/left-pad/index.js",
        "vendor/github.com/x/y.go",
        "third_party/lib.c",
        "web/dist/app.js",
        "static/jquery.min.js",
        "static/app.js.map",
        "src/__snapshots__/cart.snap",
        "api/shop.pb.go",
        "api/shop_pb2.py",
        "api/shop_pb2_grpc.py",
        "lib/cart.g.dart",
        "src/schema.generated.ts",
        "src/schema_generated.go",
        "src/types.gen.ts",
        "api/zz_generated.deepcopy.go",
        "gradlew",
    ],
)
def test_nobody_reads_generated_vendored_and_lock_files(path: str) -> None:
    assert is_generated(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/lock.py",
        "src/vendor.py",
        "src/vendors/list.py",
        "src/distance.py",
        "src/generated_report_reader.py",
        "src/regenerated.py",
        "src/admin.js",
        "src/oxygen.ts",
        "docs/package-lock.md",
    ],
)
def test_names_that_only_look_like_it_are_written_by_people(path: str) -> None:
    assert not is_generated(path)
