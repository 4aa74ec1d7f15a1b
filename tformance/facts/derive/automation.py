"""Which accounts are automation, which are people. By the provider's kind and exact names, never by a part of a name."""

from tformance.facts.derive.signatures import ACCOUNTS
from tformance.facts.records import ActorKind

# AI agents and AI reviewers are bots too, but what they do is an axis of its own.
_AI_ACCOUNTS = frozenset(login for account in ACCOUNTS for login in account.logins)

# Automation that works through an ordinary user account.
_AUTOMATION_USERS = frozenset(
    {
        "allcontributors",
        "ansibot",
        "bors",
        "bors-servo",
        "chromium-autoroll",
        "codecov-commenter",
        "codecov-io",
        "dependabot-preview",
        "docker-library-bot",
        "dotnet-bot",
        "dotnet-maestro-bot",
        "elasticmachine",
        "engine-flutter-autoroll",
        "fluttergithubbot",
        "fossabot",
        "gcf-owl-bot",
        "gemini-cli-robot",
        "googlebot",
        "greenkeeperio-bot",
        "homu",
        "ipfs-mgmt-read-write",
        "jenkins-x-bot",
        "k8s-bot",
        "k8s-ci-robot",
        "k8s-infra-cherrypick-robot",
        "kibanamachine",
        "knative-prow-robot",
        "mergify-bot",
        "nextcloud-bot",
        "openshift-bot",
        "openshift-ci-robot",
        "openshift-cherrypick-robot",
        "openshift-merge-robot",
        "psf-bot",
        "pull-bot",
        "pyup-bot",
        "renovate-bot",
        "renovatebot",
        "rust-highfive",
        "rust-timer",
        "rustbot",
        "semantic-release-bot",
        "snyk-bot",
        "tensorflow-copybara",
        "tensorflower-gardener",
        "traviscibot",
        "vercel-release-bot",
        "web-flow",
        "weblate",
        "whitesource-bolt",
    }
)


def is_automation(kind: ActorKind, login: str) -> bool:
    """Dependency, release and CI bots: every bot that is no AI agent or AI reviewer, and listed user accounts."""
    name = login.lower()
    if kind in ("bot", "app"):
        return name not in _AI_ACCOUNTS
    return kind == "user" and name in _AUTOMATION_USERS


def is_human(kind: ActorKind, login: str) -> bool:
    """A person, known or deleted since: neither a bot of any sort nor automation behind a user account."""
    return kind in ("user", "mannequin", "ghost") and not is_automation(kind, login)
