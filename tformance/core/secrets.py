"""Secrets at rest: a ring of keys, the first one encrypts, all of them decrypt."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SecretLost(Exception):
    """No key of the ring opens a stored secret."""


class KeyRing:
    """`keys` are urlsafe base64 Fernet keys, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("the key ring is empty: set MASTER_KEYS")
        self._newest = Fernet(keys[0])
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> bytes:
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(bytes(sealed))
        except InvalidToken as error:
            raise SecretLost("a stored secret cannot be opened with the keys in MASTER_KEYS") from error

    def resealed(self, sealed: bytes) -> bytes | None:
        """The same content under the newest key; None where it is under that key already. Raises SecretLost."""
        try:
            self._newest.decrypt(bytes(sealed))
        except InvalidToken:
            return self.seal_bytes(self.open_bytes(sealed))
        return None
