"""The emulated distribution of tests/cloudfront, as a process of its own."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sinch import Callback
from stack import REPOSITORY

MAIN = REPOSITORY / "tests" / "cloudfront" / "main.mjs"
VIEWER_HOST = "d111111abcdef8.cloudfront.net"
DISTRIBUTION = {"id": "EDFDVBD6EXAMPLE", "domainName": VIEWER_HOST, "accountId": "000000000000"}
ARN = f"arn:aws:cloudfront::{DISTRIBUTION['accountId']}:distribution/{DISTRIBUTION['id']}"

# Headers as they go over the wire, in place of a callback's own.
Raw = Iterable[tuple[str, str | bytes]] | None


@dataclass(frozen=True)
class Answer:
    status: int
    cache: str
    body: bytes

    @property
    def code(self) -> str | None:
        with contextlib.suppress(ValueError):
            return json.loads(self.body).get("code")
        return None

    @property
    def end(self) -> str:
        """Where the request ended; nowhere is where none refused it."""
        if self.code == "origin_refused":
            return "origin-response"
        match self.cache:
            case "FunctionGeneratedResponse":
                return "prefilter"
            case "LambdaGeneratedResponse":
                return "origin-request"
            case "Miss":
                return "nowhere"
            case "Error" if self.code:
                return "receiver"
            case "Error" if b"Message" in self.body:
                return "Function URL"
        return f"CloudFront ({self.cache})"

    def __str__(self) -> str:
        return f"{self.status} {self.code} from {self.end}: {self.body[:200]!r}"


class Distribution:
    def __init__(self, config: dict, folder: Path) -> None:
        file = folder / "distribution.json"
        file.write_text(json.dumps(config))
        self.log = folder / "distribution.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["node", MAIN, file],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                # Its environments stay in its process group, and end with it.
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
            )
        assert self.process.stdin and self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout
        line = self.output.readline()
        if not line:
            self.stop()
            raise AssertionError(self.log.read_text(errors="replace"))
        self.urls = json.loads(line)

    def stop(self) -> None:
        self.input.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()

    # What goes in.

    def send(
        self,
        callback: Callback,
        *,
        method: str = "POST",
        path: str = "/callbacks",
        chunked: bool = False,
        raw: Raw = None,
    ) -> Answer:
        """What a viewer gets. `raw` takes the place of the callback's headers: name and bytes."""
        with self.sender() as send:
            return send(callback, method=method, path=path, chunked=chunked, raw=raw)

    @contextlib.contextmanager
    def sender(self) -> Iterator[Callable[..., Answer]]:
        """One connection for many callbacks."""
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.urls["viewer"]).port, timeout=120)
        try:
            yield lambda callback, **how: exchange(connection, callback, **how)
        finally:
            connection.close()

    def directly(self, callback: Callback) -> Answer:
        """What the Function URL itself tells a caller who is not CloudFront."""
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.urls["functionUrl"]).port, timeout=30)
        try:
            connection.request("POST", "/callbacks", callback.body, {**callback.headers, "Host": self.host()})
            answer = connection.getresponse()
            return Answer(answer.status, "Error", answer.read())
        finally:
            connection.close()

    # What it is set to.

    def clock(self, seconds: int | None) -> None:
        self.control("POST", "/clock", {"seconds": seconds})

    def pin(self, origin_request: int | None = None, origin_response: int | None = None) -> None:
        self.control("POST", "/pins", {"originRequest": origin_request, "originResponse": origin_response})

    def origin(self, **changes: Any) -> None:
        self.control("POST", "/origin", changes)

    def fail_origin(self, how: str, *, times: int = 1, status: int = 500) -> None:
        self.control("POST", "/fault", {"how": how, "times": times, "status": status})

    def redeploy(self) -> None:
        """New environments in the place of all that run."""
        self.control("POST", "/redeploy")

    # What became of it.

    def state(self) -> dict:
        return self.control("GET", "/state")

    def calls(self) -> list[dict]:
        """The calls of the Function URL."""
        return self.control("GET", "/calls")

    def reads(self, name: str) -> dict[str, int]:
        """How often each environment asked for the newest version of a parameter."""
        found: dict[str, int] = {}
        for request in self.control("GET", "/requests"):
            if name in json.loads(request["body"]).get("Names", []):
                found[request["environment"]] = found.get(request["environment"], 0) + 1
        return found

    def requests(self) -> list[dict]:
        return self.control("GET", "/requests")

    def exchanges(self) -> list[dict]:
        return self.control("GET", "/exchanges")

    def log_lines(self) -> list[str]:
        return [entry["line"] for entry in self.control("GET", "/logs")]

    def host(self) -> str:
        return json.loads((self.log.parent / "distribution.json").read_text())["origin"]["domainName"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.urls["control"]).port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            content = json.loads(answer.read())
            assert answer.status == 200, content
            return content
        finally:
            connection.close()


def exchange(
    connection: http.client.HTTPConnection,
    callback: Callback,
    *,
    method: str = "POST",
    path: str = "/callbacks",
    chunked: bool = False,
    raw: Raw = None,
) -> Answer:
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", VIEWER_HOST)
    connection.putheader("Content-Type", callback.content_type)
    for name, value in callback.headers.items() if raw is None else raw:
        connection.putheader(name, value)
    body = callback.body if method == "POST" else b""
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders((body[n : n + 65_536] for n in range(0, len(body), 65_536)), encode_chunked=True)
    else:
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    answer = connection.getresponse()
    cache = answer.headers["X-Cache"].removesuffix(" from cloudfront")
    return Answer(answer.status, cache, answer.read())
