"""Messages to the product: signed deliveries, their log, and what goes wrong with them on demand."""

import hashlib
import hmac
import http.client
import json
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from queue import Empty, SimpleQueue
from random import Random
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tformance.core import clock
from tformance.sandbox.faults import Chances

KEPT = 20_000
SECONDS = 10.0
WORKERS = 4


@dataclass
class Hook:
    """Where messages go. `target` is the App's or organisation's number; `events` None means all."""

    id: int
    url: str
    secret: str
    target_type: str = "integration"
    target: int = 0
    events: list[str] | None = None
    active: bool = True
    content_type: str = "json"
    insecure_ssl: str = "0"

    def config(self) -> dict[str, str]:
        shown = {"content_type": self.content_type, "insecure_ssl": self.insecure_ssl, "url": self.url}
        return shown | ({"secret": "********"} if self.secret else {})


@dataclass
class Message:
    """One message to one hook. `after` is how many seconds to hold it back."""

    hook: Hook
    event: str
    payload: bytes
    guid: str
    action: str | None
    installation: int | None
    repository: int | None
    key: str
    redelivery: bool = False
    after: float = 0.0


@dataclass
class Attempt:
    """One line of the log of deliveries."""

    id: int
    message: Message
    at: str
    seconds: float
    code: int
    status: str
    headers: dict[str, str]
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""

    def line(self) -> dict[str, Any]:
        message = self.message
        return {
            "id": self.id,
            "guid": message.guid,
            "delivered_at": self.at,
            "redelivery": message.redelivery,
            "duration": round(self.seconds, 2),
            "status": self.status,
            "status_code": self.code,
            "event": message.event,
            "action": message.action,
            "installation_id": message.installation,
            "repository_id": message.repository,
            "throttled_at": None,
        }

    def whole(self) -> dict[str, Any]:
        payload = json.loads(zlib.decompress(self.message.payload))
        return self.line() | {
            "url": self.message.hook.url,
            "request": {"headers": self.headers, "payload": payload},
            "response": {"headers": self.answer_headers, "payload": self.answer},
        }


Headers = Callable[[Message, bytes], dict[str, str]]


class Deliveries:
    """Sends in the background; `headers` are the provider's; messages about one thing keep their order unless a fault says otherwise."""

    def __init__(self, spec: Chances, headers: Headers | None = None) -> None:
        self.spec = spec
        self._headers = headers or github_headers
        self.log: deque[Attempt] = deque(maxlen=KEPT)
        self.sent = 0
        self._numbers = count(1)
        self._chance = Random(spec.seed)
        self._lock = Lock()
        self._queues: list[SimpleQueue[Message]] = [SimpleQueue() for _ in range(WORKERS)]
        self._pending = 0
        self._held: Message | None = None
        for queue in self._queues:
            Thread(target=self._work, args=(queue,), daemon=True).start()

    def post(self, hook: Hook, event: str, body: dict[str, Any], key: str) -> str:
        """Hand one message over; gives its guid, which the receiver sees as X-GitHub-Delivery."""
        packed = zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 1)
        guid = str(uuid4())
        installation = (body.get("installation") or {}).get("id")
        repository = (body.get("repository") or {}).get("id")
        self._push(Message(hook, event, packed, guid, body.get("action"), installation, repository, key))
        return guid

    def again(self, attempt: Attempt) -> None:
        """What the API's redelivery does: the same message with the same guid."""
        old = attempt.message
        fresh = Message(
            old.hook, old.event, old.payload, old.guid, old.action, old.installation, old.repository, old.key, True
        )
        self._enqueue(fresh)

    def _push(self, message: Message) -> None:
        spec = self.spec
        with self._lock:
            draws = [self._chance.random() for _ in range(5)]
        if draws[0] < spec.hook_silent:
            return
        if draws[1] < spec.hook_lose:
            self._record(message, 0.0, 502, "failed to connect to host", {}, {}, "")
            return
        if draws[2] < spec.hook_delay:
            message.after = spec.hook_delay_seconds
        if draws[3] < spec.hook_swap and self._hold(message):
            return
        self._enqueue(message)
        if draws[4] < spec.hook_repeat:
            self._enqueue(message)
        with self._lock:
            held, self._held = self._held, None
        if held:
            self._enqueue(held)

    def _hold(self, message: Message) -> bool:
        """Keep it until the next one has gone; False while another is kept."""
        with self._lock:
            if self._held is not None:
                return False
            self._held = message
        return True

    def _enqueue(self, message: Message) -> None:
        with self._lock:
            self._pending += 1
        self._queues[zlib.crc32(message.key.encode()) % WORKERS].put(message)

    def _work(self, queue: "SimpleQueue[Message]") -> None:
        late: list[tuple[float, Message]] = []
        wire = Wire()
        while True:
            message = self._next(queue, late)
            if message is None:
                continue
            if message.after:
                late.append((time.monotonic() + message.after, message))
                message.after = 0.0
                continue
            self._send(wire, message)
            with self._lock:
                self._pending -= 1

    @staticmethod
    def _next(queue: "SimpleQueue[Message]", late: list[tuple[float, Message]]) -> Message | None:
        due = next((entry for entry in late if entry[0] <= time.monotonic()), None)
        if due:
            late.remove(due)
            return due[1]
        try:
            return queue.get(timeout=0.05 if late else None)
        except Empty:
            return None

    def _send(self, wire: "Wire", message: Message) -> None:
        body = zlib.decompress(message.payload)
        headers = self._headers(message, body)
        started = time.perf_counter()
        try:
            code, answer_headers, answer = wire.post(message.hook.url, body, headers)
            status = "OK" if 200 <= code < 300 else f"Invalid HTTP Response: {code}"
        except TimeoutError:
            code, answer_headers, answer, status = 504, {}, "", "timed out"
        except (OSError, http.client.HTTPException):
            code, answer_headers, answer, status = 502, {}, "", "failed to connect to host"
        self._record(message, time.perf_counter() - started, code, status, headers, answer_headers, answer)

    def _record(
        self,
        message: Message,
        seconds: float,
        code: int,
        status: str,
        headers: dict[str, str],
        answer_headers: dict[str, str],
        answer: str,
    ) -> None:
        at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            number = next(self._numbers)
            self.log.appendleft(Attempt(number, message, at, seconds, code, status, headers, answer_headers, answer))
            self.sent += 1

    def of(self, hook: Hook) -> list[Attempt]:
        """The hook's attempts, newest first."""
        with self._lock:
            return [each for each in self.log if each.message.hook is hook]

    @property
    def pending(self) -> int:
        """Messages that have not been attempted yet."""
        with self._lock:
            return self._pending + (self._held is not None)


class Wire:
    """One kept-alive connection per host."""

    def __init__(self) -> None:
        self._open: dict[str, http.client.HTTPConnection] = {}

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        """Raises OSError (TimeoutError after ten seconds) or HTTPException."""
        parts = urlsplit(url)
        kept = parts.netloc in self._open
        try:
            return self._once(parts.scheme, parts.netloc, parts.path or "/", parts.query, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            if not kept:
                raise
        return self._once(parts.scheme, parts.netloc, parts.path or "/", parts.query, body, headers)

    def _once(
        self, scheme: str, host: str, path: str, query: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connection = self._open.pop(host, None) or kind(host, timeout=SECONDS)
        try:
            connection.request("POST", f"{path}?{query}" if query else path, body, headers)
            answer = connection.getresponse()
            text = answer.read(1_000_000).decode(errors="replace")
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            self._open[host] = connection
        return answer.status, dict(answer.getheaders()), text


def github_headers(message: Message, body: bytes) -> dict[str, str]:
    hook = message.hook
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/sandbox",
        "X-GitHub-Delivery": message.guid,
        "X-GitHub-Event": message.event,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.target),
        "X-GitHub-Hook-Installation-Target-Type": hook.target_type,
    }
    if hook.secret:
        key = hook.secret.encode()
        headers["X-Hub-Signature"] = "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()
        headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return headers
