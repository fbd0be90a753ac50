"""What a Lambda function talks to, on loopback: the Runtime API, Parameter Store and a queue.

HTTP is spoken over bare sockets, a thread for each connection, so that little of a measured time is
spent here. A moment is a reading of `time.perf_counter_ns`.
"""

import contextlib
import hashlib
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrived: int


class Invocation(NamedTuple):
    """When its event was handed out, when its answer had arrived, and that answer."""

    handed_out: int
    answered: int
    answer: bytes


class Message(NamedTuple):
    """Of the queue: when the request for it had arrived, and when its answer left."""

    arrived: int
    answered: int
    body: str
    group_id: str
    deduplication_id: str


class Server:
    """Listens on a free port of loopback and lets `serve` answer each connection."""

    def __init__(self, serve: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self._serve = serve
        self._tls = tls
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # Closed.
            self._connections.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._serve(connection)
        except OSError:
            pass  # The process has gone: whoever waits for it is told elsewhere.

    def close(self) -> None:
        # A thread that waits in a call is woken by shutdown, not by close.
        for listening in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()


def requests(connection: socket.socket) -> Iterator[Request]:
    """The requests of a connection, each with the moment at which it was there in full."""
    data = b""
    arrived = 0
    while True:
        while (end := data.find(b"\r\n\r\n")) < 0:
            piece = connection.recv(65536)
            arrived = time.perf_counter_ns()
            if not piece:
                return
            data += piece
        first, *lines = data[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "transfer-encoding" in headers:
            raise NotImplementedError("a request in chunks")
        end += 4 + int(headers.get("content-length", 0))
        while len(data) < end:
            piece = connection.recv(65536)
            arrived = time.perf_counter_ns()
            if not piece:
                return
            data += piece
        method, path, _ = first.split(" ")
        yield Request(method, path, headers, data[data.find(b"\r\n\r\n") + 4 : end], arrived)
        data = data[end:]


def response(status: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RuntimeApi:
    """Hands events to one function, one at a time, and keeps what it answers."""

    ARN = "arn:aws:lambda:eu-central-1:000000000000:function:receiver"
    DEADLINE_MS = 10_000

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._invocations: list[Invocation] = []
        self._wanted = 0
        self._handed_out = 0
        self.failure: str | None = None
        self._server = Server(self._serve)
        self.address = self._server.address

    def hand_out(self, events: list[bytes]) -> None:
        with self._changed:
            self._invocations = []
            self._wanted = len(events)
        for event in events:
            self._events.put(event)

    def wait(self, seconds: float) -> list[Invocation] | None:
        """The invocations of what was handed out, or None where that takes longer."""
        with self._changed:
            self._changed.wait_for(lambda: self.failure is not None or self._ended(), seconds)
            return self._invocations if self._ended() else None

    def _ended(self) -> bool:
        return len(self._invocations) == self._wanted

    def close(self) -> None:
        self._events.put(None)
        self._server.close()

    def _serve(self, connection: socket.socket) -> None:
        number = 0
        for request in requests(connection):
            what = request.path.rsplit("/", 1)[-1]
            if what == "next":
                event = self._events.get()
                if event is None:
                    return
                number += 1
                now = time.time()
                headers = {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": f"00000000-0000-4000-8000-{number:012}",
                    "Lambda-Runtime-Deadline-Ms": str(int(now * 1000) + self.DEADLINE_MS),
                    "Lambda-Runtime-Invoked-Function-Arn": self.ARN,
                    "Lambda-Runtime-Trace-Id": (f"Root=1-{int(now):08x}-{number:024x};Parent={number:016x};Sampled=0"),
                }
                answer = response("200 OK", headers, event)
                self._handed_out = time.perf_counter_ns()
                connection.sendall(answer)
                continue
            with self._changed:
                if what == "response":
                    self._invocations.append(Invocation(self._handed_out, request.arrived, request.body))
                else:
                    self.failure = f"{request.path}: {request.body.decode()}"
                if self.failure or self._ended():
                    self._changed.notify_all()
            connection.sendall(response("202 Accepted", {}, b'{"status":"OK"}'))


class Aws:
    """Parameter Store with one parameter, and a queue that takes everything, both at once."""

    QUEUE_PATH = "/000000000000/callbacks.fifo"

    def __init__(self, parameter: str, secret: str, tls: ssl.SSLContext | None = None) -> None:
        self._parameter = parameter
        self._secret = secret
        self.messages: list[Message] = []
        self.reads = 0
        self.failure: str | None = None
        self._server = Server(self._serve, tls)
        self.url = f"{'https' if tls else 'http'}://{self._server.address}"
        self.queue_url = self.url + self.QUEUE_PATH

    def close(self) -> None:
        self._server.close()

    def _serve(self, connection: socket.socket) -> None:
        for request in requests(connection):
            target = request.headers.get("x-amz-target")
            version = "1.0" if target == "AmazonSQS.SendMessage" else "1.1"
            status = "200 OK"
            body: dict[str, Any] | None = None
            asked = json.loads(request.body or b"null")
            if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
                self.failure = f"{target} is not signed"
            elif target == "AmazonSQS.SendMessage":
                body = self._accept_message(asked)
            elif target == "AmazonSSM.GetParameter":
                body = {"Parameter": self._read(asked["Name"])}
            elif target == "AmazonSSM.GetParameters":
                body = {"Parameters": [self._read(name) for name in asked["Names"]], "InvalidParameters": []}
            else:
                self.failure = f"{request.method} {request.path} {target} is not spoken here"
            if self.failure:
                status, body = "400 Bad Request", {"__type": "UnknownOperationException"}
            headers = {
                "Content-Type": f"application/x-amz-json-{version}",
                "x-amzn-RequestId": "00000000-0000-4000-8000-000000000000",
            }
            answer = response(status, headers, json.dumps(body).encode())
            if version == "1.0":
                # Noted before it leaves: the function may be done before this thread runs again.
                self.messages.append(
                    Message(
                        request.arrived,
                        time.perf_counter_ns(),
                        asked["MessageBody"],
                        asked["MessageGroupId"],
                        asked["MessageDeduplicationId"],
                    )
                )
            connection.sendall(answer)

    def _accept_message(self, asked: dict[str, Any]) -> dict[str, str]:
        return {
            # What SDKs compare with their own.
            "MD5OfMessageBody": hashlib.md5(asked["MessageBody"].encode()).hexdigest(),
            "MessageId": "00000000-0000-4000-8000-000000000000",
            "SequenceNumber": f"{len(self.messages):020}",
        }

    def _read(self, asked: str) -> dict[str, Any]:
        self.reads += 1
        name, _, selector = asked.partition(":")
        if name != self._parameter:
            self.failure = f"the parameter {name} is not known"
        parameter = {
            "Name": name,
            "Type": "SecureString",
            "Value": self._secret,
            "Version": 1,
            "LastModifiedDate": 1_700_000_000.0,
            "ARN": f"arn:aws:ssm:eu-central-1:000000000000:parameter{name}",
            "DataType": "text",
        }
        return parameter | ({"Selector": f":{selector}"} if selector else {})


def server_tls(folder: Path) -> ssl.SSLContext:
    """TLS as AWS's endpoints of these two services have it: HTTP/1.1 alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.set_alpn_protocols(["http/1.1"])
    return context
