"""Settings that are wrong or half there stop the start with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tformance.project import environment


def test_without_any_no_other_site_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.sign_in_sites() == {"github": {}, "openid_connect": {}}


def test_both_can_be_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "GITHUB_LOGIN_CLIENT_ID": "id",
        "GITHUB_LOGIN_CLIENT_SECRET": "secret",
        "OIDC_ISSUER": "https://sso.acme.example/",
        "OIDC_CLIENT_ID": "us",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_NAME": "Acme SSO",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    sites = environment.sign_in_sites()
    assert sites["github"]["APPS"] == [{"client_id": "id", "secret": "secret"}]
    app = sites["openid_connect"]["APPS"][0]
    assert (app["name"], app["settings"]["server_url"]) == ("Acme SSO", "https://sso.acme.example")


@pytest.mark.parametrize(
    "name", ["GITHUB_LOGIN_CLIENT_ID", "GITHUB_LOGIN_CLIENT_SECRET", "OIDC_ISSUER", "OIDC_CLIENT_ID"]
)
def test_half_of_it_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(ImproperlyConfigured, match="must be set too"):
        environment.sign_in_sites()


def test_a_word_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_UP", "everybody")
    with pytest.raises(ImproperlyConfigured, match="SIGN_UP must be invited or open, not 'everybody'"):
        environment.one_of("SIGN_UP", "invited", "open")
