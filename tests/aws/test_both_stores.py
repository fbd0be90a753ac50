"""Random callbacks to both hosts: of every message the commands show the same, byte by byte."""

import json
import random
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

import events
import receiver
import sinch
from conftest import Command, Environments, Seal
from poll import eventually
from proxy import FaultProxy
from stack import Stack

CALLBACKS = 50
TIMES = ("", "2026-01-02T03:04:05Z", "2026-01-02T04:04:06+01:00", "2026-01-02T03:04:05.5Z", "soon")
STATUSES = ("QUEUED_ON_CHANNEL", "SWITCHING_CHANNEL", "FAILED", "DELIVERED", "READ", "TELEPORTED")
CODES = ("", "NO_CHANNELS_LEFT", "RECIPIENT_INVALID_CHANNEL_IDENTITY", "RATE_LIMITED", "RAK")
SMS_STATUSES = ("Queued", "Dispatched", "Delivered", "Failed", "Aborted", "Unknown", "Odd")
SMS_CODES = (0, 400, 401, 402, 407, "401")
ODD_BODIES = (b"", b"{}", b"[1]", b"\xff{", b'{"type":"mo_text","body":"hi"}', b'{"event_time":7}')


class Sender:
    """Whoever reports at random: the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.prefix = f"both-{seed}"

    def bodies(self, count: int) -> Iterator[bytes]:
        """New ones, and those of before again."""
        sent: list[bytes] = []
        for _ in range(count):
            if not sent or self.random.random() < 0.75:
                sent.append(self.body())
            yield sent[-1] if self.random.random() < 0.9 else self.random.choice(sent)

    def body(self) -> bytes:
        pick = self.random.choice
        kind = pick(("message",) * 5 + ("batch",) * 3 + ("recipient",) * 2 + ("odd",))
        number = f"{pick(('', '+'))}4670{self.random.randrange(9)}"
        reference = {"client_reference": f"{self.prefix}-camp"} if pick((True, False)) else {}
        sms = {"batch_id": f"{self.prefix}-b", "at": pick(TIMES), **reference}
        status = {"code": pick(SMS_CODES), "status": pick(SMS_STATUSES)}
        if kind == "odd":
            return pick(ODD_BODIES)
        if kind == "recipient":
            more = {"recipient": number, "operator": pick(("", "24007")), "number_of_message_parts": pick((1, 3))}
            return json.dumps({"type": "recipient_delivery_report_sms", **sms, **status, **more}).encode()
        if kind == "batch":
            # More than eight are applied behind the answer, and one may be named twice.
            recipients = [f"{pick(('', '+'))}4670{self.random.randrange(14)}" for _ in range(pick((1, 3, 13)))]
            statuses = [{**status, "recipients": recipients}]
            return json.dumps({"type": "delivery_report_sms", **sms, "statuses": statuses}).encode()
        report: dict[str, Any] = {
            "message_id": f"{self.prefix}-m{self.random.randrange(3)}",
            "status": pick(STATUSES),
            "metadata": pick(("", "shop")),
            "channel_identity": {"channel": pick(("SMS", "RCS", "WHATSAPP", "")), "identity": number},
        }
        if pick((True, False)):
            report["reason"] = {"code": pick(CODES), "description": "'quoted' \"so\" \\ é", "sub_code": pick(CODES)}
        order = pick(("", f"{self.prefix}-1", f"{self.prefix}-2"))
        return json.dumps(
            {"event_time": pick(TIMES), "correlation_id": order, "message_delivery_report": report},
            ensure_ascii=pick((True, False)),
        ).encode()


class Serve:
    """A receiver on SQLite, and what it took when."""

    def __init__(self, running: receiver.Receiver) -> None:
        self.running = running
        self.connection = HTTPConnection(*running.address, timeout=30)

    def take(self, body: bytes, signed_at: int) -> int:
        """Has it take a callback, and gives the moment at which it was received."""
        callback = sinch.sign(body, receiver.SECRET, at=signed_at)
        before = int(time.time())
        self.connection.request("POST", "/callbacks", body, callback.headers)
        answer = self.connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (200, "accepted")
        with receiver.Store(self.running.data) as store:
            eventually(lambda: store.one("SELECT count(*) FROM queue") == 0, every=0.005)
            moments = [e.get("last_repeat_at", e["at"]) for _, e in store.entries() if e["key"] == callback.content_key]
            if not moments:
                # Of no message: nothing shows when it came.
                return before
        assert len(set(moments)) == 1 and before <= moments[0] <= time.time()
        return moments[0]

    def messages(self) -> list[str]:
        with receiver.Store(self.running.data) as store:
            return [message_id for (message_id,) in store.rows("SELECT message_id FROM messages ORDER BY message_id")]


@pytest.fixture
def both(stack: Stack, seal: Seal, run: Environments, tmp_path: Path) -> Iterator[Any]:
    """Gives random callbacks to both, and then what each shows."""
    with receiver.Receiver(tmp_path) as running:
        serve = Serve(running)

        def send(seed: int) -> Serve:
            sender, records = Sender(seed), []
            for body in sender.bodies(CALLBACKS):
                signed_at = int(time.time()) - sender.random.randrange(-3, 200)
                received_at = serve.take(body, signed_at)
                # As the receiver on AWS queues it, had it come there at that moment.
                callback = sinch.sign(body, stack.secret, at=signed_at, content_type="application/octet-stream")
                sent = seal(callback)
                envelope = json.loads(sent["MessageBody"]) | {"received_at": received_at}
                group, key = sent["MessageGroupId"], sent["MessageDeduplicationId"]
                records.append(events.sqs_record(json.dumps(envelope), group, key))
            processor = run("processor", LOG_LEVEL="info")
            # Groups go on beside each other: here each message's callbacks come in the order of sending.
            for _, same in groupby(records, lambda record: record["attributes"]["MessageGroupId"]):
                batch = list(same)
                # What is handed out again changes nothing.
                for again in (batch, batch[-1:])[: sender.random.choice((1, 2))]:
                    assert processor.invoke(events.sqs(*again), 30).response == {"batchItemFailures": []}
            return serve

        yield send


def shown(command: Command, serve: Serve, stack: Stack, *what: str) -> tuple[list[str], list[str]]:
    """What the command tells from each of both, a line for each message."""
    told = []
    for where in (("--data", str(serve.running.data)), ("--table", stack.outputs["TableName"])):
        code, out, error = command("status", *what, *where, "--json")
        assert code in (0, 1), error
        told.append(sorted(out.splitlines()))
    return told[0], told[1]


@pytest.mark.parametrize("seed", range(8))
def test_both_stores_show_the_same_of_the_same_callbacks(stack: Stack, both: Any, command: Command, seed: int) -> None:
    serve, prefix = both(seed), Sender(seed).prefix
    ids = serve.messages()
    assert len(ids) > 5
    assert ids == sorted(item["pk"].removeprefix("message#") for item in stack.scan(f"message#{prefix}"))
    for message_id in ids:
        local, table = shown(command, serve, stack, message_id)
        assert local == table and len(local) == 1, message_id
    # Searched by what ties them to the business, they are the same too.
    ties = [
        ("--client-reference", f"{prefix}-camp"),
        ("--correlation", f"{prefix}-1"),
        ("--correlation", f"{prefix}-2"),
    ]
    found = []
    for tie in ties:
        local, table = shown(command, serve, stack, *tie)
        assert local == table, tie
        found.append(len(local))
    assert found[0] and found[1] + found[2]


def test_a_store_that_loses_one_write_shows_something_else(
    stack: Stack, both: Any, command: Command, proxy: FaultProxy
) -> None:
    """The comparison above sees what a broken store does: one write that it only says it has done."""
    with proxy.failing("dynamodb", "answer", operation="PutItem", status=200, times=1, containing=b"message#") as lost:
        serve = both(100)
        assert lost.met.acquire(blocking=False)
    views = [shown(command, serve, stack, message_id) for message_id in serve.messages()]
    assert any(local != table for local, table in views)
