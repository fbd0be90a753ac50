"""Recovery as it is deployed: the stack of deploy/recovery.yaml beside a receiver's, and a stand-in for Sinch.

`sinch-callback play-sinch` takes what is sent, and writes it down. Its callbacks come by a relay, which
signs them for IAM as CloudFront would: the receiver's URL is not public.
"""

import itertools
import json
import random
import signal
import subprocess
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import servers
import sinch
from poll import eventually
from stack import REPOSITORY, Ministack, Stack, allow_what_ministack_misreads, create

TEMPLATE = REPOSITORY / "deploy" / "recovery.yaml"
ACCESS_KEY_PARAMETER = "/sinch/access-key"
FROM = "code@example.com"
# How an intent ends, and where a person has to look.
ENDS = ("intent.done", "intent.given_up", "intent.needs_person")

# Whom what happens to.
SCENARIO = """
[[rule]]
name = "fails"
submit_after = "never"
to = "+46700001*"
channel = "SMS"
[[rule.report]]
after = "200ms"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"

[[rule]]
name = "silent"
submit_after = "never"
to = "+46700002*"
channel = "SMS"

[[rule]]
name = "an error that was none"
submit_after = "never"
to = "+46700003*"
channel = "SMS"
answer = 500
sent = true
[[rule.report]]
after = "1s"
status = "DELIVERED"

[[rule]]
name = "busy"
submit_after = "never"
to = "+46700004*"
channel = "SMS"
calls = 1
answer = 429

[[rule]]
name = "cut"
submit_after = "never"
to = "+46700005*"
channel = "SMS"
answer = "cut"
sent = true
[[rule.report]]
after = "1s"
status = "DELIVERED"

[[rule]]
name = "reports doubled"
to = "+46700006*"
channel = "SMS"
[[rule.report]]
after = "100ms"
status = "QUEUED_ON_CHANNEL"
copies = 2
[[rule.report]]
after = "1s"
status = "DELIVERED"
copies = 2

[[rule]]
name = "arrives"
submit_after = "never"
[[rule.report]]
after = "500ms"
status = "DELIVERED"
"""


class Relay:
    """In front of the receiver's URL: passes callbacks on, signed for IAM."""

    def __init__(self, stack: Stack) -> None:
        class Handler(servers.Handler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {n.lower(): v for n, v in self.headers.items() if n.lower().startswith("x-sinch-")}
                answer = stack.post(sinch.Callback(body, headers, self.headers["Content-Type"]))
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        self._server = servers.Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callbacks"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class PlaySinch:
    """The stand-in, and what it has written down."""

    def __init__(self, binary: Path, folder: Path, scenario: str, *options: str | Path) -> None:
        self.journal = folder / "journal.jsonl"
        (folder / "scenario.toml").write_text(scenario)
        self.process = subprocess.Popen(
            [
                *(binary, "play-sinch", "--listen", "127.0.0.1:0"),
                *("--scenario", folder / "scenario.toml", "--journal", self.journal, *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().removeprefix("listening on ")
        assert self.url.startswith("http://127.0.0.1:"), self.url

    def entries(self, what: str) -> list[dict[str, Any]]:
        text = self.journal.read_text() if self.journal.exists() else ""
        # The last line may be half written.
        whole = text[: text.rfind("\n") + 1]
        return [entry for entry in map(json.loads, whole.splitlines()) if entry["what"] == what]

    def sends(self, to: str = "") -> list[dict[str, Any]]:
        """The calls to send that were taken, to somebody or to everybody."""
        return [entry for entry in self.entries("send") if to in ("", entry["to"])]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


class Recovery:
    """Both stacks, the stand-in, and what tests ask of them."""

    def __init__(
        self, cloud: Ministack, zips: Path, parameters: dict[str, str], secret: str, binary: Path, folder: Path
    ) -> None:
        self.cloud = cloud
        name = "reach"
        self.stack = Stack(cloud, name, zips, parameters)
        self.stack.secret = secret
        access_key = f"made-up-key:{sinch.new_secret('access')}"
        cloud.client("ssm").put_parameter(Name=ACCESS_KEY_PARAMETER, Value=access_key, Type="SecureString")
        self.relay = Relay(self.stack)
        for file, content in (("secret.txt", secret), ("key.txt", access_key)):
            (folder / file).write_text(content)
        signed = ("--callback-url", self.relay.url, "--secret-file", folder / "secret.txt")
        self.sinch = PlaySinch(binary, folder, SCENARIO, *signed, "--key-file", folder / "key.txt")
        receiver = self.stack.outputs
        self.outputs = create(
            cloud,
            f"{name}-recovery",
            TEMPLATE,
            zips,
            {
                **{n: receiver[n] for n in ("TableName", "EventBusName", "QueueUrl", "ReceiverFunctionName")},
                "ProjectId": "made-up-project",
                "AppId": "made-up-app",
                "AccessKeyParameterName": ACCESS_KEY_PARAMETER,
                "SinchUrl": self.sinch.url,
                "EmailFrom": FROM,
                "EmailIdentity": "example.com",
                "PerHour": "100000",
                "Architecture": parameters["Architecture"],
                "LogLevel": "debug",
            },
        )
        self.stack.update(RecoveryQueueUrl=self.outputs["IntentQueueUrl"])
        self.function = self.outputs["RecoveryFunctionName"]
        self.stack.outputs["RecoveryFunctionName"] = self.function
        allow_what_ministack_misreads(cloud, self.stack.role("Recovery"), "ssm:GetParameters", "ses:SendEmail")
        self._limit_as_a_number()
        # What dies with its environment is handed out again after seconds instead of the template's minutes.
        self.stack.sqs.set_queue_attributes(
            QueueUrl=self.outputs["IntentQueueUrl"], Attributes={"VisibilityTimeout": "5"}
        )

    def _limit_as_a_number(self) -> None:
        """A parameter's number is a text to ministack, by which it cannot limit anything."""
        functions = self.stack.functions
        for mapping in functions.list_event_source_mappings(FunctionName=self.function)["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": 10})

    def stop(self) -> None:
        self.sinch.stop()
        self.relay.stop()

    # What is asked.

    def switch(self, said: str) -> None:
        self.stack.ssm.put_parameter(Name=self.outputs["SwitchParameter"], Value=said, Overwrite=True)

    def invoke(self, payload: Any) -> Any:
        """What the function answers who invokes it."""
        answer = self.stack.functions.invoke(FunctionName=self.function, Payload=json.dumps(payload).encode())
        content = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, content
        return content

    def queue(self, *intents: Any) -> None:
        for first in range(0, len(intents), 10):
            entries = [
                {"Id": str(n), "MessageBody": one if isinstance(one, str) else json.dumps(one)}
                for n, one in enumerate(intents[first : first + 10])
            ]
            done = self.stack.sqs.send_message_batch(QueueUrl=self.outputs["IntentQueueUrl"], Entries=entries)
            assert len(done["Successful"]) == len(entries), done

    def show(self, key: str) -> Any:
        return self.invoke({"command": "show", "key": key})

    # What comes of it.

    def ended(self, key: str, state: str, limit: float = 60) -> Any:
        """The intent once it has come to this state."""

        def check() -> Any:
            shown = self.show(key)
            assert shown.get("state") == state, shown
            return shown

        return eventually(check, limit, every=0.3)

    def events(self, key: str) -> list[dict[str, Any]]:
        """What was told of an intent, without repeats of an id, oldest first."""
        found = [e["detail"] for e in self.stack.all_events() if e["detail"].get("key") == key]
        return sorted(found, key=lambda event: event["version"])

    def items(self) -> list[dict[str, Any]]:
        pages = self.stack.dynamodb.get_paginator("scan").paginate(
            TableName=self.outputs["RecoveryTableName"], ConsistentRead=True
        )
        return [item for page in pages for item in page["Items"]]


# Counted: of a thousand that are drawn, two are soon the same.
NUMBERS = itertools.count(random.randrange(10**6))


@dataclass
class Person:
    """Whom to reach: a number nobody else has, of which the first digits say what happens to it."""

    what: str = "0000"
    number: str = field(default="")

    def __post_init__(self) -> None:
        self.number = self.number or f"+4670{self.what}{next(NUMBERS) % 10**6:06d}"
        sinch.unspeakable.add(self.number)


FAILS, SILENT, ERROR, BUSY, CUT, DOUBLED = (f"000{n}" for n in range(1, 7))


def intent(person: Person, key: str = "", **more: Any) -> dict[str, Any]:
    """A one-time password by SMS, then by WhatsApp, unless said otherwise."""
    text = f"made-up text {uuid.uuid4()}"
    sinch.unspeakable.add(text)
    return {
        "key": key or sinch.new_id("intent"),
        "to": {"SMS": person.number, "WHATSAPP": person.number},
        "content": {"text": text, "subject": "made up"},
        "plan": "otp",
        "deadline": "PT10M",
        **more,
    }
