"""Errors by way out: what happens next is decided by the class, never by the text.

SourceError
├── Reconnect     the credential no longer works: tell the owner, stop
├── RateLimited   the provider asks us to wait until an instant
├── Retry         a passing fault: try the same step again
├── TooLarge      the provider could not answer a page of this size: ask for less
├── Skip          one item cannot be read: record it, go on
└── Unexpected    the provider answered something we do not understand
"""

from datetime import datetime


class SourceError(Exception):
    """A provider did not give what was asked; `str()` is safe to show to a user."""


class Reconnect(SourceError):
    """`problem` is the kind of trouble where the provider names it: expired, revoked, suspended, uninstalled."""

    def __init__(self, message: str, problem: str = "") -> None:
        super().__init__(message)
        self.problem = problem


class RateLimited(SourceError):
    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Retry(SourceError):
    pass


class TooLarge(Retry):
    pass


class Skip(SourceError):
    """`item` is the provider's id of what is left out, for the list of quarantined items."""

    def __init__(self, message: str, item: str) -> None:
        super().__init__(message)
        self.item = item


class Unexpected(SourceError):
    pass
