"""A receiver with all that there is to see: messages, callbacks of every kind, intents, and their events.

Its clock and that of its stand-in for Sinch run fast, so that silence is over soon.
"""

import http.client
import http.server
import json
import pathlib
import subprocess
import threading
import time
from typing import Any

import receiver
import signing
from openapi import Answer

SPEED = "20"
KEY = "669E367E-6BBA-48AB-AF15-266871C28135"
# Of 32 bytes in base64, as Voice and Verification have them.
SCHEME_SECRET = "bWFkZS11cC1zZWNyZXQtb2YtdGhlLWRvY3VtZW50cyE="
LIMIT_S = 90.0

# What becomes of what is sent, besides what the demo's scenario has.
SCENARIO = """
[[rule]]
name = "a person has to look"
to = "+15550108"

[[rule.report]]
after = "1s"
status = "FAILED"
code = "BAD_REQUEST"

[[rule]]
name = "given up, and delivered after all"
to = "+15550109"

[[rule.report]]
after = "1s"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"

[[rule.report]]
after = "60s"
status = "DELIVERED"

[[rule]]
name = "delivered long after its fallback"
to = "+15550111"
channel = "SMS"
submit_after = "never"

[[rule.report]]
after = "240s"
status = "DELIVERED"

[[rule]]
name = "silent up to its deadline"
to = "+15550110"
submit_after = "never"
"""


class Collector:
    """Takes events, as a business would."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        collected = self.events

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collected.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def types(self) -> set[str]:
        return {event["type"] for event in self.events}


def ask(
    address: tuple[str, int], method: str, target: str, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    """Asks once; a body that is no bytes is JSON."""
    sent = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent.setdefault("content-type", "application/json")
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.request(method, target, body, sent)
        response = connection.getresponse()
        got = {name.lower(): value for name, value in response.getheaders()}
        # A stream has no end: its first bytes say what it is.
        read = response.read1() if got.get("content-type") == "text/event-stream" else response.read()
        return Answer(method, target, response.status, got, read)
    finally:
        connection.close()


class World:
    """All of it, ready when it is made."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.collector = Collector()
        scenario = folder / "scenario.toml"
        demo = receiver.ROOT / "cli" / "src" / "demo" / "reached.toml"
        scenario.write_text(SCENARIO + demo.read_text())
        self.sinch = subprocess.Popen(
            [receiver.binary(), "play-sinch", "--listen", "127.0.0.1:0", "--scenario", scenario, "--speed", SPEED],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.sinch.stdout
        host, _, port = self.sinch.stdout.readline().decode().split("http://")[1].strip().rpartition(":")
        self.sinch_address = host, int(port)
        self.receiver = receiver.Receiver(folder, *self._arguments())
        target = f"http://{self.receiver.address[0]}:{self.receiver.address[1]}/callbacks"
        hook = {
            "app_id": "app",
            "target": target,
            "target_type": "HTTP",
            "secret": receiver.SECRET,
            "triggers": ["MESSAGE_DELIVERY", "MESSAGE_SUBMIT"],
        }
        bearer = {"authorization": "Bearer any"}
        made = ask(self.sinch_address, "POST", "/v1/projects/p/webhooks", hook, bearer)
        assert made.status == 200, made

    def _arguments(self) -> list[str]:
        files = {
            "key.txt": "made-up-id:made-up-key\n",
            "scheme.txt": SCHEME_SECRET + "\n",
            "notify.txt": "made-up-secret-of-events\n",
        }
        for name, text in files.items():
            (self.folder / name).write_text(text)
        scheme = self.folder / "scheme.txt"
        endpoints = [
            f"/numbers=numbers:{scheme}",
            f"/application=application:{scheme}:{KEY}",
            f"/service=service:{scheme}:{KEY}",
            f"/mailgun=mailgun:{scheme}",
            f"/whatsapp-legacy=whatsapp-legacy:{scheme}",
        ]
        said = {
            "--clock-speed": SPEED,
            "--clock-from": str(int(time.time())),
            "--notify-url": self.collector.url,
            "--notify-secret-file": str(self.folder / "notify.txt"),
            "--events": "channel",
            "--overdue-after": "PT20S",
            "--callbacks-stopped-after": "PT20S",
            "--recovery-mode": "on",
            "--recovery-url": f"http://{self.sinch_address[0]}:{self.sinch_address[1]}",
            "--recovery-project-id": "p",
            "--recovery-app-id": "app",
            "--recovery-credentials-file": str(self.folder / "key.txt"),
        }
        return [*(word for pair in said.items() for word in pair), *(w for e in endpoints for w in ("--endpoint", e))]

    def close(self) -> None:
        self.receiver.stop()
        self.sinch.terminate()
        self.sinch.wait(20)
        assert self.sinch.stdout
        self.sinch.stdout.close()
        self.collector.close()

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> Answer:
        return ask(self.receiver.admin, method, target, body, headers)

    def post(self, body: bytes, at: int | None = None, secret: str = receiver.SECRET) -> Answer:
        """A callback as Sinch posts it."""
        return ask(self.receiver.address, "POST", "/callbacks", body, signing.signed_headers(body, secret, at))

    def run(self, *arguments: str) -> str:
        """A command of the binary, which must succeed."""
        done = subprocess.run([receiver.binary(), *arguments], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def url(self, path: str) -> str:
        return f"http://{self.receiver.address[0]}:{self.receiver.address[1]}{path}"

    def send(self) -> None:
        """A day's mixture, with forgeries and replays."""
        secret = str(self.folder / "secret.txt")
        common = ("--url", self.url("/callbacks"), "--secret-file", secret)
        self.run("send", *common, "--messages", "40", "--forged", "10", "--replayed", "10", "--seed", "1")

    def trigger(self, kind: str, scheme: str, *fields: str) -> None:
        """One callback of a kind, signed by its scheme."""
        own = scheme == "conversation"
        secret = str(self.folder / ("secret.txt" if own else "scheme.txt"))
        keyed = ("--key", KEY) if scheme in {"application", "service"} else ()
        more = [word for field in fields for word in ("--field", field)]
        path = "/callbacks" if own else f"/{scheme}"
        command = ("trigger", kind, "--url", self.url(path), "--secret-file", secret, *keyed, *more)
        # Some wait for an answer that only an application can give, which is no success.
        subprocess.run([receiver.binary(), *command], check=False, capture_output=True, timeout=60)

    def kinds(self) -> list[tuple[str, str]]:
        """Every kind with its scheme."""
        lines = (line.split() for line in self.run("trigger", "--list").splitlines())
        return [(words[0], words[1]) for words in lines if len(words) > 1]

    def accept(self, key: str, number: str, plan: str = "otp", deadline: str = "PT10M") -> Answer:
        intent = {
            "key": key,
            "to": {"SMS": number, "WHATSAPP": number} if plan == "otp" else {"SMS": number},
            "content": {"text": "Your code is 123456"},
            "plan": plan,
            "deadline": deadline,
        }
        return self.ask("POST", "/api/intents", intent)

    def intent(self, key: str) -> dict[str, Any]:
        return json.loads(self.ask("GET", f"/api/intents/{key}").body)

    def play(self) -> None:
        """All that happens in it, up to the last event that it is there for."""
        self.send()
        for kind, scheme in self.kinds():
            self.trigger(kind, scheme)
        self.trigger("sms_inbound_text", "conversation", "body=STOP")
        self.trigger("sms_inbound_text", "conversation", "body=START")
        self.trigger("sms_recipient_delivery_report", "conversation", "status=Unknown")
        self.post(b"{}")
        self.post(b"no JSON")
        counts = [{"code": 402, "status": "Aborted", "count": 1}, {"code": 0, "status": "Delivered", "count": 2}]
        summary: dict[str, Any] = {
            "type": "delivery_report_sms",
            "batch_id": "b",
            "total_message_count": 3,
            "statuses": counts,
        }
        self.post(json.dumps(summary).encode())
        for key, number in (("fails", "+15550101"), ("silent", "+15550102"), ("late", "+15550111")):
            assert self.accept(key, number).status == 201
        for key, number in (("cut-off", "+15550103"), ("person", "+15550108"), ("corrected", "+15550109")):
            assert self.accept(key, number, "notification").status == 201
        assert self.accept("overdue", "+15550110", "notification", "PT1M").status == 201
        assert self.ask("POST", "/api/watches", {"message_id": "01WATCHED", "deadline": "PT1S"}).status == 201
        intents = {"done", "doubled", "needs_person", "given_up", "corrected", "overdue"}
        self.wait_for({"delivery.batch", "delivery.overdue", *(f"intent.{name}" for name in intents)})
        # As many that nothing is reported of that callbacks seem to have stopped.
        for silent in range(5):
            watch = {"message_id": f"01SILENT-{silent}", "deadline": "PT1H"}
            assert self.ask("POST", "/api/watches", watch).status == 201
        self.wait_for({"callbacks.stopped"})
        self.send()
        self.wait_for({"callbacks.resumed"})

    def wait_for(self, types: set[str]) -> None:
        """Waits until events of these types have been posted."""
        limit = time.monotonic() + LIMIT_S
        while missing := types - self.collector.types():
            if time.monotonic() > limit:
                raise TimeoutError(f"no event is {' or '.join(missing)}")
            time.sleep(0.05)
