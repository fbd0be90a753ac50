"""Lambda for a function on this machine: hands it callbacks as a Function URL does, and gives its answers."""

import queue
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import runtime_handler
import servers
from runtime_handler import Outcome

PATH = "/callbacks"
ANSWER_LIMIT_S = 20.0


class Runtime:
    """The Runtime API that a function asks for its next event."""

    def __init__(self) -> None:
        self.init_error: dict[str, Any] | None = None
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._asked = threading.Event()
        self._ended = threading.Event()
        self._server = servers.Server(("127.0.0.1", 0), runtime_handler.handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> "Runtime":
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def variables(self) -> str:
        """What Lambda sets for a function, in front of a command."""
        said = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "receiver",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_GROUP_NAME": "receiver",
            "AWS_LAMBDA_LOG_STREAM_NAME": "receiver",
        }
        return " ".join(f"{name}={value}" for name, value in said.items())

    def wait(self, runs: Callable[[], bool], limit_s: float) -> bool:
        """Whether the function asks for an event in time."""
        limit = time.monotonic() + limit_s
        while not self._asked.wait(0.05):
            if time.monotonic() > limit or not runs():
                return False
        return True

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status that the function answers a callback with."""
        now = int(time.time() * 1000)
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": PATH,
            "rawQueryString": "",
            "headers": {"content-type": "application/json", **headers},
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "made-up",
                "domainName": "made-up.lambda-url.us-east-1.on.aws",
                "domainPrefix": "made-up",
                "http": {
                    "method": "POST",
                    "path": PATH,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "made-up",
                },
                "requestId": str(uuid.uuid4()),
                "routeKey": "$default",
                "stage": "$default",
                "time": "26/Nov/2026:00:00:00 +0000",
                "timeEpoch": now,
            },
            "body": body.decode(),
            "isBase64Encoded": False,
        }
        self._events.put(event)
        outcome = self._outcomes.get(timeout=ANSWER_LIMIT_S)
        # An error of the function is what its caller sees as 502.
        return int(outcome.response["statusCode"]) if outcome.error is None else 502

    def post_broken(self, body: bytes, headers: dict[str, str]) -> None:
        """Lambda hands over whole bodies alone."""

    def next_event(self) -> tuple[str, dict[str, Any], float] | None:
        self._asked.set()
        while not self._ended.is_set():
            try:
                return str(uuid.uuid4()), self._events.get(timeout=0.1), time.time() + ANSWER_LIMIT_S
            except queue.Empty:
                continue
        return None

    def take(self, _request: str, outcome: Outcome) -> None:
        self._outcomes.put(outcome)
