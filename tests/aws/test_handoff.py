"""The way into the queue: its outages, and what duplicates come to."""

import functools
import json
from typing import Any

import pytest

import events
import sinch
from conftest import Environments, Seal, receive
from poll import eventually
from proxy import FaultProxy
from stack import Stack, legs

OUTAGES: dict[str, dict[str, Any]] = {
    "down": {"how": "reset"},
    "silent": {"how": "hang"},
    "failing": {"how": "error", "status": 500, "code": "InternalFailure"},
    "throttling": {"how": "error", "status": 400, "code": "RequestThrottled"},
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_while_sqs_is_down_the_answer_is_503_in_time_and_the_retry_gets_through(
    stack: Stack, run: Environments, proxy: FaultProxy, outage: str
) -> None:
    message_id = sinch.new_id("outage")
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    receiver = run("receiver")
    with proxy.failing("sqs", **OUTAGES[outage]):
        answer = receive(receiver, callback, seconds=5)
        assert (answer.status, answer.code) == (503, "handoff_unavailable")
    answer = receive(receiver, callback)
    assert (answer.status, answer.code) == (200, "accepted")
    assert stack.logged(message_id, reports=1)["state"] == "delivered"


@pytest.mark.parametrize("how", ["error", "reset"])
def test_a_moment_of_throttling_or_a_broken_connection_is_bridged_inside_the_answer(
    stack: Stack, run: Environments, proxy: FaultProxy, how: str
) -> None:
    message_id = sinch.new_id("moment")
    receiver = run("receiver")
    with proxy.failing("sqs", how, status=400, code="RequestThrottled", times=1) as fault:
        answer = receive(receiver, sinch.sign(sinch.Report(message_id).body(), stack.secret))
        assert fault.met.acquire(blocking=False)
    assert (answer.status, answer.code) == (200, "accepted")
    assert stack.logged(message_id, reports=1)["state"] == "delivered"


def test_an_answer_of_sqs_that_is_lost_does_not_make_the_callback_count_twice(
    stack: Stack, run: Environments, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id("cut")
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    receiver = run("receiver")
    with proxy.failing("sqs", "cut"):
        assert receive(receiver, callback, seconds=5).code == "handoff_unavailable"
    assert receive(receiver, callback).code == "accepted"
    assert len(stack.proxy.asked("sqs", "SendMessage", callback.content_key)) >= 2
    assert stack.logged(message_id, reports=1)["state"] == "delivered"
    eventually(stack.idle)
    assert stack.repeats(message_id, callback.content_key) == 0


@pytest.mark.parametrize("retry", ["as it was", "signed afresh"])
def test_a_duplicate_within_five_minutes_is_answered_200_and_counts_once_also_after_delete(
    stack: Stack, retry: str
) -> None:
    message_id = sinch.new_id("duplicate")
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    again = callback if retry == "as it was" else sinch.sign(callback.body, stack.secret)
    assert stack.post(callback).code == "accepted"
    assert stack.post(again).status == 200
    stack.logged(message_id, reports=1)
    # Received and deleted by now; SQS still knows it.
    eventually(stack.idle)
    version = stack.message(message_id)["version"]
    assert stack.post(again).status == 200
    assert stack.idle()

    first, second, third = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    for request in (first, second, third):
        assert request.json["MessageGroupId"] == message_id
        assert request.json["MessageDeduplicationId"] == callback.content_key
    assert len(stack.log(message_id)) == 1
    assert stack.message(message_id)["version"] == version
    assert stack.repeats(message_id, callback.content_key) == 0


def is_repeated(stack: Stack, message_id: str, content_key: str, times: int) -> bool:
    return stack.repeats(message_id, content_key) == times


@pytest.mark.parametrize("retry", ["as it was", "signed afresh"])
def test_a_duplicate_beyond_five_minutes_counts_once_and_the_repeat_is_counted(
    stack: Stack, seal: Seal, retry: str
) -> None:
    message_id = sinch.new_id("later")
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    assert stack.post(callback).code == "accepted"
    before = stack.logged(message_id, reports=1)
    told = eventually(lambda: stack.events(message_id))

    for repeat in (1, 2):
        again = callback if retry == "as it was" else sinch.sign(callback.body, stack.secret)
        # SQS has forgotten the first: the same content comes under a name that it does not know.
        message = seal(again)
        stack.enqueue(message["MessageBody"], group=message_id, dedup=f"{callback.content_key}-{repeat}")
        eventually(functools.partial(is_repeated, stack, message_id, callback.content_key, repeat))

    eventually(stack.idle)
    assert len(stack.log(message_id)) == 1
    after = stack.message(message_id)
    assert (after["state"], legs(after)) == (before["state"], legs(before))
    assert stack.events(message_id) == told
    assert stack.times_sent(told[0]["detail"]["id"]) == 1
    (entry,) = after["log"]
    assert entry["last_repeat_at"] >= entry["at"]


def test_who_has_opted_out_is_told_once_and_a_repeat_is_known_as_one(stack: Stack, seal: Seal) -> None:
    inbound = {"type": "mo_text", "id": sinch.new_id("inbound"), "from": "15550100", "to": "2440", "body": "Stop."}
    body = json.dumps(inbound).encode()
    # Later than the queue remembers, so that the table alone can know.
    for repeat in range(3):
        callback = sinch.sign(body, stack.secret)
        message = seal(callback)
        group = callback.content_key
        stack.enqueue(message["MessageBody"], group=group, dedup=f"{group}-{repeat}")
    eventually(lambda: (stack.callback(group) or {}).get("repeats") == 2)
    assert "unrecognized" not in stack.callback(group)
    event_id = f"{group}::contact.opted_out"
    (event,) = eventually(lambda: [e for e in stack.all_events() if e["detail"]["id"] == event_id])
    assert event["detail-type"] == "contact.opted_out"
    assert (event["detail"]["channel"], event["detail"]["identity"]) == ("SMS", "15550100")
    assert stack.times_sent(event_id) == 1


def test_a_message_that_the_queue_hands_out_again_is_no_repeat(stack: Stack, seal: Seal, run: Environments) -> None:
    message_id = sinch.new_id("again")
    message = seal(sinch.sign(sinch.Report(message_id).body(), stack.secret))
    key = message["MessageDeduplicationId"]
    processor = run("processor")
    for received in (1, 2):
        record = events.sqs_record(message["MessageBody"], message_id, key, received=received)
        assert processor.invoke(events.sqs(record)).response == {"batchItemFailures": []}
    assert len(stack.log(message_id)) == 1
    assert stack.repeats(message_id, key) == 0
    # The event may be sent again after a crash, and always under its one name.
    (event,) = eventually(lambda: stack.events(message_id))
    assert event["detail"]["id"] == f"{key}:{message_id}:{event['detail-type']}"
