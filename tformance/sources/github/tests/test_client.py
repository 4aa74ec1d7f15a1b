"""Errors of GitHub are told apart by what is to be done next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tformance.core.errors import RateLimited, Reconnect, Retry, Skip, SourceError, TooLarge, Unexpected
from tformance.sources.contract import Allowance
from tformance.sources.github import queries
from tformance.sources.github.client import ETAGS, MOST_LISTS, MOST_PAGES, Client, graphql_url
from tformance.sources.github.tests.scripted import Asked, Reply, scripted
from tformance.sources.tests.lent import NOW, Lent

BUDGET = {"cost": 3, "remaining": 4997, "resetAt": "2026-11-20T13:00:00Z"}
FINE = Reply(body={"data": {"rateLimit": BUDGET, "viewer": {"login": "ada"}}})


def ask(*replies: Reply, session: Lent | None = None) -> tuple[dict[str, Any], list[Asked]]:
    with scripted(*replies) as server, Client(session or Lent(), server.url) as client:
        return client.query(queries.VIEWER), server.asked


def failure(*replies: Reply, session: Lent | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(*replies, session=session)
    return caught.value


def errors(*errors: dict[str, Any], data: Any = None) -> Reply:
    return Reply(body={"data": data, "errors": list(errors)})


def test_a_question_carries_the_token_and_the_version() -> None:
    _, [asked] = ask(FINE)
    assert (asked.method, asked.path) == ("POST", "/graphql")
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["x-github-api-version"] == "2022-11-28"


def test_enterprise_server_has_graphql_beside_rest() -> None:
    assert graphql_url("https://ghe.example/api/v3/") == "https://ghe.example/api/graphql"
    assert graphql_url("https://api.github.com") == "https://api.github.com/graphql"


def test_the_budget_is_kept_from_the_answers() -> None:
    session = Lent()
    ask(FINE, session=session)
    assert (session.requests, session.points) == (1, 3)
    assert session.left == {"graphql": Allowance("graphql", 4997, datetime(2026, 11, 20, 13, tzinfo=UTC))}


def test_how_large_the_budget_is_stands_in_a_header() -> None:
    session = Lent()
    ask(Reply(body=FINE.body, headers={"X-RateLimit-Limit": "12500"}), session=session)
    assert session.left["graphql"].limit == 12500


def test_the_budgets_of_graphql_and_rest_are_told_apart() -> None:
    session = Lent()
    said = {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "1795000000", "X-RateLimit-Limit": "60"}
    with scripted(FINE, Reply(body={}, headers=said)) as server, Client(session, server.url) as client:
        client.query("query { viewer { login } }")
        client.ask("GET", "/user")
    assert {kind: left.remaining for kind, left in session.left.items()} == {"graphql": 4997, "core": 7}


def test_a_failure_without_a_budget_leaves_what_was_known_of_it() -> None:
    session = Lent()
    with scripted(FINE, Reply(500)) as server, Client(session, server.url) as client:
        client.query("query { viewer { login } }")
        with pytest.raises(SourceError):
            client.ask("GET", "/user")
    assert session.left["graphql"].remaining == 4997


def test_requests_that_failed_are_counted_too() -> None:
    session = Lent()
    ask(Reply(500), FINE, session=session)
    assert session.requests == 2
    failure(Reply(502), session=session)
    assert session.requests == 3


def test_a_closed_connection_is_tried_again() -> None:
    answer, asked = ask(Reply(hangs_up=True), FINE)
    assert answer["viewer"]["login"] == "ada"
    assert len(asked) == 2


def test_a_refused_token_needs_its_owner() -> None:
    error = failure(Reply(401, {"message": "Bad credentials"}))
    assert type(error) is Reconnect
    assert str(error) == "GitHub refuses the token: Bad credentials"


@pytest.mark.parametrize("status", [403, 429])
def test_a_retry_after_is_kept_to(status: int) -> None:
    error = failure(Reply(status, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": "90"}))
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=90)


def test_a_secondary_limit_without_a_time_waits_a_minute() -> None:
    error = failure(Reply(403, {"message": "You have exceeded a secondary rate limit."}))
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(minutes=1)


def test_a_used_up_budget_waits_for_its_reset() -> None:
    reset = NOW + timedelta(minutes=20)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(reset.timestamp()))}
    refused = failure(Reply(403, {"message": "API rate limit exceeded"}, headers))
    assert isinstance(refused, RateLimited)
    assert refused.until == reset
    reply = errors({"type": "RATE_LIMITED", "message": "API rate limit exceeded"})
    reply.headers = headers
    in_the_answer = failure(reply)
    assert isinstance(in_the_answer, RateLimited)
    assert in_the_answer.until == reset


def test_a_forbidden_field_is_no_rate_limit() -> None:
    headers = {"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": "1"}
    assert type(failure(Reply(403, {"message": "Must have admin rights"}, headers))) is Reconnect


FORBIDDEN_FILES = {"type": "FORBIDDEN", "path": ["nodes", 0, "files"], "message": "Resource not accessible"}


def test_one_thing_that_may_not_be_read_leaves_the_connection_alone() -> None:
    error = failure(errors(FORBIDDEN_FILES, data={"nodes": [{}]}))
    assert isinstance(error, Skip)
    assert "Resource not accessible" in str(error)


def test_what_may_not_be_read_is_named_beside_the_rest() -> None:
    reply = errors(FORBIDDEN_FILES, data={"nodes": [{"files": None}]})
    with scripted(reply) as server, Client(Lent(), server.url) as client:
        answer = client.readable(queries.VIEWER)
    assert answer.denied == (("nodes", 0, "files"),)
    assert answer.data == {"nodes": [{"files": None}]}


def test_scopes_that_are_missing_for_one_question_leave_the_connection_alone() -> None:
    lacking = {"type": "INSUFFICIENT_SCOPES", "message": "requires one of the following scopes: ['read:org']"}
    error = failure(errors(lacking))
    assert isinstance(error, Skip)
    assert "read:org" in str(error)


def test_a_token_that_may_read_nothing_needs_its_owner() -> None:
    refused = {"type": "FORBIDDEN", "message": "This installation has been suspended"}
    error = failure(errors(refused))
    assert isinstance(error, Reconnect)
    assert error.problem == "suspended"


def refusal_of_a_path(headers: dict[str, str]) -> SourceError:
    reply = Reply(403, {"message": "Forbidden"}, headers)
    with (
        scripted(reply) as server,
        Client(Lent(), server.url) as client,
        pytest.raises(SourceError) as caught,
    ):
        list(client.listing("/orgs/acme/copilot/billing/seats"))
    return caught.value


def test_a_path_that_may_not_be_read_names_the_permission() -> None:
    error = refusal_of_a_path({"X-Accepted-GitHub-Permissions": "organization_copilot_seat_management=read"})
    assert isinstance(error, Skip)
    assert "it needs organization copilot seat management: read" in str(error)


def test_single_sign_on_is_asked_for_in_words() -> None:
    error = refusal_of_a_path({"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso"})
    assert isinstance(error, Skip)
    assert "single sign-on" in str(error)


def test_a_list_is_read_again_only_when_it_changed() -> None:
    session = Lent()
    with scripted() as server, Client(session, server.url) as client:
        more = {"Link": f'<{server.url}/teams?page=2>; rel="next"', "ETag": '"a"'}
        server.replies += [Reply(body=[1], headers=more), Reply(body=[2], headers={"ETag": '"b"'})]
        assert client.listing_if_changed("/teams", per_page=1) == [[1], [2]]
        server.replies += [Reply(304, b""), Reply(304, b"")]
        assert client.listing_if_changed("/teams", per_page=1) is None
        assert [asked.headers["if-none-match"] for asked in server.asked[2:]] == ['"a"', '"b"']
        assert [asked.path for asked in server.asked[2:]] == ["/teams?per_page=1", "/teams?page=2"]
        assert (session.requests, session.points) == (4, 2)
        server.replies += [Reply(304, b""), Reply(body=[3], headers={"ETag": '"c"'})]
        server.replies += [Reply(body=[1], headers=more), Reply(body=[3], headers={"ETag": '"c"'})]
        assert client.listing_if_changed("/teams", per_page=1) == [[1], [3]]


def test_etags_of_long_and_of_many_lists_are_not_kept() -> None:
    session = Lent()
    with scripted() as server, Client(session, server.url) as client:
        for page in range(MOST_PAGES + 1):
            link = f'<{server.url}/long?page={page}>; rel="next"' if page < MOST_PAGES else ""
            server.replies.append(Reply(body=[page], headers={"ETag": f'"{page}"', "Link": link}))
        client.listing_if_changed("/long")
        assert session.memory[ETAGS] == {}
        for place in range(MOST_LISTS + 3):
            server.replies.append(Reply(body=[], headers={"ETag": '"x"'}))
            client.listing_if_changed(f"/list/{place}")
    assert list(session.memory[ETAGS]) == [f"/list/{place}" for place in range(3, MOST_LISTS + 3)]


@pytest.mark.parametrize("status", [502, 504])
def test_an_overloaded_github_is_asked_for_less_at_once(status: int) -> None:
    assert type(failure(Reply(status))) is TooLarge


@pytest.mark.parametrize(
    "reply",
    [
        errors(
            {"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["nodes", 3], "message": "Resource limits"}, data={"n": []}
        ),
        errors({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "This query requests up to 510,000 possible nodes"}),
        errors({"message": "Something went wrong while executing your query. This may be the result of a timeout"}),
        errors({"message": "An internal error", "path": ["nodes", 2, "files"]}, data={"nodes": [{}, {}, None]}),
        errors({"type": "NOT_FOUND", "path": ["nodes", 0, "author", "id"], "message": "?"}, data={"nodes": [{}]}),
    ],
)
def test_half_an_answer_is_no_answer(reply: Reply) -> None:
    assert type(failure(reply)) is TooLarge


def test_a_thing_that_does_not_exist_is_null_beside_the_others() -> None:
    missing = {"type": "NOT_FOUND", "path": ["nodes", 0], "message": "Could not resolve to a node"}
    answer, _ = ask(errors(missing, data={"nodes": [None, {"id": "PR_2"}]}))
    assert answer["nodes"] == [None, {"id": "PR_2"}]


def test_a_question_github_does_not_understand_is_our_fault() -> None:
    assert type(failure(errors({"message": "Field 'colour' doesn't exist on type 'PullRequest'"}))) is Unexpected


def test_a_page_that_is_not_json_names_the_address() -> None:
    error = failure(Reply(200, b"<html>Welcome</html>"))
    assert type(error) is Unexpected
    assert "is the address right?" in str(error)


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with scripted() as server:
        gone = server.url
    with Client(Lent(), gone) as client, pytest.raises(Retry, match="cannot be reached"):
        client.query(queries.VIEWER)


def test_a_token_in_a_message_is_not_repeated() -> None:
    error = failure(Reply(401, {"message": "ghp_abcdefghij0123456789 has expired"}))
    assert "ghp_" not in str(error)


def test_a_list_is_read_by_githubs_own_links() -> None:
    with scripted() as server, Client(Lent(), server.url) as client:
        more = f'<{server.url}/user/repos?page=2>; rel="next", <{server.url}/user/repos?page=9>; rel="last"'
        server.replies += [Reply(body=[{"id": 1}], headers={"Link": more}), Reply(body=[{"id": 2}])]
        assert list(client.listing("/user/repos", per_page=1)) == [[{"id": 1}], [{"id": 2}]]
        assert [asked.path for asked in server.asked] == ["/user/repos?per_page=1", "/user/repos?page=2"]


def test_a_list_that_goes_on_at_another_host_is_not_followed() -> None:
    elsewhere = {"Link": '<https://elsewhere.example/user/repos?page=2>; rel="next"'}
    with scripted(Reply(body=[], headers=elsewhere)) as server, Client(Lent(), server.url) as client:
        pages = client.listing("/user/repos")
        next(pages)
        with pytest.raises(Unexpected, match="elsewhere"):
            next(pages)


def test_an_answer_that_cannot_be_unpacked_is_not_understood() -> None:
    assert type(failure(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}))) is Unexpected
