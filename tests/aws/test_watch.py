"""What is not reported in time is told: of submitted messages, and of those that somebody watches."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

import sinch
from bench_cost import Table
from conftest import Environments
from poll import eventually
from proxy import FaultProxy
from stack import Stack

# Of the deployed watcher and its metrics, and by which it is judged how far was heard.
TOLD_WITHIN = 90
HOUR = 3_600


def submitted(message_id: str) -> bytes:
    """MESSAGE_SUBMIT: the channel's provider has the message, and nothing is reported of it yet."""
    notification = {
        "message_id": message_id,
        "conversation_id": sinch.CONVERSATION,
        "channel_identity": {"channel": "SMS", "identity": sinch.IDENTITY, "app_id": ""},
        "contact_id": "made-up-contact",
        "metadata": "",
        "processing_mode": "CONVERSATION",
    }
    callback = {
        "app_id": "made-up-app",
        "project_id": "made-up-project",
        "accepted_time": "2026-11-24T08:00:00Z",
        "event_time": "2026-11-24T08:00:00Z",
        "correlation_id": "",
        "message_submit_notification": notification,
    }
    return json.dumps(callback).encode()


def invoke(stack: Stack, payload: Any) -> Any:
    """What the deployed watcher answers who invokes it."""
    name = stack.outputs["WatcherFunctionName"]
    answer = stack.functions.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())


def dues(stack: Stack) -> dict[str, int]:
    """What the index holds: the messages, and when they are due."""
    items = stack.dynamodb.scan(TableName=stack.outputs["TableName"], IndexName="by_due")["Items"]
    assert all(set(item) == {"pk", "sk", "due", "due_shard"} for item in items)
    return {item["pk"]["S"].removeprefix("message#"): int(item["due"]["N"]) for item in items}


def overdue(stack: Stack, message_id: str) -> list[dict]:
    return [e for e in stack.events(message_id) if e["detail-type"] == "delivery.overdue"]


def metric(stack: Stack, namespace: str, name: str, value: float, at: float, **dimension: str) -> None:
    ((key, of),) = dimension.items()
    data = {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": of}],
        "Timestamp": datetime.fromtimestamp(at, UTC),
        "Value": value,
    }
    stack.cloud.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[data])


def look(run: Environments, at: float) -> Any:
    """The watcher looks, at a moment of our choice."""
    watcher = run("watcher", CLOCK_AT=str(int(at)))
    outcome = watcher.invoke({"source": "aws.events", "detail-type": "Scheduled Event"}, 30)
    assert outcome.error is None, outcome.error
    return watcher


def test_a_submitted_message_that_stays_silent_is_told_by_the_schedule(stack: Stack) -> None:
    silent, ends = sinch.new_id(), sinch.new_id()
    for message_id in (silent, ends):
        assert stack.post(stack.signed(submitted(message_id))).code == "accepted"
    eventually(lambda: {silent, ends} <= dues(stack).keys())
    due = dues(stack)[silent]
    assert stack.post(stack.signed(sinch.Report(ends).body())).code == "accepted"
    # What has ended is in the index no more.
    eventually(lambda: ends not in dues(stack))

    (event,) = eventually(lambda: overdue(stack, silent), limit=TOLD_WITHIN + 30)
    within = time.time() - due
    assert event["detail"]["cause"] == "submitted" and event["detail"]["deadline"] == due
    print(f"figure overdue_told_within_s_aws {within:.0f}")
    assert within <= TOLD_WITHIN
    eventually(lambda: silent not in dues(stack))
    assert stack.times_sent(event["detail"]["id"]) == 1
    assert overdue(stack, ends) == []


def test_a_watch_is_taken_by_direct_invoke(stack: Stack) -> None:
    message_id = sinch.new_id()
    asked = {"message_id": message_id, "deadline": "PT10M"}
    now = time.time()
    answer = invoke(stack, asked)
    assert answer["watch"] == "watching" and abs(answer["deadline"] - now - 600) < 30
    assert dues(stack)[message_id] == answer["deadline"]
    wrong = {"message_id": message_id, "deadline": "PT0S"}
    same, refused = invoke(stack, [asked | {"deadline": iso(answer["deadline"])}, wrong])
    assert same == answer | {"watch": "same"}
    assert refused["code"] == "malformed_watch" and refused["detail"].startswith("deadline: ")
    assert stack.post(stack.signed(sinch.Report(message_id).body())).code == "accepted"
    eventually(lambda: message_id not in dues(stack))
    assert invoke(stack, asked)["watch"] == "ended"


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def watched(stack: Stack) -> tuple[str, int]:
    """A message that somebody watches, and its deadline, while nothing else is on its way."""
    eventually(stack.idle)
    message_id = sinch.new_id()
    return message_id, invoke(stack, {"message_id": message_id, "deadline": "PT10M"})["deadline"]


def test_nothing_is_overdue_before_it_was_heard(stack: Stack, run: Environments) -> None:
    message_id, due = watched(stack)
    receiver = stack.outputs["ReceiverFunctionName"]
    look(run, due)
    assert overdue(stack, message_id) == []
    # Our own URL answered 5xx in the minute before the deadline: its retries come within so long.
    metric(stack, "AWS/Lambda", "Url5xxCount", 3, due - 60, FunctionName=receiver)
    look(run, due + 60)
    assert overdue(stack, message_id) == []
    look(run, due + 300)
    (event,) = eventually(lambda: overdue(stack, message_id))
    assert event["detail"]["cause"] == "watched" and event["detail"]["state"] is None


def test_a_queue_that_lags_holds_back_and_one_that_nobody_can_look_into_says_nothing(
    stack: Stack, run: Environments, proxy: FaultProxy
) -> None:
    message_id, due = watched(stack)
    now = due + HOUR
    queue = stack.outputs["QueueUrl"].rsplit("/", 1)[1]
    stack.pause_processing(True)
    try:
        assert stack.post(stack.signed()).code == "accepted"
        watcher = look(run, now)
        assert "does not say how old the queue's oldest message is" in watcher.log_text()
        metric(stack, "AWS/SQS", "ApproximateAgeOfOldestMessage", 2 * HOUR, now - 60, QueueName=queue)
        look(run, now)
        assert overdue(stack, message_id) == []
        with proxy.failing("monitoring", "error", status=500, code="InternalFailure"):
            watcher = look(run, now + 600)
            assert "HearingUnreadable" in watcher.log_text()
        assert overdue(stack, message_id) == []
        metric(stack, "AWS/SQS", "ApproximateAgeOfOldestMessage", 30, now + 600, QueueName=queue)
        look(run, now + 660)
        assert len(eventually(lambda: overdue(stack, message_id))) == 1
    finally:
        stack.pause_processing(False)


def test_what_was_told_and_not_noted_is_told_again_under_the_same_id(
    stack: Stack, run: Environments, proxy: FaultProxy
) -> None:
    message_id, due = watched(stack)
    watcher = run("watcher", CLOCK_AT=str(due + 2 * HOUR))
    with proxy.failing("events", "cut"):
        assert watcher.invoke({}, 30).error is not None
    (event,) = eventually(lambda: overdue(stack, message_id))
    assert message_id in dues(stack)
    look(run, due + 2 * HOUR)
    eventually(lambda: message_id not in dues(stack))
    assert eventually(lambda: stack.times_sent(event["detail"]["id"]) >= 2)
    assert len(overdue(stack, message_id)) == 1


def test_that_callbacks_stopped_and_resumed_is_told_once(stack: Stack, run: Environments) -> None:
    eventually(stack.idle)
    for _ in range(5):
        invoke(stack, {"message_id": sinch.new_id(), "deadline": "P1D"})
    # Long after the outage of another test.
    now = time.time() + 5 * HOUR

    def told(kind: str) -> list[dict]:
        return [e["detail"] for e in stack.all_events() if e["detail-type"] == kind]

    for _ in range(2):
        watcher = look(run, now)
        assert "CallbacksStopped" in watcher.log_text()
    (stopped,) = eventually(lambda: told("callbacks.stopped"))
    assert stopped["at"] == int(now)
    # What we were answered ourselves is no callback; one that the receiver accepted is.
    metric(stack, "SinchCallback", "Accepted", 1, now, Function=stack.outputs["ReceiverFunctionName"])
    assert "CallbacksStopped" not in look(run, now + 60).log_text()
    (resumed,) = eventually(lambda: told("callbacks.resumed"))
    assert resumed["id"].split("::")[0] == stopped["id"].split("::")[0]


@pytest.mark.parametrize("deadline", [None, "PT10M"], ids=["submitted", "watched"])
def test_a_message_in_the_index_costs_two_write_units_more(
    stack: Stack, run: Environments, deadline: str | None
) -> None:
    """By AWS's rules, over what was asked of the table: into the index and out."""
    message_id = sinch.new_id()
    since = len(stack.proxy.requests)
    if deadline is None:
        stack.post(stack.signed(submitted(message_id)))
    else:
        invoke(stack, {"message_id": message_id, "deadline": deadline})
    eventually(lambda: message_id in dues(stack))
    for status in ("QUEUED_ON_CHANNEL", "DELIVERED"):
        stack.post(stack.signed(sinch.Report(message_id, status).body()))
    eventually(lambda: message_id not in dues(stack))
    with_index, without = Table(), Table(indices=())
    for request in stack.proxy.requests[since:]:
        if request.operation == "PutItem" and message_id in request.json["Item"]["pk"]["S"]:
            with_index.count(request)
            without.count(request)
    extra = with_index.writes - without.writes
    print(f"figure watched_extra_write_units {extra}")
    assert (extra, without.writes) == (2, 3)
