"""A receiver of a page, tried as Sinch and as others would."""

import http.client
import json
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import signing

SECRET = "made-up-secret-of-the-documents-1"
# Of a whole program, without its empty lines: what somebody copies who knows none of it.
MOST_LINES = 10
HOST = "127.0.0.1"
ANSWER_LIMIT_S = 10.0
# Sinch retries for 22 h 45 min; nothing genuine is older.
OLD_S = 26 * 3600


class Postable(Protocol):
    """What callbacks can be posted to."""

    def post(self, body: bytes, headers: dict[str, str]) -> int: ...

    def post_broken(self, body: bytes, headers: dict[str, str]) -> int | None: ...


@dataclass(frozen=True)
class Receiver:
    port: int
    path: str

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_LIMIT_S)
        try:
            connection.request("POST", self.path, body, {"content-type": "application/json", **headers})
            return connection.getresponse().status
        finally:
            connection.close()

    def post_broken(self, body: bytes, headers: dict[str, str]) -> int | None:
        """The status of the answer to a body that breaks off, where there is one."""
        head = {
            "host": f"{HOST}:{self.port}",
            "content-type": "application/json",
            "content-length": str(len(body)),
            **headers,
        }
        text = f"POST {self.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items())
        with socket.create_connection((HOST, self.port), ANSWER_LIMIT_S) as connection:
            connection.sendall(f"{text}\r\n".encode() + body[: len(body) // 2])
            connection.shutdown(socket.SHUT_WR)
            try:
                answer = connection.recv(64)
            except (TimeoutError, ConnectionResetError):
                return None
        return int(answer.split()[1]) if answer else None


def report() -> bytes:
    """A delivery report that nobody has seen yet."""
    identity = {"channel": "SMS", "identity": "46700000000", "app_id": ""}
    said = {
        "message_id": uuid.uuid4().hex,
        "conversation_id": "made-up",
        "status": "DELIVERED",
        "channel_identity": identity,
    }
    return json.dumps({"app_id": "made-up", "project_id": "made-up", "message_delivery_report": said}).encode()


def wait_for(port: int, runs: Callable[[], bool], limit_s: float) -> bool:
    """Whether somebody listens in time."""
    limit = time.monotonic() + limit_s
    while time.monotonic() < limit and runs():
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def complaints(receiver: Postable, secret: str = SECRET) -> list[str]:
    """What it answers otherwise than it must."""
    found = []

    def expect(what: str, expected: int, answered: int) -> None:
        if answered != expected:
            found.append(f"{what} got {answered}, and must get {expected}")

    body = report()
    genuine = signing.signed_headers(body, secret)
    expect("a genuine callback", 200, receiver.post(body, genuine))
    expect("the same callback once more", 200, receiver.post(body, genuine))
    forged = report()
    expect(
        "a forged callback",
        401,
        receiver.post(forged, signing.signed_headers(forged, "some-other-secret-of-a-stranger")),
    )
    changed = body.replace(b"DELIVERED", b"FAILED")
    expect("a genuine callback with another body", 401, receiver.post(changed, genuine))
    old = report()
    expect(
        "a callback of yesterday",
        401,
        receiver.post(old, signing.signed_headers(old, secret, int(time.time()) - OLD_S)),
    )
    broken = report()
    status = receiver.post_broken(broken, signing.signed_headers(broken, secret))
    if status is not None and 200 <= status < 500:
        found.append(f"a callback that breaks off got {status}, and Sinch would not retry it")
    after = report()
    expect("a genuine callback after all that", 200, receiver.post(after, signing.signed_headers(after, secret)))
    return found
