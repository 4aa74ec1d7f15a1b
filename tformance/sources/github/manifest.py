"""The form that makes a GitHub App in one click, and what GitHub answers when it is made."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from tformance.core import http
from tformance.core.clock import now
from tformance.core.errors import Skip
from tformance.sources.github.access import COPILOT, HELPFUL, NEEDED
from tformance.sources.github.oauth import web_url

EVENTS: Final = (
    "check_run",
    "deployment",
    "deployment_status",
    "issue_comment",
    "member",
    "membership",
    "merge_group",
    "organization",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "release",
    "repository",
    "status",
    "team",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where GitHub sends browsers and messages of this server; `hook` is used only where GitHub can reach it."""

    home: str
    made: str
    installed: str
    signed_in: str
    hook: str


@dataclass(frozen=True, slots=True)
class MadeApp:
    """An App that exists now, with its secrets in clear: seal them at once."""

    app_id: int
    slug: str
    owner: str
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str


def document(name: str, addresses: Addresses, *, is_reachable: bool, with_copilot: bool) -> dict[str, Any]:
    """What the form posts. Without `is_reachable` the App sends no messages and changes are asked for."""
    permissions = (*NEEDED, *HELPFUL, *(COPILOT if with_copilot else ()))
    return {
        "name": name,
        "url": addresses.home,
        "redirect_url": addresses.made,
        "callback_urls": [addresses.signed_in],
        "setup_url": addresses.installed,
        "hook_attributes": {"url": addresses.hook, "active": is_reachable},
        "public": False,
        "request_oauth_on_install": False,
        "setup_on_update": False,
        "default_permissions": {permission.key: "read" for permission in permissions},
        "default_events": list(EVENTS) if is_reachable else [],
    }


def form_url(api_url: str, organization: str, state: str) -> str:
    """Where the form is posted to: an organisation's settings, or with none the person's own."""
    place = f"organizations/{quote(organization, safe='')}/settings" if organization else "settings"
    return f"{web_url(api_url)}/{place}/apps/new?{urlencode({'state': state})}"


def install_url(api_url: str, slug: str, state: str) -> str:
    """GitHub serves Apps under /apps, Enterprise Server under /github-apps."""
    folder = "github-apps" if api_url.rstrip("/").endswith("/api/v3") else "apps"
    return f"{web_url(api_url)}/{folder}/{quote(slug, safe='')}/installations/new?{urlencode({'state': state})}"


def converted(api_url: str, code: str) -> MadeApp:
    """The App for the code that came back, once and within the hour; raises Skip when GitHub does not know it."""
    door = http.Door(api_url.rstrip("/"), {"Accept": "application/vnd.github+json"})
    try:
        response = door.send("POST", f"/app-manifests/{quote(code, safe='')}/conversions")
    finally:
        door.close()
    error = http.error_of(response, now())
    if isinstance(error, Skip):
        raise Skip("GitHub does not know this code: it works once and for an hour", item="code")
    if error is not None:
        raise error
    answer = response.json()
    return MadeApp(
        app_id=answer["id"],
        slug=answer["slug"],
        owner=answer["owner"]["login"],
        client_id=answer["client_id"],
        client_secret=answer["client_secret"],
        webhook_secret=answer.get("webhook_secret") or "",
        pem=answer["pem"],
    )
