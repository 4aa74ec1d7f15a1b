"""How much a browser has to load. Charts are drawn by the server, so pages with charts carry no more than the others."""

import gzip

from django.conf import settings

BUILT = settings.FRONTEND_DIST / "assets"


def weight(pattern: str) -> int:
    files = list(BUILT.glob(pattern))
    assert files
    return sum(len(gzip.compress(path.read_bytes())) for path in files)


def test_the_scripts_of_all_pages_together_weigh_at_most_60_kilobytes() -> None:
    assert weight("*.js") <= 60_000


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (*BUILT.glob("*.js"), *BUILT.glob("*.css")):
        assert "@import url(http" not in path.read_text()
        assert "url(http" not in path.read_text()
