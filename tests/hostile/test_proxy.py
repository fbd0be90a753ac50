"""The TLS proxy of the guide on one machine in front of the receiver: Debian's nginx with that configuration."""

import http.client
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator

import pytest

import sender
from conftest import Serve
from receiver import Receiver

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "callbacks.example.com"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def proxied(serve: Serve, tmp_path: pathlib.Path) -> Iterator[tuple[Receiver, int, pathlib.Path]]:
    """A receiver behind nginx, and the proxy's port and certificate."""
    receiver = serve()
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    certificate, key = tmp_path / "proxy.pem", tmp_path / "proxy.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"),
            *("-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    (server,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/src/guides/one-machine.md").read_text(), re.DOTALL)
    port = free_port()
    # What is of this machine alone: the port, the files, and where the receiver listens.
    for text, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/callbacks.pem": str(certificate),
        "/etc/ssl/callbacks.key": str(key),
        "http://127.0.0.1:8080": "http://{}:{}".format(*receiver.address),
    }.items():
        assert text in server, text
        server = server.replace(text, here)
    (tmp_path / "temp").mkdir()
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/temp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root its workers would be another user, who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/nginx.log;"
        f"events {{}} http {{ access_log off; {temporary} {server} }}"
    )
    process = subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "nginx.log"])
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                log = tmp_path / "nginx.log"
                assert process.poll() is None and time.monotonic() < deadline, log.exists() and log.read_text()
                time.sleep(0.01)
        yield receiver, port, certificate
    finally:
        process.terminate()
        process.wait(10)


class Https(http.client.HTTPConnection):
    """A connection to the proxy, which is called by its own name."""

    def __init__(self, port: int, certificate: pathlib.Path) -> None:
        super().__init__(NAME)
        context = ssl.create_default_context(cafile=certificate)
        plain = socket.create_connection(("127.0.0.1", port), 10)
        self.sock = context.wrap_socket(plain, server_hostname=NAME)


def test_callbacks_come_through_the_proxy_of_the_guide_and_nothing_else_does(
    proxied: tuple[Receiver, int, pathlib.Path],
) -> None:
    receiver, port, certificate = proxied

    def ask(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        connection = Https(port, certificate)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        status, answer = response.status, response.read()
        connection.close()
        return status, answer

    # Up to the largest that is taken; nginx writes larger ones to a file before it passes them on.
    for number, size in enumerate((0, 10_000, 1_000_000, 2_097_152 - 300)):
        body = sender.report(f"proxied-{number}", filler="x" * size)
        status, answer = ask("POST", "/callbacks", body, sender.signed(body))
        assert (status, b"accepted" in answer) == (200, True), answer
        status, answer = ask("POST", "/callbacks", body + b" ", sender.signed(body))
        assert (status, b"signature_mismatch" in answer) == (401, True), answer
    body = sender.report("slash")
    assert ask("POST", "/callbacks/", body, sender.signed(body))[0] == 200
    for path in ("/api/messages", "/api/summary", "/metrics", "/readyz", "/healthz", "/callbacks/../api/summary", "/"):
        assert ask("GET", path)[0] == 404, path
    counts = sender.settled(receiver.admin)
    assert counts["callbacks"] == counts["messages"] == 5
