"""What a file is, by its path. The first rule that matches wins; every rule has a line in the tests' table."""

import re
from functools import lru_cache
from typing import Literal

Category = Literal["test", "docs", "infrastructure", "config", "data", "frontend", "backend", "other"]

_LOCK_FILES = frozenset(
    {
        "bun.lock",
        "bun.lockb",
        "cargo.lock",
        "composer.lock",
        "conda-lock.yml",
        "deno.lock",
        "flake.lock",
        "gemfile.lock",
        "go.sum",
        "gopkg.lock",
        "gradle.lockfile",
        "mix.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "package.resolved",
        "packages.lock.json",
        "pdm.lock",
        "pipfile.lock",
        "pnpm-lock.yaml",
        "podfile.lock",
        "poetry.lock",
        "pubspec.lock",
        "uv.lock",
        "yarn.lock",
        ".terraform.lock.hcl",
    }
)
_GENERATED = re.compile(
    r"""
    (?:^|/)(?:node_modules|bower_components|vendor|vendored|third[_-]party|\.yarn/(?:releases|plugins)|Godeps/_workspace
        |Pods|Carthage/Build|dist|__generated__|__snapshots__|\.venv|site-packages)/
    | [-.]min\.(?:js|css)$
    | \.(?:js|css)\.map$
    | \.snap$
    | \.pb\.(?:go|cc|h|swift)$ | _pb2(?:_grpc)?\.pyi?$ | _pb\.(?:js|d\.ts)$ | \.pbobjc\.[hm]$
    | \.g\.dart$ | \.freezed\.dart$ | \.designer\.(?:cs|vb)$ | \.g\.cs$
    | (?:^|[._/-])generated\.[^/]+$ | _generated\.[^/]+$ | \.gen\.[^/]+$ | (?:^|/)zz_generated[^/]*$
    | (?:^|/)gradlew(?:\.bat)?$ | (?:^|/)mvnw(?:\.cmd)?$
    """,
    re.VERBOSE | re.IGNORECASE,
)

_PATTERNS: tuple[tuple[Category, str], ...] = (
    (
        "test",
        r"""(?:^|/)(?:tests?|__tests__|specs?|e2e|cypress|fixtures|testdata|__mocks__|__snapshots__)/
            | (?:^|/)test_[^/]+\.\w+$ | [^/]_test\.\w+$ | [^/](?:Test|Tests|Spec)\.(?:java|kt|cs|php|scala|swift)$
            | \.(?:test|spec|cy)\.\w+$ | _spec\.rb$ | (?:^|/)conftest\.py$""",
    ),
    (
        "docs",
        r"""(?:^|/)(?:docs?|documentation)/ | \.(?:md|mdx|rst|adoc|asciidoc)$
            | (?:^|/)(?:readme|changelog|changes|contributing|licen[cs]e|notice|authors|codeowners|security)(?:\.txt)?$""",
    ),
    (
        "infrastructure",
        r"""(?:^|/)(?:\.github/(?:workflows|actions)|\.circleci|\.buildkite|terraform|ansible|helm|charts|k8s|kubernetes
                |deploy|deployment|infra|infrastructure)/
            | (?:^|/)(?:Dockerfile|Containerfile)(?:\.[^/]+)?$ | \.dockerfile$ | (?:^|/)(?:docker-)?compose[^/]*\.ya?ml$
            | (?:^|/)(?:Jenkinsfile|Vagrantfile|Procfile|\.gitlab-ci\.ya?ml|\.travis\.ya?ml|azure-pipelines\.ya?ml)$
            | \.(?:tf|tfvars|hcl|nomad|bicep)$""",
    ),
    (
        "data",
        r"""\.(?:csv|tsv|parquet|jsonl|ndjson|ipynb|xlsx?|sqlite3?|avro|arrow)$ | (?:^|/)(?:data|datasets|seeds)/""",
    ),
    (
        "frontend",
        r"""\.(?:jsx|tsx|vue|svelte|astro|css|scss|sass|less|styl|html?|hbs|ejs|pug|svg)$
            | (?:^|/)(?:frontend|client|web|webapp|ui|components|pages|views|assets|static|styles|public)/
              .*\.(?:js|mjs|cjs|ts)$""",
    ),
    (
        "config",
        r"""\.(?:ya?ml|toml|ini|cfg|conf|properties|env|editorconfig|json5?|jsonc|plist|xml|lock)$
            | (?:^|/)\.[^/]+$ | (?:^|/)(?:Makefile|CMakeLists\.txt|BUILD(?:\.bazel)?|WORKSPACE|Rakefile|Gemfile|go\.mod|go\.sum
                |requirements[^/]*\.txt)$ | (?:^|/)[^/]+\.config\.\w+$ | (?:^|/)\.env(?:\.[^/]+)?$""",
    ),
    (
        "backend",
        r"""\.(?:py|pyi|pyx|rb|go|rs|java|kt|kts|scala|clj|groovy|cs|fs|vb|php|ex|exs|erl|hs|ml|c|h|cc|cpp|cxx|hpp|m|mm
                |swift|dart|lua|pl|pm|r|jl|zig|nim|cr|d|js|mjs|cjs|ts|mts|cts|sh|bash|zsh|ps1|sql|proto|graphql|gql|thrift
                |sol|asm|s)$""",
    ),
)
_RULES = tuple((category, re.compile(pattern, re.VERBOSE | re.IGNORECASE)) for category, pattern in _PATTERNS)


@lru_cache(maxsize=65536)
def is_generated(path: str) -> bool:
    """Written by a tool, copied from elsewhere, or a lock file: no person reads its lines."""
    return path.rpartition("/")[2].lower() in _LOCK_FILES or _GENERATED.search(path) is not None


@lru_cache(maxsize=65536)
def category(path: str) -> Category:
    for name, rule in _RULES:
        if rule.search(path):
            return name
    return "other"
