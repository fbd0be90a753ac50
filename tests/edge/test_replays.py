"""The same callback twice, and the retry that follows a failure of our own."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

import sinch
from conftest import Ended
from distribution import Answer, Distribution
from poll import eventually
from proxy import FaultProxy
from stack import Stack


@pytest.fixture
def callback(stack: Stack) -> sinch.Callback:
    return sinch.sign(sinch.Report(sinch.new_id()).body(), stack.secret)


def counts_once(stack: Stack, callback: sinch.Callback) -> None:
    """One log entry, one event, no repeat."""
    message_id = message(callback)
    assert stack.logged(message_id, reports=1)["state"] == "delivered"
    eventually(stack.idle)
    assert len(stack.log(message_id)) == 1
    (event,) = eventually(lambda: stack.events(message_id))
    assert stack.times_sent(event["detail"]["id"]) == 1
    assert stack.repeats(message_id, callback.content_key) == 0


def message(callback: sinch.Callback) -> str:
    return json.loads(callback.body)["message_delivery_report"]["message_id"]


def sends(stack: Stack, callback: sinch.Callback) -> int:
    return len(stack.proxy.asked("sqs", "SendMessage", callback.content_key))


def found(answer: Answer) -> tuple:
    return answer.status, answer.code, answer.end


ACCEPTED = (200, "accepted", "nowhere")


def test_a_replay_to_the_same_environment_is_absorbed_there(
    stack: Stack, edge: Distribution, ended: Ended, callback: sinch.Callback
) -> None:
    edge.pin(0, 0)
    assert found(edge.send(callback)) == ACCEPTED
    calls = edge.state()["calls"]
    for _ in range(3):
        answer = edge.send(callback)
        assert found(answer) == (200, "duplicate", "origin-request")
    ended("replayed, same environment", answer)
    assert edge.state()["calls"] == calls
    counts_once(stack, callback)


def test_a_replay_to_another_environment_goes_on_and_counts_once(
    stack: Stack, edge: Distribution, ended: Ended, callback: sinch.Callback
) -> None:
    edge.pin(0, 0)
    assert found(edge.send(callback)) == ACCEPTED
    edge.pin(1, 1)
    answer = edge.send(callback)
    assert ended("replayed, another environment (absorbed by the queue)", answer) == ACCEPTED
    assert sends(stack, callback) == 2
    counts_once(stack, callback)
    # By now that one knows it too.
    assert found(edge.send(callback)) == (200, "duplicate", "origin-request")


def test_a_replay_whose_answer_was_seen_by_another_environment_goes_on_and_counts_once(
    stack: Stack, edge: Distribution, callback: sinch.Callback
) -> None:
    edge.pin(0, 1)
    assert found(edge.send(callback)) == ACCEPTED
    # Still in flight, as far as this one knows.
    edge.pin(0, 0)
    assert found(edge.send(callback)) == ACCEPTED
    # The other one was told of it.
    edge.pin(1, 1)
    assert found(edge.send(callback)) == (200, "duplicate", "origin-request")
    counts_once(stack, callback)


def test_a_replay_to_new_environments_goes_on_and_counts_once(
    stack: Stack, edge: Distribution, callback: sinch.Callback
) -> None:
    assert found(edge.send(callback)) == ACCEPTED
    edge.redeploy()
    assert found(edge.send(callback)) == ACCEPTED
    counts_once(stack, callback)


@pytest.mark.parametrize("response_in", [0, 1], ids=["same environment", "another environment"])
@pytest.mark.parametrize("status", [500, 502, 429, 403, 404, 413, 301, 200])
def test_after_a_failure_of_the_origins_the_very_same_callback_gets_through(
    stack: Stack, edge: Distribution, ended: Ended, callback: sinch.Callback, status: int, response_in: int
) -> None:
    """What stands before the receiver says nothing that Sinch would take for the last word."""
    edge.pin(0, response_in)
    edge.fail_origin("status", status=status)
    answer = edge.send(callback)
    if status == 429:
        assert answer.status == 429
    else:
        assert found(answer) == (503, "origin_refused", "origin-response")
    if response_in == 0:
        ended(f"genuine, while something before the receiver answers {status}", answer)
    assert found(edge.send(callback)) == ACCEPTED
    counts_once(stack, callback)


@pytest.mark.parametrize("response_in", [0, 1], ids=["same environment", "another environment"])
def test_after_an_outage_of_the_queue_the_very_same_callback_gets_through(
    stack: Stack, edge: Distribution, ended: Ended, proxy: FaultProxy, callback: sinch.Callback, response_in: int
) -> None:
    edge.pin(0, response_in)
    with proxy.failing("sqs", "reset"):
        answer = edge.send(callback)
        assert found(answer) == (503, "origin_refused", "origin-response")
        if response_in == 0:
            ended("genuine, while the queue is down", answer)
    assert found(edge.send(callback)) == ACCEPTED
    counts_once(stack, callback)


@pytest.mark.parametrize("how", ["hang-before", "hang-after"])
def test_after_the_origin_timed_out_the_very_same_callback_gets_through(
    stack: Stack, edge: Distribution, ended: Ended, callback: sinch.Callback, how: str
) -> None:
    edge.origin(readTimeoutSeconds=1)
    edge.pin(0, 0)
    edge.fail_origin(how)
    answer = edge.send(callback)
    assert (answer.status, answer.end) == (504, "CloudFront (Error)")
    reached = {"hang-before": 0, "hang-after": 1}[how]
    assert sends(stack, callback) == reached
    ended(f"genuine, while the origin is silent ({'its answer is lost' if reached else 'it never gets it'})", answer)
    # CloudFront tells no function of it: the claim is in flight, and what is in flight goes on.
    assert found(edge.send(callback)) == ACCEPTED
    counts_once(stack, callback)
    assert found(edge.send(callback)) == (200, "duplicate", "origin-request")


@pytest.mark.parametrize("pin", [None, 0], ids=["two environments", "one environment"])
def test_two_copies_at_once_both_get_200_and_count_once(
    stack: Stack, edge: Distribution, callback: sinch.Callback, pin: int
) -> None:
    edge.pin(pin, None)
    with ThreadPoolExecutor(2) as senders:
        answers = list(senders.map(edge.send, [callback, callback]))
    assert {answer.status for answer in answers} == {200}, [str(answer) for answer in answers]
    assert "accepted" in {answer.code for answer in answers}
    counts_once(stack, callback)


def test_two_copies_at_once_of_which_one_fails_leave_a_way_for_the_third(
    stack: Stack, edge: Distribution, callback: sinch.Callback
) -> None:
    edge.pin(0, 0)
    edge.fail_origin("status", times=2)
    with ThreadPoolExecutor(2) as senders:
        answers = list(senders.map(edge.send, [callback, callback]))
    assert {found(answer) for answer in answers} == {(503, "origin_refused", "origin-response")}
    assert found(edge.send(callback)) == ACCEPTED
    counts_once(stack, callback)


def test_a_retry_that_is_signed_afresh_goes_on_and_counts_once(
    stack: Stack, edge: Distribution, callback: sinch.Callback
) -> None:
    edge.pin(0, 0)
    assert found(edge.send(callback)) == ACCEPTED
    assert found(edge.send(sinch.sign(callback.body, stack.secret))) == ACCEPTED
    counts_once(stack, callback)
