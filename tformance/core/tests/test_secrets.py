import pytest
from cryptography.fernet import Fernet

from tformance.core.secrets import KeyRing, SecretLost


def key() -> str:
    return Fernet.generate_key().decode()


def test_a_sealed_secret_does_not_show_its_text() -> None:
    assert b"token" not in KeyRing([key()]).seal("token")


def test_an_older_key_still_opens() -> None:
    old, new = key(), key()
    sealed = KeyRing([old]).seal("token")
    assert KeyRing([new, old]).open(sealed) == "token"


def test_a_secret_of_a_lost_key_says_so() -> None:
    sealed = KeyRing([key()]).seal("token")
    with pytest.raises(SecretLost, match="MASTER_KEYS"):
        KeyRing([key()]).open(sealed)


def test_an_empty_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="MASTER_KEYS"):
        KeyRing([])
