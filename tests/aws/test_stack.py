"""The stack as it is deployed: what goes in at its URL comes out as states and events."""

import itertools
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import listening
import sinch
from conftest import SECRET_PARAMETER, stack_parameters
from endpoint_callbacks import NUMBERS, VOICE
from poll import eventually
from proxy import FaultProxy
from stack import Ministack, Stack, delivery, legs


def test_a_signed_report_becomes_a_state_a_log_entry_and_an_event(stack: Stack) -> None:
    message_id = sinch.new_id()
    correlation = sinch.new_id("order")
    report = sinch.Report(
        message_id,
        "FAILED",
        metadata="made-up metadata",
        correlation_id=correlation,
        reason={"code": "RECIPIENT_NOT_REACHABLE", "description": "switched off", "sub_code": "UNSPECIFIED_SUB_CODE"},
    )
    callback = sinch.sign(report.body(), stack.secret)

    answer = stack.post(callback)
    assert (answer.status, answer.code) == (200, "accepted")

    message = stack.logged(message_id, reports=1)
    assert message["id"] == message_id
    assert message["state"] == "failed"
    assert legs(message) == {"SMS": "failed"}
    assert message["contradicted"] is False
    said = delivery(message)
    assert said["texts"][0]["metadata"] == "made-up metadata"
    failure = said["legs"][0]["failure"]
    assert failure["code"] == "RECIPIENT_NOT_REACHABLE"
    assert failure["description"] == "switched off"
    assert failure["remedy"] == "try_another_channel"

    (entry,) = stack.log(message_id)
    assert (entry["on"], entry["status"], entry["step"]) == ("SMS", "FAILED", "moved")
    assert (entry["content_key"], entry["repeats"]) == (callback.content_key, 0)
    assert message["expires_at"] == message["first"] + 400 * 24 * 3600
    # One item: what is understood leaves no body.
    assert len(stack.items(f"message#{message_id}")) == 1
    assert stack.callback(callback.content_key) is None

    (event,) = eventually(lambda: stack.events(message_id))
    assert event["source"] == "sinch-callback"
    assert event["detail-type"] == "delivery.failed"
    detail = event["detail"]
    assert detail["id"] == f"{callback.content_key}:{message_id}:delivery.failed"
    assert (detail["version"], detail["final"], detail["corrects"]) == (1, True, None)
    assert (detail["message_id"], detail["channel"], detail["state"]) == (message_id, "SMS", "failed")
    assert detail["reason"]["code"] == "RECIPIENT_NOT_REACHABLE"
    assert detail["reason"]["remedy"] == "try_another_channel"
    assert detail["metadata"] == "made-up metadata"
    assert detail["correlation_id"] == correlation

    found = stack.dynamodb.query(
        TableName=stack.outputs["TableName"],
        IndexName="by_correlation",
        KeyConditionExpression="correlation_id = :id",
        ExpressionAttributeValues={":id": {"S": correlation}},
    )["Items"]
    assert [set(item) for item in found] == [{"pk", "sk", "correlation_id"}]
    assert found[0]["pk"]["S"] == f"message#{message_id}"


# Reports that do not contradict each other, as (channel, status), and where they must lead.
JOURNEYS = {
    "read": (
        [("SMS", "QUEUED_ON_CHANNEL"), ("SMS", "DELIVERED"), ("SMS", "READ")],
        ("read", {"SMS": "read"}),
    ),
    "failed": (
        [("SMS", "QUEUED_ON_CHANNEL"), ("SMS", "FAILED")],
        ("failed", {"SMS": "failed"}),
    ),
    "delivered on the second channel": (
        [("RCS", "SWITCHING_CHANNEL"), ("SMS", "QUEUED_ON_CHANNEL"), ("SMS", "DELIVERED")],
        ("delivered", {"RCS": "switched", "SMS": "delivered"}),
    ),
    "still queued on the second channel": (
        [("RCS", "QUEUED_ON_CHANNEL"), ("RCS", "SWITCHING_CHANNEL"), ("SMS", "QUEUED_ON_CHANNEL")],
        ("queued", {"RCS": "switched", "SMS": "queued"}),
    ),
    "failed on every channel": (
        [("RCS", "QUEUED_ON_CHANNEL"), ("RCS", "SWITCHING_CHANNEL"), ("SMS", "FAILED")],
        ("failed", {"RCS": "switched", "SMS": "failed"}),
    ),
}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_order_of_a_messages_reports_also_repeated_backwards_leads_to_the_same_state(
    stack: Stack, journey: str
) -> None:
    reports, (state, expected_legs) = JOURNEYS[journey]

    def travel(order: tuple[tuple[str, str], ...]) -> str:
        message_id = sinch.new_id("order")
        for minute, (channel, status) in enumerate([*order, *reversed(order)]):
            report = sinch.Report(message_id, status, channel, event_time=f"2026-11-24T08:{minute:02d}:00Z")
            answer = stack.post(sinch.sign(report.body(), stack.secret))
            assert answer.status == 200, str(answer)
        return message_id

    orders = list(itertools.permutations(reports))
    with ThreadPoolExecutor(6) as senders:
        messages = list(senders.map(travel, orders))
    for order, message_id in zip(orders, messages, strict=True):
        message = stack.logged(message_id, reports=2 * len(reports))
        assert (message["state"], legs(message)) == (state, expected_legs), order
        assert message["contradicted"] is False, order
        versions = {e["detail"]["version"]: e["detail"]["state"] for e in stack.events(message_id)}
        assert versions[max(versions)] == state, order


def test_delivered_after_a_permanent_failure_is_delivered_and_marked_and_corrects_what_was_told(stack: Stack) -> None:
    message_id = sinch.new_id()
    failed = sinch.Report(message_id, "FAILED", reason={"code": "RECIPIENT_INVALID_CHANNEL_IDENTITY"})
    for report in (failed, sinch.Report(message_id, "DELIVERED")):
        assert stack.post(sinch.sign(report.body(), stack.secret)).status == 200
    message = stack.logged(message_id, reports=2)
    assert message["state"] == "delivered"
    assert message["contradicted"] is True
    sent = eventually(lambda: e if len(e := stack.events(message_id)) == 2 else None)
    assert [event["detail-type"] for event in sent] == ["delivery.failed", "delivery.delivered"]
    assert [event["detail"]["corrects"] for event in sent] == [None, "failed"]
    assert [event["detail"]["contradicted"] for event in sent] == [False, True]


def test_a_caller_without_iam_signature_does_not_reach_the_function(stack: Stack) -> None:
    body = sinch.Report(sinch.new_id()).body()
    callback = sinch.sign(body, stack.secret)
    assert stack.post(callback, iam=False).status == 403
    assert stack.proxy.asked("sqs", "SendMessage", callback.content_key) == []
    # The nearest one that does.
    assert stack.post(callback).status == 200


def test_with_public_url_sinch_itself_reaches_the_function(cloud: Ministack, stack: Stack, zips: Path) -> None:
    """A second stack, and its secret is the second of two parameters."""
    stack.ssm.put_parameter(Name="another", Value=sinch.new_secret(), Type="SecureString")
    names = f"another,{SECRET_PARAMETER}"
    public = Stack(cloud, "public", zips, stack_parameters(PublicUrl="true", SecretParameterNames=names))
    message_id = sinch.new_id()
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    answer = public.post(callback, iam=False)
    assert (answer.status, answer.code) == (200, "accepted")
    assert public.logged(message_id, reports=1)["state"] == "delivered"
    forged = callback.with_body(callback.body + b" ")
    assert public.post(forged, iam=False).status == 401
    may_read = {f"{ARN}/another", f"{ARN}/another:*", f"{ARN}{SECRET_PARAMETER}", f"{ARN}{SECRET_PARAMETER}:*"}
    assert readable_parameters(public) == may_read


ARN = "arn:aws:ssm:us-east-1:000000000000:parameter"


def test_the_receiver_may_read_its_own_parameters_alone(stack: Stack) -> None:
    names = [SECRET_PARAMETER, *NUMBERS["secrets"], *VOICE["secrets"]]
    assert readable_parameters(stack) == {f"{ARN}{name}{end}" for name in names for end in ("", ":*")}


def readable_parameters(stack: Stack) -> set[str]:
    statements = [s for s in stack.policy("Receiver") if "ssm" in json.dumps(s["Action"])]
    assert {s["Action"] for s in statements} == {"ssm:GetParameters"}
    return {resource for s in statements for resource in s["Resource"]}


def test_a_processor_killed_between_write_and_event_still_sends_the_event_once_applied(
    stack: Stack, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id("crash")
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    with proxy.failing("events", "hang", operation="PutEvents", containing=message_id.encode()) as fault:
        assert stack.post(callback).status == 200
        assert fault.met.acquire(timeout=20), "no event was on its way"
        # The write is through, the event is not.
        version = stack.message(message_id)["version"]
        assert len(stack.log(message_id)) == 1
        assert stack.events(message_id) == []
        for pid in stack.cloud.environments(stack.outputs["ProcessorFunctionName"]):
            os.kill(pid, signal.SIGKILL)
    (event,) = eventually(lambda: stack.events(message_id))
    assert event["detail-type"] == "delivery.delivered"
    assert event["detail"]["id"] == f"{callback.content_key}:{message_id}:delivery.delivered"
    eventually(stack.idle)
    assert stack.message(message_id)["version"] == version
    assert len(stack.log(message_id)) == 1
    assert stack.repeats(message_id, callback.content_key) == 0


def test_a_poison_message_reaches_the_dead_letters_and_the_good_ones_beside_it_are_processed(stack: Stack) -> None:
    poison_group = sinch.new_id("poison")
    before, after = sinch.new_id("before"), sinch.new_id("after")
    stack.pause_processing(True)
    try:
        assert stack.post(sinch.sign(sinch.Report(before).body(), stack.secret)).status == 200
        stack.enqueue("made-up: no envelope", group=poison_group, dedup=poison_group)
        assert stack.post(sinch.sign(sinch.Report(after).body(), stack.secret)).status == 200
    finally:
        stack.pause_processing(False)
    assert stack.logged(before, reports=1)["state"] == "delivered"
    assert stack.logged(after, reports=1)["state"] == "delivered"

    dead = eventually(lambda: take_dead_letter(stack, poison_group), limit=60)
    assert dead["Body"] == "made-up: no envelope"
    assert dead["MessageAttributes"]["cause"]["StringValue"] == "the queued message is not an envelope"
    # The processor put it there at the first sight, and the queue did not have to.
    assert len(stack.proxy.asked("sqs", "SendMessage", poison_group)) == 1
    # As long as what a poller had in its hands while it was paused may stay hidden.
    eventually(stack.idle, limit=200)
    cause = "the queued message is not an envelope"
    eventually(lambda: any(cause in line for line in stack.log_lines("Processor")))


def test_a_minute_without_the_table_sets_nothing_aside_but_poison_and_loses_nothing(
    stack: Stack, proxy: FaultProxy
) -> None:
    """Whoever is hidden longest comes back after the outage."""
    dead = stack.waiting(stack.outputs["DeadLetterQueueUrl"])
    messages, poison = [sinch.new_id("outage") for _ in range(5)], sinch.new_id("poison")
    hidden = len(proxy.asked("sqs", "ChangeMessageVisibilityBatch"))
    with proxy.failing("dynamodb", "error", status=400, code="ThrottlingException"):
        begun = time.monotonic()
        for message_id in messages:
            assert stack.post(sinch.sign(sinch.Report(message_id).body(), stack.secret)).code == "accepted"
        stack.enqueue("made-up: no envelope", group=poison, dedup=poison)
        # Five receives of two seconds, the tests' own visibility, would be over long before.
        eventually(lambda: time.monotonic() - begun > 60, limit=70)
        changes = proxy.asked("sqs", "ChangeMessageVisibilityBatch")[hidden:]
        waits = [entry["VisibilityTimeout"] for request in changes for entry in request.json["Entries"]]
        assert len(waits) >= 2 * len(messages) and all(5 <= seconds <= 60 for seconds in waits), waits
        assert max(waits) > 10, waits
        assert stack.waiting(stack.outputs["DeadLetterQueueUrl"]) == dead + 1
        assert take_dead_letter(stack, poison)
        assert stack.message(messages[0]) is None
    for message_id in messages:
        assert stack.logged(message_id, reports=1, limit=90)["state"] == "delivered"
    assert stack.waiting(stack.outputs["DeadLetterQueueUrl"]) == dead + 1
    eventually(stack.idle, limit=90)


def take_dead_letter(stack: Stack, group: str) -> dict | None:
    url = stack.outputs["DeadLetterQueueUrl"]
    answer = stack.sqs.receive_message(
        QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"], VisibilityTimeout=0, MaxNumberOfMessages=10
    )
    return next((m for m in answer.get("Messages", []) if m["Attributes"]["MessageGroupId"] == group), None)


def test_the_queue_message_carries_the_trace_of_its_invocation(stack: Stack) -> None:
    callback = sinch.sign(sinch.Report(sinch.new_id()).body(), stack.secret)
    assert stack.post(callback).status == 200
    (sent,) = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    trace = sent.json["MessageSystemAttributes"]["AWSTraceHeader"]
    assert trace["DataType"] == "String"
    assert trace["StringValue"].startswith("Root=1-")


def test_nothing_listens_beyond_loopback(stack: Stack) -> None:
    """Neither the fake AWS nor the functions."""
    assert listening.addresses(stack.cloud.processes()) == {listening.LOOPBACK}
