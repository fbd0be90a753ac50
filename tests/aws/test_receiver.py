"""One environment of the receiver: what it answers, and what it puts into the queue."""

import base64
import hashlib
import json
import random
import zlib
from typing import Any

import pytest

import events
import sinch
from conftest import Environments, receive
from poll import eventually
from runtime_handler import TRACE
from stack import REPOSITORY, Stack

PUBLISHED = json.loads((REPOSITORY / "tests" / "vectors" / "published.json").read_text())
LIMIT = 6_291_456
# What a Function URL takes as well once it stands in an event, each quote of it escaped.
LARGE = 2_500_000


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector["id"])
def test_a_published_callback_gets_its_published_verdict(
    stack: Stack, run: Environments, aside: str, vector: dict[str, Any]
) -> None:
    assert set(vector.get("options", {})) <= {"algorithm_header"}
    name = f"/vectors/{vector['id']}"
    is_short = any(len(secret) < 16 for secret in vector["secrets"])
    value = vector["secrets"][0] if len(vector["secrets"]) == 1 else json.dumps(vector["secrets"])
    stack.ssm.put_parameter(Name=name, Value=value, Type="SecureString")
    required = vector.get("options", {}).get("algorithm_header") == "required"
    receiver = run(
        "receiver",
        SECRET_PARAMETERS=name,
        CLOCK_AT=vector["now"],
        QUEUE_URL=aside,
        REQUIRE_ALGORITHM="true" if required else "false",
    )
    headers: dict[str, str] = {}
    for header, content in vector["headers"]:
        headers[header] = f"{headers[header]},{content}" if header in headers else content
    body = vector["body"]["text"].encode()
    callback = sinch.Callback(body, headers)
    earlier = len(stack.proxy.asked("sqs", "SendMessage"))

    answer = receive(receiver, callback)

    expected = vector["expect"]
    sent = stack.proxy.asked("sqs", "SendMessage")[earlier:]
    if is_short and answer.status == 503:
        # Sinch's example of 14 bytes is a secret that a host refuses.
        assert answer.code == "secret_unavailable" and "fewer than 16 bytes" in receiver.log_text()
        assert sent == []
    elif expected["verdict"] == "accepted":
        assert not is_short
        assert (answer.status, answer.code) == (200, "accepted")
        (message,) = [request.json for request in sent]
        assert message["MessageDeduplicationId"] == expected["content_key"]
        envelope = json.loads(message["MessageBody"])
        assert envelope["replay_key"] == expected["replay_key"]
        assert envelope["secret_slot"] == expected["secret_slot"]
        assert envelope["received_at"] - envelope["signed_at"] == int(expected["age_secs"])
    else:
        assert (answer.status, answer.code) == (expected["status"], expected["code"])
        assert sent == []


def test_the_queue_message_is_grouped_by_message_and_named_by_its_content(
    stack: Stack, run: Environments, aside: str
) -> None:
    message_id = sinch.new_id()
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    assert receive(run("receiver", QUEUE_URL=aside), callback).status == 200
    (sent,) = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    assert sent.json["MessageGroupId"] == message_id
    assert sent.json["MessageDeduplicationId"] == hashlib.sha256(callback.body).digest()[:16].hex()
    assert sent.json["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"] == TRACE


def test_a_message_id_that_is_no_group_id_is_handed_off_all_the_same(stack: Stack, run: Environments) -> None:
    receiver = run("receiver")
    for odd in ("with a space", "\u00e9t\u00e9", "x" * 129, "tab\there"):
        message_id = odd + sinch.new_id() if len(odd) < 129 else odd
        callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
        assert receive(receiver, callback).status == 200
        assert stack.logged(message_id, reports=1)["state"] == "delivered"


AWKWARD = {
    "control characters": b'{"made-up": "\x00\x01\x1f\x7f"}',
    "bytes that are no UTF-8": b"\xff\xfe{}\xff",
    "characters that SQS refuses": '{"made-up": "\uffff\ufffe"}'.encode(),
    "nothing but white space": b" \r\n\t",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing": b"",
}


@pytest.mark.parametrize("awkward", AWKWARD)
def test_an_awkward_body_is_kept_byte_for_byte(stack: Stack, awkward: str) -> None:
    body = AWKWARD[awkward]
    callback = sinch.sign(body, stack.secret, content_type="application/octet-stream")
    answer = stack.post(callback)
    assert (answer.status, answer.code) == (200, "accepted")
    assert eventually(lambda: stack.callback(callback.content_key))
    assert stack.body(callback.content_key) == body


@pytest.mark.parametrize("awkward", [a for a, body in AWKWARD.items() if b"\xff\xfe" not in body])
def test_the_same_body_as_text_in_the_event_is_kept_byte_for_byte(
    stack: Stack, run: Environments, aside: str, awkward: str
) -> None:
    body = AWKWARD[awkward]
    callback = sinch.sign(body, stack.secret)
    assert receive(run("receiver", QUEUE_URL=aside), callback, as_text=True).status == 200
    *_, sent = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    envelope = json.loads(sent.json["MessageBody"])
    kept = base64.b64decode(envelope["body_base64"]) if "body_base64" in envelope else envelope["body"].encode()
    assert kept == body


@pytest.mark.parametrize("filler", ["x", '"', "\\", "\u00e9"])
def test_a_large_body_is_compressed_on_its_way_and_processed(stack: Stack, filler: str) -> None:
    message_id = sinch.new_id("limit")
    callback = sinch.sign(sinch.padded_report(message_id, LARGE, filler), stack.secret)
    answer = stack.post(callback)
    assert (answer.status, answer.code) == (200, "accepted")
    assert stack.logged(message_id, reports=1)["state"] == "delivered"
    assert stack.body(callback.content_key) is None, "what is understood is not kept"


def test_a_body_at_the_size_limit_fits_into_one_message(stack: Stack, run: Environments, aside: str) -> None:
    callback = sinch.sign(sinch.padded_report(sinch.new_id(), LIMIT), stack.secret)
    assert receive(run("receiver", QUEUE_URL=aside), callback).code == "accepted"
    (sent,) = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    assert len(sent.json["MessageBody"]) < 1_048_576


def full_report(recipients: int) -> bytes:
    """A batch's full report. Its numbers have no pattern that would make them shorter."""
    draw = random.Random(1)
    numbers = [f"1{draw.randrange(10**10):010d}" for _ in range(recipients)]
    status = {"code": 0, "status": "Delivered", "count": recipients, "recipients": numbers}
    report = {"type": "delivery_report_sms", "batch_id": sinch.new_id("batch"), "total_message_count": recipients}
    return json.dumps(report | {"statuses": [status]}).encode()


def test_a_full_report_of_45_000_recipients_is_accepted_and_fits_into_half_a_message(
    stack: Stack, run: Environments, aside: str
) -> None:
    body = full_report(45_000)
    callback = sinch.sign(body, stack.secret)
    assert receive(run("receiver", QUEUE_URL=aside), callback).code == "accepted"
    (sent,) = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    text = sent.json["MessageBody"]
    assert len(text) < 524_288
    deflated = base64.b64decode(json.loads(text)["body_deflate"])
    assert zlib.decompress(deflated, wbits=-15) == body


@pytest.mark.parametrize("size, expected", [(700_000, (200, "accepted")), (800_000, (413, "body_too_large"))])
def test_what_does_not_shrink_is_taken_as_far_as_a_message_reaches(
    stack: Stack, run: Environments, aside: str, size: int, expected: tuple[int, str]
) -> None:
    noise = random.Random(size).randbytes(size)
    callback = sinch.sign(noise, stack.secret, content_type="application/octet-stream")
    answer = receive(run("receiver", QUEUE_URL=aside), callback)
    assert (answer.status, answer.code) == expected
    assert len(stack.proxy.asked("sqs", "SendMessage", callback.content_key)) == (expected[0] == 200)


def test_a_large_body_that_is_no_json_is_accepted_and_recorded(stack: Stack) -> None:
    callback = sinch.sign(b"\xff" * LARGE, stack.secret, content_type="application/octet-stream")
    assert stack.post(callback).status == 200
    assert eventually(lambda: stack.callback(callback.content_key))["unrecognized"]
    assert stack.body(callback.content_key) == callback.body


def test_a_body_one_byte_past_the_limit_is_refused(stack: Stack, run: Environments, aside: str) -> None:
    message_id = sinch.new_id("past")
    callback = sinch.sign(sinch.padded_report(message_id, LIMIT + 1), stack.secret)
    answer = receive(run("receiver", QUEUE_URL=aside), callback)
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert stack.proxy.asked("sqs", "SendMessage", callback.content_key) == []


def test_other_methods_are_refused_and_every_path_is_taken(stack: Stack, run: Environments, aside: str) -> None:
    receiver = run("receiver", QUEUE_URL=aside)
    callback = sinch.sign(sinch.Report(sinch.new_id()).body(), stack.secret)
    for method in ("GET", "PUT", "DELETE"):
        answer = receive(receiver, callback, method=method)
        assert (answer.status, answer.code) == (405, "method_not_allowed")
    event = events.function_url(callback)
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/any/other"
    assert receiver.invoke(event).response["statusCode"] == 200


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_to_be_retried(
    stack: Stack, run: Environments, aside: str
) -> None:
    receiver = run("receiver", QUEUE_URL=aside)
    callback = sinch.sign(b"{}", stack.secret)
    event = events.function_url(callback)
    event.update(body="*not base64*", isBase64Encoded=True)
    response = receiver.invoke(event).response
    assert (response["statusCode"], json.loads(response["body"])["code"]) == (503, "request_broken")
    assert receive(receiver, callback).status == 200


def test_a_callback_older_than_its_greatest_age_is_stale(stack: Stack, run: Environments, aside: str) -> None:
    receiver = run("receiver", QUEUE_URL=aside, CLOCK_AT="1795500000", MAX_AGE_SECONDS="100")
    body = sinch.Report(sinch.new_id()).body()
    assert receive(receiver, sinch.sign(body, stack.secret, at=1795500000 - 100)).code == "accepted"
    answer = receive(receiver, sinch.sign(body, stack.secret, at=1795500000 - 101))
    assert (answer.status, answer.code) == (401, "stale")
    answer = receive(receiver, sinch.sign(body, stack.secret, at=1795500000 + 301))
    assert (answer.status, answer.code) == (503, "from_future")


def test_a_forgery_is_refused_or_put_off_as_configured(stack: Stack, run: Environments, aside: str) -> None:
    forged = sinch.sign(sinch.Report(sinch.new_id()).body(), sinch.new_secret("a-strangers"))
    answer = receive(run("receiver", QUEUE_URL=aside), forged)
    assert (answer.status, answer.code) == (401, "signature_mismatch")
    answer = receive(run("receiver", QUEUE_URL=aside, ON_SIGNATURE_MISMATCH="503"), forged)
    assert (answer.status, answer.code) == (503, "signature_mismatch")
    assert stack.proxy.asked("sqs", "SendMessage", forged.content_key) == []


@pytest.mark.parametrize(
    "variable, value",
    [
        ("MAX_AGE_SECONDS", "a day"),
        ("MAX_BODY_BYTES", "-1"),
        ("ON_SIGNATURE_MISMATCH", "403"),
        ("REQUIRE_ALGORITHM", "maybe"),
        ("SECRET_VERBATIM", "maybe"),
        ("SECRET_PARAMETERS", ""),
        ("ENDPOINTS", '[{"path":"/a","secrets":["a"]},{"path":"/a","secrets":["b"]}]'),
        ("ENDPOINTS", '[{"path":"/voice","scheme":"application","secrets":["/voice"]}]'),
        ("QUEUE_URL", ""),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(
    stack: Stack, run: Environments, variable: str, value: str
) -> None:
    receiver = run("receiver", **{variable: value})
    eventually(lambda: receiver.process.poll() is not None, limit=10)
    assert receiver.process.returncode != 0
    assert variable in receiver.log_text()
    assert not receiver.idle.is_set(), "it asked for an event"
