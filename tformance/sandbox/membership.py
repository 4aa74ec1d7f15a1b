"""Who belongs to the invented organisation at a moment, and to which of its teams."""

from collections.abc import Iterator

from tformance.sandbox.organisation import OWNER, Home, Organisation, Person
from tformance.sandbox.story import Row, iso

_WHOLE = "engineering"


def there(person: Person, moment: int) -> bool:
    """Leavers and deleted accounts are no members; outsiders never were."""
    return person.present(moment) and not person.deleted and not person.outside


def members(organisation: Organisation, moment: int) -> Iterator[Row]:
    for place, person in enumerate(organisation.people):
        if there(person, moment):
            yield {"organization": OWNER, "login": person.login, "role": "ADMIN" if place % 15 == 0 else "MEMBER"}


def teams(organisation: Organisation, moment: int) -> Iterator[Row]:
    """One team for each repository, inside a team of everybody."""
    everybody = [person.login for person in organisation.people if there(person, moment)]
    yield _team(0, _WHOLE, everybody, organisation.start, None)
    for place, home in enumerate(organisation.homes, 1):
        yield _team(place, slug(home), [p.login for p in home.team if there(p, moment)], home.created, _WHOLE)


def slug(home: Home) -> str:
    return home.name.split("/")[1]


def _team(place: int, name: str, logins: list[str], created: int, parent: str | None) -> Row:
    row: Row = {"id": f"T_kwDO{place:06d}", "database_id": 8_100_000 + place * 31, "organization": OWNER, "slug": name}
    title = name.replace("-", " ").capitalize()
    return row | {"name": title, "parent_slug": parent, "created_at": iso(created), "members": logins}
