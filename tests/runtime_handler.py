"""Lambda's Runtime API over HTTP: what a compiled function asks for its next event, and answers to."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

import servers

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@dataclass
class Outcome:
    """What became of an invocation: the function's answer, or its error."""

    response: Any = None
    error: Any = None


class Function(Protocol):
    """Whoever invokes the function."""

    init_error: dict | None

    def next_event(self) -> tuple[str, dict, float] | None:
        """The next invocation: its id, its event, and the time of its deadline. None where there is none any more."""

    def take(self, request_id: str, outcome: Outcome) -> None:
        """What became of it."""


def handler(function: Function) -> type[servers.Handler]:
    class Handler(servers.Handler):
        def do_GET(self) -> None:
            found = function.next_event()
            if found is None:
                self.reply(500, b"{}")
                return
            request_id, event, deadline = found
            self.reply(
                200,
                json.dumps(event).encode(),
                {
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:made-up",
                    "Lambda-Runtime-Trace-Id": TRACE,
                },
            )

        def do_POST(self) -> None:
            body = json.loads(self.body() or b"null")
            *_, request_id, kind = self.path.rstrip("/").split("/")
            if self.path.endswith("/runtime/init/error"):
                function.init_error = body
            elif kind == "error":
                function.take(request_id, Outcome(error=body))
            else:
                function.take(request_id, Outcome(response=body))
            self.reply(202, b"")

        def body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    return Handler
