"""A connected Jira stands on the pages of connections and of data health beside everything else."""

from pathlib import Path

import pytest
from django.urls import reverse

from tformance.accounts.models import Team
from tformance.faces.web.tests.conftest import Visit
from tformance.sandbox.tests.jira_client import running
from tformance.sandbox.tests.jira_site import write
from tformance.sync import connections, drive


@pytest.mark.parametrize("role", ["admin", "developer"])
def test_what_is_read_of_jira_is_shown(role: str, acme: Team, as_role: Visit, tmp_path: Path) -> None:
    with running(write(tmp_path)) as (sandbox, _):
        made = connections.connect_jira(acme.pk, sandbox.url, "ann@small.example", "token")
        connections.follow(acme.pk, made.id, ["WEB", "APP"])
        drive.run_until_done(acme.pk, lambda: None)
    browser = as_role(role)
    for page, words in (
        ("connections", ("Jira", "WEB", "Up to date", "Issues read")),
        ("health_details", ("Jira projects", "Jira sites", "Sprints")),
    ):
        text = browser.get(reverse(page, args=[acme.slug])).content.decode()
        assert [word for word in words if word not in text] == []
        assert "Choose repositories" not in text
