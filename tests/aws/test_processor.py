"""One environment of the processor: batches, and what fails in the middle of one."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import events
import sinch
from conftest import Environments, Seal
from poll import eventually
from proxy import FaultProxy
from runtime_api import Function, Outcome
from stack import Stack, aggregate, legs

Dead = Callable[[str], dict[str, Any]]
Record = Callable[..., dict[str, Any]]


@pytest.fixture
def dead(stack: Stack) -> Dead:
    """Gives the dead letter of a group."""

    def find(group: str) -> dict:
        def look() -> dict | None:
            answer = stack.sqs.receive_message(
                QueueUrl=stack.outputs["DeadLetterQueueUrl"],
                MaxNumberOfMessages=10,
                VisibilityTimeout=0,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            found = answer.get("Messages", [])
            return next((m for m in found if m["Attributes"]["MessageGroupId"] == group), None)

        return eventually(look, limit=10)

    return find


@pytest.fixture
def record(seal: Seal, stack: Stack) -> Record:
    """A queue record of the processor for a report, as a real receiver would have queued it."""

    def make(report: sinch.Report, **how: Any) -> dict:
        message = seal(sinch.sign(report.body(), stack.secret))
        return events.sqs_record(
            message["MessageBody"], message["MessageGroupId"], message["MessageDeduplicationId"], **how
        )

    return make


def failures(outcome: Outcome) -> list[str]:
    assert outcome.error is None and outcome.response is not None, outcome.error
    return [failure["itemIdentifier"] for failure in outcome.response["batchItemFailures"]]


def nothing_was_processed(outcome: Outcome, *records: dict) -> bool:
    """The function's error, for a batch of which all has to be retried."""
    assert outcome.error is not None, outcome.response
    return outcome.error["errorMessage"].startswith(f"none of {len(records)} queued callbacks was processed: ")


def visibility(stack: Stack, *records: dict) -> list[int]:
    """For how many seconds these were hidden last, by what the processor asked of SQS."""
    found = {
        entry["ReceiptHandle"]: entry["VisibilityTimeout"]
        for request in stack.proxy.asked("sqs", "ChangeMessageVisibilityBatch")
        for entry in request.json["Entries"]
    }
    return [found[record["receiptHandle"]] for record in records]


def state(stack: Stack, message_id: str) -> str | None:
    message = stack.message(message_id)
    return message and message["state"]


def test_poison_is_set_aside_with_its_cause_and_its_group_goes_on(
    stack: Stack, run: Environments, record: Record, dead: Dead
) -> None:
    a, b, c = (sinch.new_id(name) for name in "abc")
    first = record(sinch.Report(a, "QUEUED_ON_CHANNEL"))
    poison = events.sqs_record("made-up: no envelope", b, sinch.new_id())
    behind = record(sinch.Report(b, "DELIVERED"))
    other = record(sinch.Report(c, "DELIVERED"))
    processor = run("processor")

    outcome = processor.invoke(events.sqs(first, poison, behind, other), 30)

    assert failures(outcome) == []
    assert (state(stack, a), state(stack, b), state(stack, c)) == ("queued", "delivered", "delivered")
    letter = dead(b)
    assert letter["Body"] == "made-up: no envelope"
    assert letter["MessageAttributes"]["cause"]["StringValue"] == "the queued message is not an envelope"


def test_a_bomb_is_set_aside_before_it_has_grown(stack: Stack, run: Environments, record: Record, dead: Dead) -> None:
    """A body of a gigabyte of zeros, from whoever can write to the queue."""
    group, beside = sinch.new_id("bomb"), sinch.new_id()
    good = record(sinch.Report(beside))
    envelope = json.loads(record(sinch.Report(group))["body"])
    del envelope["body"]
    press = zlib.compressobj(9, wbits=-15)
    deflated = b"".join(press.compress(bytes(1 << 20)) for _ in range(700)) + press.flush()
    envelope |= {"version": 2, "body_deflate": base64.b64encode(deflated).decode()}
    bomb = events.sqs_record(json.dumps(envelope), group, sinch.new_id())
    processor = run("processor")
    before = peak(processor)
    assert failures(processor.invoke(events.sqs(bomb, good), 30)) == []
    assert peak(processor) - before < 40 << 20
    assert state(stack, beside) == "delivered"
    assert "body_deflate" in dead(group)["MessageAttributes"]["cause"]["StringValue"]


def peak(function: Function) -> int:
    """The most memory that the process ever held, in bytes."""
    status = Path(f"/proc/{function.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) << 10


def test_what_the_table_never_takes_is_set_aside_after_five_attempts(
    stack: Stack, run: Environments, record: Record, dead: Dead
) -> None:
    """DynamoDB's partition keys have 2,048 bytes."""
    message_id, beside = "m" * 3_000, sinch.new_id()
    one = record(sinch.Report(message_id))
    processor = run("processor")
    for received in ("1", "4", "5"):
        one["attributes"]["ApproximateReceiveCount"] = received
        outcome = processor.invoke(events.sqs(one, record(sinch.Report(sinch.new_id()))), 30)
        assert failures(outcome) == ([] if received == "5" else [one["messageId"]]), received
    letter = dead(one["attributes"]["MessageGroupId"])
    assert letter["Body"] == one["body"]
    assert "does not take" in letter["MessageAttributes"]["cause"]["StringValue"]
    assert failures(processor.invoke(events.sqs(record(sinch.Report(beside))), 30)) == []


def test_poison_that_cannot_be_set_aside_stays_in_the_queue(stack: Stack, run: Environments, proxy: FaultProxy) -> None:
    poison = events.sqs_record("made-up: no envelope", sinch.new_id(), sinch.new_id())
    processor = run("processor")
    with proxy.failing("sqs", "error", status=400, code="AccessDenied", operation="SendMessage"):
        assert nothing_was_processed(processor.invoke(events.sqs(poison), 30), poison)


REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "throttled": ("dynamodb", {"how": "error", "status": 400, "code": "ProvisionedThroughputExceededException"}),
    "denied": ("dynamodb", {"how": "error", "status": 400, "code": "AccessDeniedException"}),
    "down": ("dynamodb", {"how": "reset"}),
    "no bus": ("events", {"how": "error", "status": 400, "code": "AccessDeniedException"}),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_an_outage_hides_messages_for_longer_with_each_attempt_and_sets_nothing_aside(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy, refusal: str
) -> None:
    service, how = REFUSALS[refusal]
    one, other = record(sinch.Report(sinch.new_id())), record(sinch.Report(sinch.new_id()))
    processor = run("processor")
    with proxy.failing(service, **how):
        for received, (least, most) in {"1": (5, 10), "3": (20, 40), "999": (30, 60)}.items():
            for each in (one, other):
                each["attributes"]["ApproximateReceiveCount"] = received
            assert nothing_was_processed(processor.invoke(events.sqs(one, other), 30), one, other)
            assert all(least <= seconds <= most for seconds in visibility(stack, one, other)), received
    for each in (one, other):
        assert stack.proxy.asked("sqs", "SendMessage", each["messageId"]) == []
    assert failures(processor.invoke(events.sqs(one, other), 30)) == []


def test_while_dynamodb_refuses_one_message_its_later_reports_wait_and_keep_their_order(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    a, b = sinch.new_id("a"), sinch.new_id("b")
    queued = record(sinch.Report(a, "QUEUED_ON_CHANNEL"))
    delivered = record(sinch.Report(a, "DELIVERED"))
    other = record(sinch.Report(b, "DELIVERED"))
    processor = run("processor")

    with proxy.failing("dynamodb", "reset", containing=a.encode()):
        outcome = processor.invoke(events.sqs(queued, delivered, other), 30)
    assert failures(outcome) == [queued["messageId"], delivered["messageId"]]
    assert (state(stack, a), state(stack, b)) == (None, "delivered")

    outcome = processor.invoke(events.sqs(queued, delivered), 30)
    assert failures(outcome) == []
    assert state(stack, a) == "delivered"
    assert [entry["step"] for entry in stack.log(a)] == ["moved", "moved"]
    types = eventually(lambda: len(e := stack.events(a)) == 2 and [x["detail-type"] for x in e])
    assert types == ["delivery.queued", "delivery.delivered"]


def test_dynamodb_that_never_answers_fails_the_messages_before_the_invocation_ends(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    waiting = record(sinch.Report(sinch.new_id()))
    other = record(sinch.Report(sinch.new_id()))
    processor = run("processor")
    with proxy.failing("dynamodb", "hang"):
        outcome = processor.invoke(events.sqs(waiting, other), 6)
    assert nothing_was_processed(outcome, waiting, other)
    assert all(5 <= seconds <= 10 for seconds in visibility(stack, waiting, other))
    assert failures(processor.invoke(events.sqs(waiting, other), 30)) == []


MOMENTS: dict[str, dict[str, Any]] = {
    "throttling": {"how": "error", "status": 400, "code": "ThrottlingException"},
    "a provisioned table that is exceeded": {
        "how": "error",
        "operation": "PutItem",
        "status": 400,
        "code": "ProvisionedThroughputExceededException",
    },
    # Somebody else has written meanwhile, as far as the processor can see.
    "conflict": {"how": "error", "operation": "PutItem", "status": 400, "code": "ConditionalCheckFailedException"},
    "a read that is put off": {"how": "error", "operation": "GetItem", "status": 400, "code": "ThrottlingException"},
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_busy_moment_of_dynamodb_is_bridged_and_forgets_nothing(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy, moment: str
) -> None:
    message_id = sinch.new_id()
    processor = run("processor")
    read, late = record(sinch.Report(message_id, "READ")), record(sinch.Report(message_id, "DELIVERED"))
    assert failures(processor.invoke(events.sqs(read), 30)) == []
    with proxy.failing("dynamodb", times=2, **MOMENTS[moment]) as fault:
        outcome = processor.invoke(events.sqs(late), 30)
        assert fault.met.acquire(blocking=False)
    assert failures(outcome) == []
    message = stack.message(message_id)
    # Of two reports of one moment, the content's key decides whose texts are the message's.
    assert message["state"] == "read" and message["version"] in (1, 2)
    assert sorted(entry["step"] for entry in stack.log(message_id)) == ["late", "moved"]


def test_a_write_whose_answer_is_lost_is_applied_once(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id()
    one = record(sinch.Report(message_id))
    processor = run("processor")
    with proxy.failing("dynamodb", "cut", operation="PutItem", times=1) as fault:
        outcome = processor.invoke(events.sqs(one), 30)
        assert fault.met.acquire(blocking=False)
    if failures(outcome):
        assert failures(processor.invoke(events.sqs(one), 30)) == []
    assert len(stack.log(message_id)) == 1
    assert stack.message(message_id)["version"] == 1
    assert stack.repeats(message_id, one["attributes"]["MessageDeduplicationId"]) == 0
    assert len(eventually(lambda: stack.events(message_id))) == 1


def test_while_eventbridge_is_down_the_message_fails_and_its_event_is_sent_by_the_next_try(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id()
    one = record(sinch.Report(message_id))
    processor = run("processor")
    with proxy.failing("events", "reset"):
        assert nothing_was_processed(processor.invoke(events.sqs(one), 30), one)
    assert len(stack.log(message_id)) == 1
    assert stack.events(message_id) == []
    assert failures(processor.invoke(events.sqs(one), 30)) == []
    assert len(stack.log(message_id)) == 1
    (event,) = eventually(lambda: stack.events(message_id))
    assert event["detail-type"] == "delivery.delivered"


def test_an_event_refused_inside_an_answer_of_200_is_sent_by_the_next_try(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id()
    one = record(sinch.Report(message_id))
    processor = run("processor")

    def refused(request: dict) -> dict:
        entries = [{"ErrorCode": "InternalFailure", "ErrorMessage": "made to fail"} for _ in request["Entries"]]
        return {"FailedEntryCount": len(entries), "Entries": entries}

    with proxy.failing("events", "answer", status=200, body=refused):
        assert nothing_was_processed(processor.invoke(events.sqs(one), 30), one)
    assert failures(processor.invoke(events.sqs(one), 30)) == []
    assert len(eventually(lambda: stack.events(message_id))) == 1


def test_a_processor_killed_before_its_write_leaves_nothing_behind(
    stack: Stack, run: Environments, record: Record, proxy: FaultProxy
) -> None:
    message_id = sinch.new_id()
    one = record(sinch.Report(message_id))
    first = run("processor")
    with proxy.failing("dynamodb", "hang", operation="PutItem") as fault:
        first.begin(events.sqs(one), 30)
        assert fault.met.acquire(timeout=20)
        first.kill()
    assert stack.message(message_id) is None
    assert failures(run("processor").invoke(events.sqs(one), 30)) == []
    assert len(stack.log(message_id)) == 1


def test_two_processors_on_one_message_at_once_lose_neither_report(
    stack: Stack, run: Environments, record: Record
) -> None:
    """AWS keeps a group in one pair of hands; a redelivery after a time-out may put it into two."""
    messages = [sinch.new_id("race") for _ in range(10)]
    queued = [record(sinch.Report(m, "QUEUED_ON_CHANNEL")) for m in messages]
    read = [record(sinch.Report(m, "READ")) for m in messages]
    one, other = run("processor"), run("processor")
    outcomes = [one.begin(events.sqs(*queued), 30), other.begin(events.sqs(*read), 30)]
    for outcome, records in zip(outcomes, (queued, read), strict=True):
        failed = set(failures(outcome()))
        again = [r for r in records if r["messageId"] in failed]
        if again:
            assert failures(one.invoke(events.sqs(*again), 30)) == []
    for message_id in messages:
        message = stack.message(message_id)
        assert (message["state"], legs(message)) == ("read", {"SMS": "read"})
        log = stack.log(message_id)
        assert len(log) == 2
        # Where the later report came first, the earlier one may have changed nothing.
        assert message["version"] in (1, 2)


def recipients_of(seal: Seal, stack: Stack, batch: str, count: int) -> tuple[list[str], dict]:
    """So many, and the queue's record of a report on all of them."""
    recipients = [f"1555{number:07d}" for number in range(count)]
    status = {"code": 0, "status": "Delivered", "count": count, "recipients": recipients}
    body = {"type": "delivery_report_sms", "batch_id": batch, "total_message_count": count, "statuses": [status]}
    sent = seal(sinch.sign(json.dumps(body).encode(), stack.secret))
    return recipients, events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], sent["MessageDeduplicationId"])


def test_a_report_on_many_recipients_is_recorded_whole_and_each_event_is_sent_also_after_a_failure(
    stack: Stack, run: Environments, seal: Seal, proxy: FaultProxy
) -> None:
    """More than are changed at once, and than one call of EventBridge holds."""
    batch = sinch.new_id("batch")
    recipients, one = recipients_of(seal, stack, batch, 95)
    key = one["attributes"]["MessageDeduplicationId"]
    processor = run("processor")

    with proxy.failing("events", "reset", containing=recipients[50].encode()):
        assert nothing_was_processed(processor.invoke(events.sqs(one), 30), one)
    assert failures(processor.invoke(events.sqs(one), 30)) == []

    items = stack.scan(f"message#{batch}:")
    states = {state["id"]: state for state in map(aggregate, items)}
    assert set(states) == {f"{batch}:{recipient}" for recipient in recipients}
    assert {(state["state"], state["version"]) for state in states.values()} == {("delivered", 1)}
    assert len(items) == len(recipients)

    def sent() -> list[dict]:
        return [e["detail"] for e in stack.all_events() if e["detail"]["id"].startswith(key)]

    eventually(lambda: len(sent()) == len(recipients))
    assert {event["id"] for event in sent()} == {f"{key}:{id}:delivery.delivered" for id in states}
    assert {event["message_id"] for event in sent()} == set(states)


def test_an_item_of_the_version_before_is_taken_over_with_its_log_by_the_next_report(
    stack: Stack, run: Environments, record: Record
) -> None:
    """Items as 0.1.0 wrote them at f185c1f: a state, an entry for each report, and a callback."""
    message_id = sinch.new_id("old")
    first = record(sinch.Report(message_id, "QUEUED_ON_CHANNEL"))
    key = first["attributes"]["MessageDeduplicationId"]
    arrival = json.loads(first["body"])["request_id"]

    of = {"pk": f"message#{message_id}"}
    leg = {"channel": "SMS", "identity": sinch.IDENTITY, "leg": "queued", "received": 1795500000}
    delivery = json.dumps({"legs": [leg], "texts": [{"metadata": "shop"}]})
    times: dict[str, Any] = {"first_received_at": 1795500000, "updated_at": 1795500000, "expires_at": 4102444800}
    state = {"message_id": message_id, "subject": "message", "state": "queued", "version": 1, "delivery": delivery}
    stack.put(of | {"sk": "state"} | state | times)
    moved = {"channel": "SMS", "status": "QUEUED_ON_CHANNEL", "step": "moved", "leg": "queued", "state": "queued"}
    seen = {"content_key": key, "received_at": 1795500000, "signed_at": 1795499999, "secret_slot": 0}
    log = {"sk": f"log#001795500000#{key}#000000", "version": 1, "occurred_at": ""}
    stack.put(of | log | moved | seen)
    callback = {"pk": f"callback#{key}", "sk": "callback", "request_id": arrival, "repeats": 3}
    stack.put(callback | {"received_at": 1795500000})

    processor = run("processor", EVENTS="all")
    # What the queue hands out again is known, and told again.
    assert failures(processor.invoke(events.sqs(first), 30)) == []
    (event,) = eventually(lambda: stack.events(message_id))
    assert event["detail-type"] == "delivery.queued"
    assert failures(processor.invoke(events.sqs(record(sinch.Report(message_id, "DELIVERED"))), 30)) == []
    message = stack.message(message_id)
    assert (message["state"], message["version"], message["revision"]) == ("delivered", 2, 1)
    assert message["expires_at"] == 4102444800
    steps = [(entry["status"], entry["step"], entry["repeats"]) for entry in stack.log(message_id)]
    assert steps == [("QUEUED_ON_CHANNEL", "moved", 3), ("DELIVERED", "moved", 0)]


@pytest.mark.parametrize(
    ("count", "kills"),
    [
        pytest.param(1_600, range(500, 1_600, 500), id="each cursor"),
        # As many as Sinch reports on at once. Each of its 89 cursors is one of these; one in eleven is met.
        pytest.param(45_000, range(500, 45_000, 5_500), id="a full report", marks=pytest.mark.slow),
    ],
)
def test_a_processor_killed_at_its_cursors_leaves_each_message_of_a_large_report_changed_once(
    stack: Stack, run: Environments, seal: Seal, proxy: FaultProxy, count: int, kills: range
) -> None:
    """Behind each 500 recipients that are written and told."""
    batch = sinch.new_id("large")
    recipients, one = recipients_of(seal, stack, batch, count)
    key = one["attributes"]["MessageDeduplicationId"]
    reads = len(proxy.asked("dynamodb", "GetItem", f"message#{batch}:"))
    for done in kills:
        processor = run("processor", EVENTS="final", LOG_LEVEL="info")
        cursor = f'"done":{{"N":"{done}"}}'.encode()
        with proxy.failing("dynamodb", "hang", operation="PutItem", containing=cursor) as fault:
            processor.begin(events.sqs(one), 600)
            assert fault.met.acquire(timeout=120), done
            processor.kill()
    processor = run("processor", LOG_LEVEL="info")
    # With the template's time it is put off at a cursor, and goes on there.
    while failures(processor.invoke(events.sqs(one), 30)):
        assert visibility(stack, one) == [0]
    # What stood before the last cursor was not even read again.
    again = len(proxy.asked("dynamodb", "GetItem", f"message#{batch}:")) - reads - count
    assert len(kills) * 500 <= again < len(kills) * 500 + 10
    assert stack.items(f"batch#{key}") == []
    states = [aggregate(item) for item in stack.scan(f"message#{batch}:")]
    assert {state["id"] for state in states} == {f"{batch}:{recipient}" for recipient in recipients}
    assert {(state["state"], state["version"], len(state["log"])) for state in states} == {("delivered", 1, 1)}
    # As the bus was asked: it fails nothing here, and to look through a queue of so many takes minutes.
    asked = [entry for request in proxy.asked("events", "PutEvents", key) for entry in request.json["Entries"]]
    told = {json.loads(entry["Detail"])["id"] for entry in asked}
    assert told == {f"{key}:{batch}:{recipient}:delivery.delivered" for recipient in recipients}
    stack.forget_events()
