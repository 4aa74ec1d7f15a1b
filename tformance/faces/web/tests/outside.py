"""Addresses outside teams, by what they are."""

OPEN = [
    "/welcome/",
    "/invitations/{link}/",
    "/healthz",
    "/readyz",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/password/reset/",
    "/accounts/confirm-email/guess/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-guess/",
    "/accounts/password/reset/done/",
    "/accounts/3rdparty/login/cancelled/",
]
# Of the account that is signed in, with nothing set up in it.
ACCOUNT = [
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/3rdparty/",
    "/accounts/sessions/",
]
ACCOUNT_READ = ["/accounts/2fa/", "/accounts/2fa/webauthn/"]
NOT_MINE = [
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/webauthn/keys/1/remove/",
    "/accounts/2fa/webauthn/keys/1/edit/",
]
NO_PASSWORD = ["/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/"]
AWAY = [  # steps of ways that nobody here has begun
    "/accounts/password/change/",
    "/accounts/login/code/confirm/",
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/webauthn/login/",
    "/accounts/3rdparty/signup/",
]
OLD = [  # of allauth, from before its addresses changed
    "/accounts/social/login/cancelled/",
    "/accounts/social/login/error/",
    "/accounts/social/signup/",
    "/accounts/social/connections/",
]
WAYS_BACK = [  # from GitHub, for who began there
    "/connect/github/made/",
    "/connect/github/installed/",
    "/connect/github/signed-in/",
    "/connect/github/consented/",
]
NOT_SET_UP = [
    "/accounts/github/login/",
    "/accounts/github/login/callback/",
    "/accounts/oidc/oidc/login/",
    "/accounts/oidc/oidc/login/callback/",
]
NOTHING = ["/nowhere/", "/static/nothing.css", "/t/"]
ONLY_POSTED = ["/demo/remove/", "/theme/", "/hooks/github/{endpoint}/"]
ONLY_READ = [
    "/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/done/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
    *WAYS_BACK,
]
# Stand behind addresses of ours that are the same.
HIDDEN = {"accounts/oidc/(?P<provider_id>[^/]+)/login/"}
