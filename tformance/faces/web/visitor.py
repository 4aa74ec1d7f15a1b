"""Whoever is signed in, as a user and not as somebody who might be nobody."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tformance.accounts.models import User


def visitor(request: HttpRequest) -> User:
    """Behind a door that asks for a sign-in; anybody else is refused."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
