from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings


class SecondFactor(DefaultMFAAdapter):
    """Secrets of second factors are sealed like the credentials of connections."""

    def encrypt(self, text: str) -> str:
        sealed: bytes = settings.KEY_RING.seal(text)
        return sealed.decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(settings.KEY_RING.open(encrypted_text.encode()))
