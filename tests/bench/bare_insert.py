"""What the web server and the database can do at most: a request's body goes into one table, and nothing else happens."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

STATEMENT = "INSERT INTO bare (body) VALUES (%s)"
_own = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    _own.connection.execute(STATEMENT, [body])
    start_response("202 Accepted", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"stored"]
