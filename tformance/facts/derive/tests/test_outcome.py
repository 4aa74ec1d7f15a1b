"""What says that it reverts something, and what is a hotfix."""

from typing import Any

import pytest

from tformance.facts import testing as t
from tformance.facts.derive.outcome import HOTFIX, HotfixRule, is_hotfix, revert_claims

SHA, OTHER = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("fields", "claims"),
    [
        ({"body": "Reverts acme/shop#12\n\nIt was slow."}, ("#12",)),
        ({"body": "Too slow.\n\nReverts #12"}, ("#12",)),
        ({"body": "Reverts ACME/Shop#12"}, ("#12",)),
        ({"body": "Reverts other/shop#12"}, ()),
        ({"body": "> Reverts acme/shop#12"}, ()),
        ({"body": "This reverts the old behaviour of #12"}, ()),
        ({"body": f"This reverts commit {SHA}."}, (SHA,)),
        ({"body": f"This reverts commit {SHA[:7]}."}, ()),
        ({"head_ref": "revert-12-add-cache"}, ("#12:add-cache",)),
        ({"head_ref": "revert-2024-config"}, ("#2024:config",)),
        ({"head_ref": "revert-config"}, ()),
        (
            {"head_ref": "revert-12-add-cache", "body": f"Reverts acme/shop#12\nThis reverts commit {SHA}"},
            ("#12", "#12:add-cache", SHA),
        ),
        ({"title": 'Revert "Add a cache"'}, ()),
        ({"title": "Revert to the old colours"}, ()),
    ],
)
def test_links_tell_what_is_reverted_and_words_do_not(fields: dict[str, Any], claims: tuple[str, ...]) -> None:
    assert revert_claims(t.pull_request(1, **fields)) == claims


def test_commits_tell_only_when_all_of_them_do() -> None:
    back = t.commit(1, message=f'Revert "Add"\n\nThis reverts commit {SHA}.')
    more = t.commit(2, message=f'Revert "Fix"\n\nThis reverts commit {OTHER}.')
    merge = t.commit(3, message="Merge branch main", is_merge=True)
    assert revert_claims(t.pull_request(1, commits=t.whole([back, more, merge]))) == (SHA, OTHER)
    assert revert_claims(t.pull_request(1, commits=t.whole([back, t.commit(4)]))) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"labels": ("bug", "Hotfix")}, True),
        ({"labels": ("not-a-hotfix",)}, False),
        ({"head_ref": "hotfix/login"}, True),
        ({"head_ref": "ada/hotfix/login"}, False),
        ({"title": "Hotfix: login"}, True),
        ({"title": "[hotfix] login"}, True),
        ({"title": "hotfix(api): login"}, True),
        ({"title": "Hotfixes page"}, False),
        ({"title": "Document the hotfix: process"}, False),
    ],
)
def test_a_hotfix_is_known_by_label_branch_or_title(fields: dict[str, Any], expected: bool) -> None:
    assert is_hotfix(t.pull_request(1, **fields), HOTFIX) is expected


def test_another_rule_knows_other_hotfixes() -> None:
    rule = HotfixRule(labels=("urgent",), branches=("fire/",), titles=())
    assert is_hotfix(t.pull_request(1, labels=("urgent",)), rule)
    assert not is_hotfix(t.pull_request(1, head_ref="hotfix/x"), rule)


def test_characters_of_patterns_stand_for_themselves() -> None:
    rule = HotfixRule(labels=("p[01]",), branches=(".*",), titles=("fix(%",))
    assert not is_hotfix(t.pull_request(1, head_ref="change", title="fix: it", labels=("p0",)), rule)
    for fields in ({"head_ref": ".*/x"}, {"title": "Fix(% x"}, {"labels": ("P[01]",)}):
        assert is_hotfix(t.pull_request(1, **fields), rule)


def test_empty_lists_make_no_hotfix() -> None:
    nothing = HotfixRule(labels=(), branches=(), titles=())
    assert not is_hotfix(t.pull_request(1, labels=("hotfix",), head_ref="hotfix/x", title="Hotfix: x"), nothing)
