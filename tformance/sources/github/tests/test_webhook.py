"""What GitHub's messages mean: its own examples, whole, with fields missing, and with anything else in them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tformance.sources.contract import Access, Envelope, Message
from tformance.sources.github import webhook
from tformance.sources.github.tests.examples import Example, changed, examples, first, paths

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
# Every kind of effect, one example of each.
SAMPLE = [
    ("pull_request", "closed"),
    ("pull_request_review_thread", "resolved"),
    ("issue_comment", "created"),
    ("check_run", "completed"),
    ("push", ""),
    ("merge_group", "checks_requested"),
    ("membership", "added"),
    ("installation", "suspend"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read(event: str, payload: dict[str, Any]) -> Message:
    return webhook.read(event, payload, NOW)


def has_effect(message: Message) -> bool:
    named = (message.pulls, message.merged, message.numbers, message.shas, message.branches, message.streams)
    return any(named) or message.access is not None


def is_explained(message: Message) -> bool:
    return has_effect(message) or bool(message.unused) or bool(message.unknown)


def test_the_published_signature_is_genuine() -> None:
    headers = {
        "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    }
    secret = "It's a Secret to Everybody"
    assert webhook.is_genuine(secret, headers, b"Hello, World!")
    assert not webhook.is_genuine(secret, headers, b"Hello, World?")
    assert not webhook.is_genuine(secret + "!", headers, b"Hello, World!")


@pytest.mark.parametrize("signature", ["", "sha256=", "sha1=757107ea", "757107ea", "sha256=ünicode"])
def test_what_is_no_signature_of_ours_is_not_genuine(signature: str) -> None:
    assert not webhook.is_genuine("secret", {"X-Hub-Signature-256": signature}, b"")
    assert not webhook.is_genuine("secret", {}, b"")


def test_the_envelope_is_in_the_headers() -> None:
    headers = {"X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "push"}
    assert webhook.envelope(headers) == Envelope("72d3162e", "push")
    assert webhook.envelope({}) == Envelope("", "")


@pytest.mark.parametrize("example", examples(), ids=str)
def test_every_example_has_an_effect_or_a_reason_why_not(example: Example) -> None:
    message = read(example.event, example.payload)
    assert has_effect(message) != bool(message.unused)
    assert message.unknown == ""


@pytest.mark.parametrize("example", [each for each in examples() if each.event in webhook.READERS], ids=str)
def test_further_fields_change_nothing(example: Example) -> None:
    more: dict[str, Any] = {"brand_new": {"id": 1}, **example.payload}
    more |= {key: {**value, "brand_new": [None]} for key, value in more.items() if isinstance(value, dict)}
    assert read(example.event, more) == read(example.event, example.payload)


@pytest.mark.parametrize(("event", "action"), SAMPLE)
def test_without_any_one_field_there_is_an_effect_or_a_reason(event: str, action: str) -> None:
    payload = first(event, action)
    for path in paths(payload):
        for strange in (changed(payload, path), changed(payload, path, None), changed(payload, path, {"a": 1})):
            assert is_explained(read(event, strange)), path


@pytest.mark.parametrize("example", [each for each in examples() if each.event in webhook.READERS], ids=str)
def test_nobody_did_it(example: Example) -> None:
    """Accounts that were deleted are null wherever they stand."""
    payload = example.payload
    for path in paths(payload):
        if path[-1] in ("user", "sender", "author", "creator", "merged_by", "pusher", "requester"):
            payload = changed(payload, path, None) if _is_there(payload, path) else payload
    here, before = read(example.event, payload), read(example.event, example.payload)
    assert (here.pulls, here.merged, here.numbers, here.shas) == (
        before.pulls,
        before.merged,
        before.numbers,
        before.shas,
    )


def _is_there(payload: Any, path: tuple[Any, ...]) -> bool:
    for key in path[:-1]:
        payload = payload[key]
        if payload is None:
            return False
    return True


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_anything_anywhere_raises_nothing(data: st.DataObject) -> None:
    event, action = data.draw(st.sampled_from(SAMPLE))
    payload = first(event, action)
    path = data.draw(st.sampled_from(list(paths(payload))))
    read(event, changed(payload, path, data.draw(ANYTHING)))


@given(event=st.sampled_from(sorted(webhook.READERS)), payload=st.dictionaries(st.text(max_size=9), ANYTHING))
@settings(max_examples=100, deadline=None)
def test_a_message_of_anything_is_explained(event: str, payload: dict[str, Any]) -> None:
    assert is_explained(read(event, payload))


def test_a_merge_is_urgent_and_any_other_change_is_not() -> None:
    merged = first("pull_request", "closed")
    merged["pull_request"]["merged_at"] = merged["pull_request"]["closed_at"]
    node_id = merged["pull_request"]["node_id"]
    assert read("pull_request", merged).merged == (node_id,)
    assert read("pull_request", merged).pulls == ()
    merged["pull_request"]["merged_at"] = None
    assert read("pull_request", merged).pulls == (node_id,)
    merged["pull_request"]["merged_at"], merged["action"] = merged["pull_request"]["closed_at"], "labeled"
    assert read("pull_request", merged).merged == ()


def test_a_new_action_of_a_known_event_is_named_and_its_pull_request_read_again() -> None:
    payload = first("pull_request", "opened") | {"action": "teleported"}
    message = read("pull_request", payload)
    assert message.pulls == (payload["pull_request"]["node_id"],)
    assert "teleported" in message.unknown


def test_an_event_nobody_has_heard_of_is_unknown() -> None:
    assert "moon_phase" in read("moon_phase", {}).unknown


def test_a_comment_on_an_issue_is_no_news_of_a_pull_request() -> None:
    payload = first("issue_comment", "created")
    payload["issue"].pop("pull_request", None)
    assert "issue" in read("issue_comment", payload).unused
    payload["issue"]["pull_request"] = {"url": ""}
    assert read("issue_comment", payload).numbers == (payload["issue"]["number"],)


def test_a_check_of_a_fork_names_no_pull_request_but_its_commit() -> None:
    payload = first("check_run", "completed")
    payload["check_run"]["pull_requests"] = []
    message = read("check_run", payload)
    assert message.shas == (payload["check_run"]["head_sha"],)
    assert message.numbers == ()


def test_a_deleted_branch_has_no_commit() -> None:
    payload = {"ref": "refs/heads/topic", "before": "a" * 40, "after": "0" * 40, "repository": {"id": 7}}
    message = read("push", payload)
    assert (message.branches, message.shas) == (("topic",), ("a" * 40,))


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("created", "created"),
        ("deleted", "deleted"),
        ("suspend", "suspended"),
        ("unsuspend", "unsuspended"),
        ("new_permissions_accepted", "permissions"),
    ],
)
def test_what_happens_to_an_installation_is_told(action: str, change: Any) -> None:
    payload = first("installation", action)
    assert read("installation", payload).access == Access(payload["installation"]["id"], change)


def test_when_a_thread_was_resolved_is_what_the_message_says_or_when_it_came() -> None:
    payload = first("pull_request_review_thread", "resolved")
    assert _resolved_at(payload) == NOW
    payload["updated_at"] = "2026-03-01T08:00:00Z"
    assert _resolved_at(payload) == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_an_unresolved_thread_has_no_such_instant() -> None:
    message = read("pull_request_review_thread", first("pull_request_review_thread", "unresolved"))
    assert message.resolution is None
    assert message.pulls


def _resolved_at(payload: dict[str, Any]) -> datetime | None:
    page = read("pull_request_review_thread", payload).resolution
    assert page is not None
    threads = page.pull_requests[0].threads
    assert threads is not None
    assert not threads.complete
    return threads.items[0].resolved_at


def test_numbers_the_database_cannot_hold_are_not_there() -> None:
    payload = first("push")
    payload["ref"], payload["repository"]["id"] = "refs/heads/a", 10**30
    assert "repository" in read("push", payload).unknown


def test_the_fixture_is_what_npm_carries() -> None:
    assert len(examples()) == 329
    assert len(json.dumps([each.payload for each in examples()])) > 1_000_000
