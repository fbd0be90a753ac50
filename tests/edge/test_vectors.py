"""The published callbacks through the whole chain, with every clock at their time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import sinch
from conftest import Ended
from distribution import Distribution
from poll import eventually
from stack import REPOSITORY, Stack
from template import EdgeTemplate

PUBLISHED = json.loads((REPOSITORY / "tests" / "vectors" / "published.json").read_text())

# Bytes that a host asks of a secret.
SHORTEST = 16

# Where each refused one must end.
ENDS = {
    "missing_header": "prefilter",
    "malformed_header": "prefilter",
    "signature_mismatch": "origin-request",
}
# What only the receiver is told to require: the edge has found it authentic, and so knows better than to
# let a refusal be the last word.
REQUIRED_BEHIND = {"conversation-missing-algorithm-required": (503, "origin_refused", "origin-response")}


@pytest.fixture(scope="module", autouse=True)
def receiver_of_its_own_again(receiver_set_to: Callable[..., None]) -> Iterator[None]:
    yield
    receiver_set_to()


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector["id"])
def test_a_published_callback_gets_its_published_verdict(
    stack: Stack,
    edge: Distribution,
    ended: Ended,
    template: EdgeTemplate,
    receiver_set_to: Callable[..., None],
    vector: dict[str, Any],
) -> None:
    required = vector.get("options", {}).get("algorithm_header") == "required"
    (secret,) = vector["secrets"]
    # Of each vector its own: an edge that has just read it for a mismatch may not read it again yet.
    parameter = f"/vectors/{vector['id']}"
    stack.ssm.put_parameter(Name=parameter, Value=secret, Type="SecureString", Overwrite=True)
    receiver_set_to(
        CLOCK_AT=vector["now"], SECRET_PARAMETERS=parameter, REQUIRE_ALGORITHM="true" if required else "false"
    )
    edge.clock(int(vector["now"]))
    origin = template.origin()
    edge.origin(customHeaders=origin["customHeaders"] | {"x-callback-secret-parameters": parameter})
    callback = sinch.Callback(vector["body"]["text"].encode(), {})

    answer = edge.send(callback, raw=vector["headers"])

    expected = vector["expect"]
    ends_in_front = ENDS.get(expected.get("code")) == "prefilter" and vector["id"] not in REQUIRED_BEHIND
    if len(secret) < SHORTEST and not ends_in_front:
        # Sinch's example of 14 bytes: who can be reached by strangers takes no such secret.
        is_forged = expected.get("code") == "signature_mismatch"
        # What is malformed needs no secret to be refused, here by the receiver.
        answers = [(503, "secret_unavailable")]
        if expected.get("status") == 400:
            answers = [(400, expected["code"])]
        elif is_forged:
            answers.append((401, "signature_mismatch"))
        assert (answer.status, answer.code) in answers
    elif expected["verdict"] == "accepted":
        assert (answer.status, answer.code, answer.end) == (200, "accepted", "nowhere")
        assert eventually(lambda: stack.callback(expected["content_key"]))
        assert stack.body(expected["content_key"]) == callback.body
        if message := reported(callback.body):
            assert stack.logged(message[0], reports=1)["state"] == message[1]
    else:
        refused = (expected["status"], expected["code"], ENDS[expected["code"]])
        assert ended(vector["id"], answer) == REQUIRED_BEHIND.get(vector["id"], refused)


def reported(body: bytes) -> tuple[str, str] | None:
    """The message that a delivery report is about, and the state that it leads to."""
    callback = json.loads(body)
    states = {"QUEUED_ON_CHANNEL": "queued", "DELIVERED": "delivered", "Delivered": "delivered", "Queued": "queued"}
    if report := callback.get("message_delivery_report"):
        return report["message_id"], states[report["status"]]
    if callback.get("type") == "recipient_delivery_report_sms":
        return f"{callback['batch_id']}:{callback['recipient'].lstrip('+')}", states[callback["status"]]
    return None


def test_delivery_reports_are_among_them() -> None:
    assert (
        sum(reported(v["body"]["text"].encode()) is not None for v in PUBLISHED if v["expect"]["verdict"] == "accepted")
        == 2
    )
