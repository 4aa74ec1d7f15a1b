"""The local GitHub's web pages: making an App, installing it, and approving a sign-in."""

import json
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any

from tformance.sandbox.apps import App, Installation
from tformance.sandbox.github import viewer
from tformance.sandbox.hub import Hub
from tformance.sandbox.live_apps import change_repositories
from tformance.sandbox.oauth import Denied, allowed
from tformance.sandbox.reply import Reply, refused
from tformance.sandbox.request import Request, moved

COOKIE = "local_github_user"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;padding:.4rem 1rem}}small{{color:#555}}</style></head>
<body><h1>{title}</h1>{body}<p><small>Local GitHub of the sandbox. Signed in as {login}.
Another person: add ?as=LOGIN to the address.</small></p></body></html>"""


def signed_in(hub: Hub, asked: Request) -> str:
    """Who sits at the browser: `?as=LOGIN`, else the cookie, else the first user."""
    if asked.query.get("as"):
        return asked.query["as"]
    try:
        cookie = SimpleCookie(asked.cookie).get(COOKIE)
    except CookieError:
        cookie = None
    login: str = cookie.value if cookie else viewer(hub.data)["login"]
    return login


def answer(hub: Hub, asked: Request) -> Reply | None:
    """None for addresses that are no web page."""
    reply = _answer(hub, asked)
    if reply and asked.query.get("as"):
        reply.headers["Set-Cookie"] = f"{COOKIE}={asked.query['as']}; Path=/; HttpOnly; SameSite=Lax"
    return reply


def _answer(hub: Hub, asked: Request) -> Reply | None:
    match asked.method, asked.pieces:
        case "GET" | "POST", ["settings", "apps", "new"]:
            return _new(hub, asked, signed_in(hub, asked))
        case "GET" | "POST", ["organizations", owner, "settings", "apps", "new"]:
            return _new(hub, asked, owner)
        case "POST", ["settings", "apps"]:
            return _create(hub, asked, asked.form.get("owner") or signed_in(hub, asked))
        case "GET", ["apps" | "github-apps", slug, "installations", "new" | "select_target"]:
            return _with_app(hub, slug, lambda app: _choose(hub, asked, app))
        case "POST", ["apps" | "github-apps", slug, "installations"]:
            return _with_app(hub, slug, lambda app: _install(hub, asked, app))
        case "GET", ["apps" | "github-apps", slug]:
            return _with_app(hub, slug, lambda app: moved(f"/apps/{app.slug}/installations/new"))
        case "GET", ["login", "oauth", "authorize"]:
            return _authorize(hub, asked)
        case "POST", ["login", "oauth", "authorize"]:
            return _approve(hub, asked)
        case "POST", ["login", "oauth", "access_token"]:
            return _access_token(hub, asked)
    return None


def _with_app(hub: Hub, slug: str, show: Any) -> Reply:
    app = hub.apps.by_slug(slug)
    return show(app) if app else refused(404, "Not Found")


def _page(hub: Hub, asked: Request, title: str, body: str, status: int = 200) -> Reply:
    login = escape(signed_in(hub, asked))
    return Reply(status, _PAGE.format(title=escape(title), body=body, login=login))


def _hidden(**values: str) -> str:
    return "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in values.items())


def _new(hub: Hub, asked: Request, owner: str) -> Reply:
    text = asked.form.get("manifest") or asked.query.get("manifest")
    try:
        manifest = json.loads(text) if text else {}
    except json.JSONDecodeError:
        return _page(hub, asked, "This manifest cannot be read", "<p>It is not JSON.</p>", 422)
    if not isinstance(manifest, dict) or not manifest:
        return _page(hub, asked, "Register a new GitHub App", "<p>Send a form with a manifest to this address.</p>")
    wanted = manifest.get("default_permissions") or {}
    rows = "".join(f"<li>{escape(name)}: {escape(str(level))}</li>" for name, level in wanted.items())
    name = escape(str(manifest.get("name") or ""))
    hidden = _hidden(manifest=json.dumps(manifest), state=asked.query.get("state", ""), owner=owner)
    body = f'<p>Owner: {escape(owner)}</p><form method="post" action="/settings/apps"><label>Name <input name="name" value="{name}"></label><p>Permissions</p><ul>{rows}</ul>{hidden}<button>Create GitHub App</button></form>'
    return _page(hub, asked, "Create GitHub App", body)


def _create(hub: Hub, asked: Request, owner: str) -> Reply:
    form = asked.form
    manifest = json.loads(form.get("manifest", "{}"))
    manifest |= {"name": form["name"]} if form.get("name") else {}
    try:
        code = hub.apps.register(manifest, owner)
    except ValueError as error:
        return _page(hub, asked, "The App was not created", f"<p>{escape(str(error))}</p>", 422)
    return moved(manifest.get("redirect_url") or manifest["url"], code=code, state=form.get("state") or None)


def _choose(hub: Hub, asked: Request, app: App) -> Reply:
    names = sorted(row["name_with_owner"] for row in hub.data.repositories.values())
    owners = "".join(f"<option>{escape(each)}</option>" for each in dict.fromkeys(n.split("/")[0] for n in names))
    boxes = "".join(
        f'<label><input type="checkbox" name="repository" value="{escape(name)}"> {escape(name)}</label><br>'
        for name in names
    )
    rows = "".join(f"<li>{escape(name)}: {escape(level)}</li>" for name, level in app.permissions.items())
    body = (
        f'<form method="post" action="/apps/{app.slug}/installations"><label>On <select name="account">{owners}</select></label>'
        f"<p>Permissions</p><ul>{rows}</ul>"
        '<p><label><input type="radio" name="selection" value="all" checked> All repositories</label> '
        '<label><input type="radio" name="selection" value="selected"> Only select repositories</label></p>'
        f"{boxes}{_hidden(state=asked.query.get('state', ''))}<p><button>Install</button></p></form>"
    )
    return _page(hub, asked, f"Install {app.name}", body)


def _install(hub: Hub, asked: Request, app: App) -> Reply:
    form, login = asked.form, signed_in(hub, asked)
    rows = [hub.data.named(name) for name in asked.all_of_form.get("repository", ())]
    chosen = frozenset(str(row["id"]) for row in rows if row) if form.get("selection") == "selected" else None
    known = next((each for each in hub.apps.of(app) if each.account.lower() == form["account"].lower()), None)
    made = known or hub.apps.install(app, form["account"], chosen, login)
    if known:
        change_repositories(hub, known, chosen, login)
    else:
        hub.events.installation("created", made, login)
    return _after_install(hub, app, made, form.get("state") or None, login, "update" if known else "install")


def _after_install(hub: Hub, app: App, made: Installation, state: str | None, login: str, action: str) -> Reply:
    about = {"installation_id": str(made.id), "setup_action": action, "state": state}
    if app.asks_for_user and app.callbacks:
        code = hub.oauth.approve(app, login, app.callbacks[0], "")
        return moved(app.callbacks[0], code=code, **about)
    return moved(app.setup_url or f"/apps/{app.slug}", **about)


def _authorize(hub: Hub, asked: Request) -> Reply:
    query = asked.query
    app = hub.apps.by_client(query.get("client_id", ""))
    if app is None:
        return _page(hub, asked, "Not found", "<p>There is no App with this client id.</p>", 404)
    redirect_uri = query.get("redirect_uri") or next(iter(app.callbacks), "")
    if not allowed(app, redirect_uri):
        words = "<p>The redirect_uri is not associated with this application.</p>"
        return _page(hub, asked, "Be careful", words)
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        return moved(redirect_uri, error="invalid_request", state=query.get("state"))
    hidden = _hidden(
        client_id=app.client_id,
        redirect_uri=redirect_uri,
        state=query.get("state", ""),
        code_challenge=query.get("code_challenge", ""),
    )
    body = f'<form method="post" action="/login/oauth/authorize">{hidden}<button name="approve" value="yes">Approve</button> <button name="approve" value="no">Cancel</button></form>'
    return _page(hub, asked, f"Authorize {app.name}", body)


def _approve(hub: Hub, asked: Request) -> Reply:
    form, login = asked.form, signed_in(hub, asked)
    app = hub.apps.by_client(form.get("client_id", ""))
    if app is None or not allowed(app, form.get("redirect_uri", "")):
        return refused(404, "Not Found")
    if form.get("approve") == "no":
        words = "The user has denied your application access."
        return moved(
            form["redirect_uri"], error="access_denied", error_description=words, state=form.get("state") or None
        )
    code = hub.oauth.approve(app, login, form["redirect_uri"], form.get("code_challenge", ""))
    return moved(form["redirect_uri"], code=code, state=form.get("state") or None)


def _access_token(hub: Hub, asked: Request) -> Reply:
    try:
        return Reply(200, hub.oauth.token(hub.apps, asked.form))
    except Denied as denied:
        address = "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps"
        return Reply(200, {"error": denied.error, "error_description": denied.words, "error_uri": address})
