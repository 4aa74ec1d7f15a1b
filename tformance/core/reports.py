"""Where faults that nobody sees otherwise are told: Sentry, or nothing where no address is given."""

from typing import Any

from tformance.core.log import without_secrets


class _Nowhere:
    def send(self, text: str) -> None:
        """Nobody asked to be told."""


class _Sentry:
    """What is sent is the text alone: no variables, no request, no machine."""

    def __init__(self, address: str) -> None:
        import sentry_sdk

        self._sentry = sentry_sdk
        sentry_sdk.init(
            dsn=address,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            server_name="",
            before_send=lambda event, _hint: _redacted(event),
        )

    def send(self, text: str) -> None:
        self._sentry.capture_message(text, level="error")
        self._sentry.flush(timeout=2)


_port: _Nowhere | _Sentry = _Nowhere()


def tell(address: str) -> None:
    """Reports go to this Sentry address from now on; to nobody when it is empty."""
    global _port
    _port = _Sentry(address) if address else _Nowhere()


def send(text: str) -> None:
    """Report something that people should look at; it never fails and holds no secret."""
    _port.send(without_secrets(text))


def _redacted(event: Any) -> Any:
    event.pop("modules", None)
    event.pop("server_name", None)
    return event
