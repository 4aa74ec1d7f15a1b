"""What a site has: who asks, its fields, statuses, people and projects."""

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira import fields
from tformance.sandbox.jira.asking import Question, Refusal, linked, ok, paged
from tformance.sandbox.jira.shapes import CATEGORIES, Shapes, stamp
from tformance.sandbox.reply import Reply

MOST_USERS = 1000


def tenant(asked: Question) -> Reply:
    return ok({"cloudId": asked.world.site["id"]})


def myself(asked: Question) -> Reply:
    if asked.user is None:
        raise Refusal(401, "Client must be authenticated to access this resource.")
    shape = Shapes(asked).user(asked.user["account_id"]) or {}
    shape |= {"emailAddress": asked.user["email"]} if asked.user.get("email") else {}  # one sees one's own
    parts = {"size": 0, "items": []}
    return ok(
        shape | {"locale": "en_US", "groups": parts, "applicationRoles": parts, "expand": "groups,applicationRoles"}
    )


def server_info(asked: Question) -> Reply:
    site = asked.world.site
    now = stamp(clock.now().isoformat(), asked.zone)
    body: Row = {"baseUrl": asked.base, "displayUrl": asked.base, "version": "1001.0.0-SNAPSHOT"}
    body |= {"versionNumbers": [1001, 0, 0], "deploymentType": "Cloud", "buildNumber": 100_290}
    body |= {"buildDate": now, "serverTime": now, "scmInfo": "0" * 40, "serverTitle": "Jira"}
    return ok(body | {"defaultLocale": {"locale": "en_US"}, "serverTimeZone": site["time_zone"]})


def field_list(asked: Question) -> Reply:
    return ok(list(fields.known(asked).values()))


def statuses(asked: Question) -> Reply:
    shapes = Shapes(asked)
    return ok([shapes.scoped(shapes.status(row) | {"untranslatedName": row["name"]}, row) for row in _statuses(asked)])


def status_search(asked: Question) -> Reply:
    page = paged(asked, _statuses(asked), usual=200, most=200)
    return ok(linked(asked, page) | {"values": [_new_status(row) for row in page["values"]]})


def _new_status(row: Row) -> Row:
    shape: Row = {"id": str(row["id"]), "name": row["name"], "description": ""}
    shape["statusCategory"] = CATEGORIES[row["category"]][3]
    if row.get("project_id") is None:
        return shape | {"scope": {"type": "GLOBAL"}}
    return shape | {"scope": {"type": "PROJECT", "project": {"id": str(row["project_id"])}}}


def _statuses(asked: Question) -> list[Row]:
    return [row for row in asked.world.statuses.values() if asked.sees(row)]


def users(asked: Question) -> Reply:
    """Everybody with an account, programs and those who left too."""
    if asked.user is None:
        raise Refusal(401, "Client must be authenticated to access this resource.")
    start, size = asked.number("startAt", 0, 10**9), asked.number("maxResults", 50, MOST_USERS)
    shapes = Shapes(asked)
    rows = [shapes.user(key) or {} for key in list(asked.world.users)[start : start + size]]
    return ok([{key: value for key, value in row.items() if key != "timeZone"} for row in rows])


def projects(asked: Question) -> Reply:
    words = asked.query.get("query", "").lower()
    rows = [row for row in asked.projects() if words in row["key"].lower() or words in row["name"].lower()]
    page = paged(asked, sorted(rows, key=lambda row: row["key"]))
    shapes = Shapes(asked)
    return ok(linked(asked, page) | {"values": [_listed(shapes, row) for row in page["values"]]})


def project(asked: Question) -> Reply:
    reference = asked.pieces[4]
    row = asked.project(reference)
    if row is None:
        raise Refusal(404, f"No project could be found with key '{reference}'.")
    shapes = Shapes(asked)
    types = [asked.world.types[str(key)] for key in row["issue_types"]]
    more: Row = {"description": row.get("description") or "", "assigneeType": "UNASSIGNED", "components": []}
    more |= {
        "issueTypes": [shapes.scoped(shapes.issue_type(each), each) for each in types],
        "versions": [],
        "roles": {},
    }
    lead = shapes.user(row.get("lead"))
    more |= {"lead": {key: value for key, value in lead.items() if key != "emailAddress"}} if lead else {}
    return ok(_listed(shapes, row) | more)


def _listed(shapes: Shapes, row: Row) -> Row:
    shape = shapes.project(row) | {"expand": "description,lead,issueTypes,url,projectKeys,permissions,insight"}
    return shape | {"style": row["style"], "isPrivate": False, "properties": {}}
