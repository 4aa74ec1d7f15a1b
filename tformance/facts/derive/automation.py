"""Which accounts are automation, which are people. By the provider's kind and exact names, never by a part of a name.

What somebody of the team decided goes before both.
"""

from tformance.facts.derive.signatures import ACCOUNTS
from tformance.facts.records import ActorKind, Verdict

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


def is_automation(kind: ActorKind, login: str, verdict: Verdict = "") -> bool:
    """Dependency, release and CI bots: every bot that is no AI agent or AI reviewer, and listed user accounts."""
    name, judged = login.lower(), judged_kind(kind, verdict)
    if judged in ("bot", "app"):
        return name not in _AI_ACCOUNTS
    return judged == "user" and name in _AUTOMATION_USERS and not verdict


def is_human(kind: ActorKind, login: str, verdict: Verdict = "") -> bool:
    """A person, known or deleted since: neither a bot of any sort nor automation behind a user account."""
    is_person = judged_kind(kind, verdict) in ("user", "mannequin", "ghost")
    return is_person and not is_automation(kind, login, verdict)


def judged_kind(kind: ActorKind, verdict: Verdict) -> ActorKind:
    """What an account counts as, when the provider says that it is of a kind and somebody may have decided otherwise."""
    is_program = kind in ("bot", "app")
    if not verdict or is_program == (verdict == "bot"):
        return kind
    return "bot" if verdict == "bot" else "user"
