from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):
    """Nobody signs themselves up: accounts come from the operator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
