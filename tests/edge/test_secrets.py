"""The secret at the edge: outages of SSM, and rotation."""

import time
from collections.abc import Callable
from typing import Any

import pytest

import sinch
from conftest import SECRET_PARAMETER, Ended
from distribution import Distribution
from poll import eventually
from proxy import FaultProxy
from stack import Stack
from template import EdgeTemplate

OUTAGES: dict[str, dict[str, Any]] = {
    "down": {"how": "reset"},
    "failing": {"how": "error", "status": 500, "code": "InternalServerError"},
    "throttling": {"how": "error", "status": 400, "code": "ThrottlingException"},
    "silent": {"how": "hang"},
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_any_secret_the_edge_leaves_the_decision_to_the_origin(
    stack: Stack, edge: Distribution, ended: Ended, proxy: FaultProxy, outage: str
) -> None:
    with proxy.failing("ssm", **OUTAGES[outage]):
        answer = edge.send(stack.signed())
        assert (answer.status, answer.code, answer.end) == (200, "accepted", "nowhere"), str(answer)
        forged = sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"))
        # Down at the receiver too, which refuses for now unless it has read its secrets just before.
        status, *found = ended(f"forged, while SSM is {outage}", edge.send(forged))
        assert found[0] in ("signature_mismatch", "secret_may_be_newer", "secret_unavailable")
        assert found[1] == "receiver"
        assert status == (401 if found[0] == "signature_mismatch" else 503)


def test_without_any_secret_the_edge_answers_503_where_it_is_set_to_and_the_retry_gets_through(
    stack: Stack, edge: Distribution, ended: Ended, proxy: FaultProxy, template: EdgeTemplate
) -> None:
    edge.origin(customHeaders=template.origin()["customHeaders"] | {"x-callback-without-secret": "503"})
    callback = stack.signed()
    before = edge.state()["calls"]
    with proxy.failing("ssm", "reset"):
        found = ended("genuine, while SSM is down and the edge is set to 503", edge.send(callback))
        assert found == (503, "secret_unavailable", "origin-request")
        malformed = sinch.Callback(b"{}", callback.headers | {"x-sinch-webhook-signature-nonce": "a.b"})
        assert edge.send(malformed).status == 400
        assert edge.state()["calls"] == before
    eventually(lambda: edge.send(callback).code in ("accepted", "duplicate"), limit=10)
    assert edge.state()["calls"] == before + 1


def test_ssm_down_later_does_not_stop_an_edge_that_has_read_its_secrets(
    stack: Stack, edge: Distribution, proxy: FaultProxy
) -> None:
    now = int(time.time())
    edge.clock(now)
    edge.pin(0, 0)
    assert edge.send(stack.signed()).code == "accepted"
    with proxy.failing("ssm", "reset"):
        # Past the age at which secrets are read again, behind a request and in front of one.
        for later in (250, 299):
            edge.clock(now + later)
            assert edge.send(stack.signed(at=now + later)).code == "accepted"
        edge.clock(now + 700)
        stranger = sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"), at=now + 700)
        # It may be signed with a secret that nobody can read here: the origin decides.
        answer = edge.send(stranger)
        assert answer.code in ("signature_mismatch", "secret_may_be_newer", "secret_unavailable")
        assert answer.end == "receiver"
        # Nor is what it knows forgotten.
        answer = edge.send(stack.signed(at=now + 290))
        assert (answer.code, answer.end) == ("accepted", "nowhere"), str(answer)


def test_a_secret_just_put_is_read_at_the_first_mismatch_and_the_former_is_taken_still(
    stack: Stack, edge: Distribution, receiver_set_to: Callable[..., None]
) -> None:
    # One that has not used up its turn to read again.
    receiver_set_to(MADE_UP="new")
    edge.pin(0, 0)
    old = stack.secret
    assert edge.send(sinch.sign(sinch.new_report(), old)).code == "accepted"
    new = sinch.new_secret()
    stack.ssm.put_parameter(Name=SECRET_PARAMETER, Value=new, Type="SecureString", Overwrite=True)
    stack.secret = new
    for secret in (new, old, new):
        answer = edge.send(sinch.sign(sinch.new_report(), secret))
        assert (answer.code, answer.end) == ("accepted", "nowhere"), str(answer)
    # A new environment takes both as well.
    edge.pin(1, 1)
    for secret in (old, new):
        assert edge.send(sinch.sign(sinch.new_report(), secret)).code == "accepted"


def test_the_read_of_the_former_version_is_allowed_and_signed(stack: Stack, edge: Distribution) -> None:
    assert edge.send(stack.signed()).code == "accepted"
    requests = edge.requests()
    assert requests
    assert [request for request in requests if request["refused"]] == []
    assert {request["target"] for request in requests} == {"AmazonSSM.GetParameters"}
