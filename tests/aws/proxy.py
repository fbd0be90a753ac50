"""Stands between the functions and the fake AWS: keeps what was asked, and fails as it is told."""

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import servers

SERVICES = {
    "AmazonSSM": "ssm",
    "AmazonSQS": "sqs",
    "DynamoDB_20120810": "dynamodb",
    "AWSEvents": "events",
    "GraniteServiceVersion20100801": "monitoring",
}


@dataclass
class Request:
    service: str
    operation: str
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Fault:
    """What happens to the requests that it covers.

    reset: the connection breaks before the service has seen the request.
    cut: the service does as asked, and the connection breaks before it can say so.
    hang: no answer, until the fault is lifted or the caller gives up.
    error: the service's answer is this status and error code.
    answer: the service's answer is this status and what `body` makes of the request.
    """

    service: str
    how: str
    operation: str | None = None
    containing: bytes = b""
    times: float = float("inf")
    status: int = 500
    code: str = "InternalFailure"
    body: Callable[[dict], dict] = dict
    met: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    lifted: threading.Event = field(default_factory=threading.Event)

    def covers(self, request: Request) -> bool:
        return (
            self.times > 0
            and request.service == self.service
            and self.operation in (None, request.operation)
            and self.containing in request.body
        )


class FaultProxy:
    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self.requests: list[Request] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._server = servers.Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self.heal()
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def failing(self, service: str, how: str, **details: Any) -> Iterator[Fault]:
        """Inside the block, what the fault covers fails; afterwards it does not."""
        fault = self.fail(service, how, **details)
        try:
            yield fault
        finally:
            self.heal(fault)

    def fail(self, service: str, how: str, **details: Any) -> Fault:
        fault = Fault(service, how, **details)
        with self._lock:
            self._faults.append(fault)
        return fault

    def heal(self, *faults: Fault) -> None:
        with self._lock:
            healed = faults or tuple(self._faults)
            self._faults = [fault for fault in self._faults if fault not in healed]
        for fault in healed:
            fault.lifted.set()

    def asked(self, service: str, operation: str, containing: str = "") -> list[Request]:
        """The requests so far, also those that failed."""
        needle = containing.encode()
        with self._lock:
            return [
                request
                for request in self.requests
                if (request.service, request.operation) == (service, operation) and needle in request.body
            ]

    def note(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            for fault in self._faults:
                if fault.covers(request):
                    fault.times -= 1
                    return fault
        return None


def _handler(proxy: FaultProxy) -> type[servers.Handler]:
    class Handler(servers.Handler):
        def setup(self) -> None:
            super().setup()
            self.forward = http.client.HTTPConnection(*proxy.upstream, timeout=60)

        def finish(self) -> None:
            self.forward.close()
            super().finish()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
            if self.path == "/v2/email/outbound-emails":
                service, operation = "ses", "SendEmail"
            request = Request(SERVICES.get(service, service), operation, body)
            fault = proxy.note(request)
            if fault is None:
                self.answer(*self.ask(body))
                return
            if fault.how == "cut":
                self.ask(body)
            fault.met.release()
            if fault.how in ("error", "answer"):
                error = {"__type": fault.code, "message": "made to fail"}
                content = error if fault.how == "error" else fault.body(request.json)
                headers = [("Content-Type", "application/x-amz-json-1.0")]
                self.answer(fault.status, headers, json.dumps(content).encode())
                return
            if fault.how == "hang":
                fault.lifted.wait(60)
            self.reset()

        def ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            self.forward.request("POST", self.path, body, dict(self.headers))
            answer = self.forward.getresponse()
            drop = {"connection", "transfer-encoding", "content-length", "date", "server"}
            headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in drop]
            return answer.status, headers, answer.read()

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def reset(self) -> None:
            # With this set, close sends a reset instead of an orderly end.
            no_linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
            self.connection.close()
            self.close_connection = True

    return Handler
