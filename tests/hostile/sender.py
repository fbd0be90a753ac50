"""Plays Sinch and strangers over plain sockets: signed callbacks, and bytes of any kind."""

import json
import socket
import time
from typing import Any

import kept_logs
import signing
from receiver import SECRET

Address = tuple[str, int]
# A person's number: in every report, and in no log line.
IDENTITY = "+15550100"
kept_logs.plant(IDENTITY)


def report(message_id: str, status: str = "DELIVERED", **more: Any) -> bytes:
    body = {
        "message_delivery_report": {
            "message_id": message_id,
            "status": status,
            "channel_identity": {"channel": "SMS", "identity": IDENTITY},
        },
        **more,
    }
    return json.dumps(body).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of a body that is signed now."""
    headers = signing.signed_headers(body, secret)
    kept_logs.plant(headers[signing.NONCE], headers[signing.SIGNATURE])
    return headers


def request(body: bytes, headers: dict[str, str], path: str = "/callbacks", more: bytes = b"") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: test", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n" + more + b"\r\n" + body


def callback(message_id: str, status: str = "DELIVERED") -> bytes:
    """A whole signed request."""
    body = report(message_id, status)
    return request(body, signed(body))


def connect(address: Address, timeout: float = 30) -> socket.socket:
    connection = socket.create_connection(address, timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Replies:
    """Reads answers off a connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.rest = b""

    def next(self) -> tuple[int, bytes] | None:
        """Status and body of the next answer; None where the connection ends before a whole one."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = 0
        for line in head.lower().split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name == b"content-length":
                length = int(value)
        while len(self.rest) < length:
            if not self._more():
                return None
        body, self.rest = self.rest[:length], self.rest[length:]
        return status, body

    def answer(self) -> tuple[int, bytes]:
        """The next answer, which has to come."""
        reply = self.next()
        assert reply is not None, "the connection ended before an answer"
        return reply

    def all(self) -> list[int]:
        """The statuses of all answers up to the end of the connection."""
        statuses = []
        while (reply := self.next()) is not None:
            statuses.append(reply[0])
        return statuses

    def _more(self) -> bool:
        try:
            more = self.connection.recv(65536)
        except (ConnectionError, TimeoutError):
            return False
        self.rest += more
        return bool(more)


def exchange(address: Address, data: bytes) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    with connect(address) as connection:
        connection.sendall(data)
        return Replies(connection).answer()


def get(address: Address, path: str) -> tuple[int, bytes]:
    """What one of the receiver's own pages answers."""
    return exchange(address, f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())


def summary(admin: Address) -> dict:
    status, body = get(admin, "/api/summary")
    assert status == 200
    return json.loads(body)


def metric(admin: Address, name: str) -> float:
    status, text = get(admin, "/metrics")
    assert status == 200
    (value,) = [line.split()[1] for line in text.decode().splitlines() if line.startswith(f"{name} ")]
    return float(value)


def settled(admin: Address, limit: float = 30) -> dict:
    """The counts over everything, once the queue is empty."""
    deadline = time.monotonic() + limit
    while (counts := summary(admin))["queued"] > 0:
        assert time.monotonic() < deadline, counts
        time.sleep(0.01)
    return counts
