"""How lines of the log are written, ours and other libraries': without a secret in any of them."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"
_SECRET_KEY = re.compile(r"token|secret|passw|authorization|cookie|credential|api_?key|private_?key", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"gh[opusr]_\w{8,}|github_pat_\w{8,}|xox[a-z]-[\w-]{8,}|sk-[\w-]{16,}"
    r"|\b(?:bearer|basic|token)\s+[\w.~+/=-]{8,}"
    r"|(?<=://)[^/\s@]*:[^/\s@]+(?=@)",
    re.IGNORECASE,
)


def configure() -> None:
    """Let structlog's lines go the standard library's way, where `formatter` writes them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def formatter(as_json: bool = False) -> logging.Formatter:
    """For the handlers of `LOGGING`; what stands in a line's `extra` is written and redacted as well."""
    last: Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_ON_EVERY_LINE),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            last,
        ],
    )


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Hide what stands under a telling name, and what looks like a credential anywhere else."""
    return {key: _clean(key, value) for key, value in event.items()}


def without_secrets(text: str) -> str:
    return _SECRET_TEXT.sub(HIDDEN, text)


def _clean(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key) and value is not None:
        return HIDDEN
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, bytes):
        return without_secrets(value.decode(errors="replace"))
    if isinstance(value, Mapping):
        return {inner: _clean(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", each) for each in value]
    return value


_ON_EVERY_LINE: tuple[Processor, ...] = (
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
