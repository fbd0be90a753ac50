"""Lambda for a function on this machine: hands it callbacks as a Function URL does, and gives its answers."""

import http.server
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

PATH = "/callbacks"
ANSWER_LIMIT_S = 20.0


class Runtime:
    """The Runtime API that a function asks for its next event."""

    def __init__(self) -> None:
        self._events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._asked = threading.Event()
        self._ended = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
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
        self._events.put((str(uuid.uuid4()), event))
        return int(self._answers.get(timeout=ANSWER_LIMIT_S)["statusCode"])

    def post_broken(self, body: bytes, headers: dict[str, str]) -> None:
        """Lambda hands over whole bodies alone."""

    def next_event(self) -> tuple[str, dict[str, Any]] | None:
        self._asked.set()
        while not self._ended.is_set():
            try:
                return self._events.get(timeout=0.1)
            except queue.Empty:
                continue
        return None

    def take(self, answer: dict[str, Any]) -> None:
        self._answers.put(answer)


def _handler(runtime: Runtime) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = runtime.next_event()
            if found is None:
                self.close_connection = True
                return
            request, event = found
            self.reply(
                200,
                json.dumps(event).encode(),
                {
                    "Lambda-Runtime-Aws-Request-Id": request,
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + ANSWER_LIMIT_S) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:receiver",
                },
            )

        def do_POST(self) -> None:
            answer = json.loads(self.body() or b"{}")
            # An error of the function is what its caller sees as 502.
            runtime.take(answer if self.path.endswith("/response") else {"statusCode": 502})
            self.reply(202, b"", {})

        def body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                **headers,
                "Content-Length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
