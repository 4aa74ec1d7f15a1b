"""Who is a person, who is automation, and who is neither."""

import pytest

from tformance.facts.derive.automation import is_automation, is_human
from tformance.facts.records import ActorKind


@pytest.mark.parametrize(
    ("kind", "login", "automation", "human"),
    [
        ("user", "ada", False, True),
        ("user", "abbott", False, True),
        ("user", "jbottum", False, True),
        ("user", "dependabot-fan", False, True),
        ("user", "K8s-CI-Robot", True, False),
        ("bot", "dependabot", True, False),
        ("bot", "our-release-train", True, False),
        ("app", "our-app", True, False),
        ("bot", "Copilot", False, False),
        ("bot", "devin-ai-integration", False, False),
        ("bot", "coderabbitai", False, False),
        ("user", "copilot", False, True),
        ("ghost", "ghost", False, True),
        ("mannequin", "imported-ada", False, True),
    ],
)
def test_kinds_of_accounts(kind: ActorKind, login: str, automation: bool, human: bool) -> None:
    assert (is_automation(kind, login), is_human(kind, login)) == (automation, human)
