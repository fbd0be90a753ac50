"""What does not get through, and where it ends."""

import base64
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sinch
from conftest import SECRET_PARAMETER, Ended
from distribution import Distribution
from poll import eventually
from stack import Stack
from template import EdgeTemplate

LIMIT = 1_000_000
MEBIBYTE = 1_048_576
# Cuts body, nonce and time elsewhere.
Split = Callable[[bytes, str, str], tuple[bytes, str, str]]


def changed(callback: sinch.Callback, **headers: str | bytes | None) -> sinch.Callback:
    """The callback with other headers; `signature_nonce="x"` is x-sinch-webhook-signature-nonce."""
    merged: dict[str, Any] = dict(callback.headers)
    for word, value in headers.items():
        name = f"x-sinch-webhook-{word.replace('_', '-')}"
        merged.pop(name)
        if value is not None:
            merged[name] = value
    return sinch.Callback(callback.body, merged, callback.content_type)


def shifted(stack: Stack, split: Split) -> sinch.Callback:
    """A captured callback, cut elsewhere between body, nonce, and time."""
    callback = stack.signed(at=an_hour_ago())
    nonce = callback.headers["x-sinch-webhook-signature-nonce"]
    stamp = callback.headers["x-sinch-webhook-signature-timestamp"]
    body, nonce, stamp = split(callback.body, nonce, stamp)
    return changed(callback.with_body(body), signature_nonce=nonce, signature_timestamp=stamp)


def cut_in_body(body: bytes, nonce: str, stamp: str) -> tuple[bytes, str, str]:
    # The body holds no dot but those that are put there.
    at = body.rindex(b"}")
    return body[:at], (body[at:] + b".").decode() + nonce, stamp


def cut_in_nonce(body: bytes, nonce: str, stamp: str) -> tuple[bytes, str, str]:
    return body + b"." + nonce[:5].encode(), nonce[5:], stamp


def an_hour_ago() -> int:
    """What was signed then cannot be of a secret that was put since the edge has read them."""
    return int(time.time()) - 3_600


# What makes a callback and how it is sent; its status, its code, and where it ends.
Refused = tuple[Callable[[Stack], tuple[sinch.Callback, dict[str, Any]]], tuple[int, str, str]]
REFUSED: dict[str, Refused] = {
    "forged: a stranger's secret": (
        lambda stack: (sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"), at=an_hour_ago()), {}),
        (401, "signature_mismatch", "origin-request"),
    ),
    "forged: a byte of the body changed": (
        lambda stack: (
            (c := stack.signed(at=an_hour_ago())).with_body(c.body.replace(b"DELIVERED", b"DELIVERES")),
            {},
        ),
        (401, "signature_mismatch", "origin-request"),
    ),
    "forged: another nonce": (
        lambda stack: (changed(stack.signed(at=an_hour_ago()), signature_nonce="made-up"), {}),
        (401, "signature_mismatch", "origin-request"),
    ),
    "shifted: the end of the body into the nonce": (
        lambda stack: (shifted(stack, cut_in_body), {}),
        (400, "malformed_header", "prefilter"),
    ),
    "shifted: the beginning of the nonce into the body": (
        lambda stack: (shifted(stack, cut_in_nonce), {}),
        (401, "signature_mismatch", "origin-request"),
    ),
    "stale by far": (
        lambda stack: (stack.signed(at=int(time.time()) - 90_000), {}),
        (401, "stale", "prefilter"),
    ),
    "stale by a little": (
        lambda stack: (stack.signed(at=int(time.time()) - 86_410), {}),
        (401, "stale", "origin-request"),
    ),
    "from the future by far": (
        lambda stack: (stack.signed(at=int(time.time()) + 1_000), {}),
        (503, "from_future", "origin-request"),
    ),
    "from the future by a little": (
        lambda stack: (stack.signed(at=int(time.time()) + 400), {}),
        (503, "from_future", "origin-request"),
    ),
    "without a signature": (
        lambda stack: (changed(stack.signed(), signature=None), {}),
        (400, "missing_header", "prefilter"),
    ),
    "without a nonce": (
        lambda stack: (changed(stack.signed(), signature_nonce=None), {}),
        (400, "missing_header", "prefilter"),
    ),
    "without a time": (
        lambda stack: (changed(stack.signed(), signature_timestamp=None), {}),
        (400, "missing_header", "prefilter"),
    ),
    "a signature twice": (
        lambda stack: ((c := stack.signed()), {"raw": [*c.headers.items(), ("x-sinch-webhook-signature", "x")]}),
        (400, "repeated_header", "prefilter"),
    ),
    "values joined by a comma": (
        lambda stack: (changed(stack.signed(), signature_nonce="a,b"), {}),
        (400, "repeated_header", "prefilter"),
    ),
    "a nonce of bytes that are no UTF-8": (
        lambda stack: (changed(stack.signed(), signature_nonce=b"\xff\xfe"), {}),
        (400, "malformed_header", "prefilter"),
    ),
    "another algorithm": (
        lambda stack: (changed(stack.signed(), signature_algorithm="HmacSHA512"), {}),
        (400, "unsupported_algorithm", "prefilter"),
    ),
    "one byte past the limit": (
        lambda stack: (stack.signed(sinch.padded_report(sinch.new_id(), LIMIT + 1)), {}),
        (413, "body_too_large", "prefilter"),
    ),
    "one byte past the limit, of no stated length": (
        lambda stack: (stack.signed(sinch.padded_report(sinch.new_id(), LIMIT + 1)), {"chunked": True}),
        (413, "body_too_large", "origin-request"),
    ),
    "past a mebibyte, of no stated length": (
        lambda stack: (stack.signed(sinch.padded_report(sinch.new_id(), MEBIBYTE + 1)), {"chunked": True}),
        (413, "body_too_large", "origin-request"),
    ),
    "GET": (
        lambda stack: (stack.signed(), {"method": "GET"}),
        (405, "method_not_allowed", "prefilter"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_ends_where_it_must_and_never_reaches_the_function_url(
    stack: Stack, edge: Distribution, ended: Ended, case: str
) -> None:
    make, expected = REFUSED[case]
    callback, how = make(stack)
    before = edge.state()["calls"]
    assert ended(case, edge.send(callback, **how)) == expected
    assert edge.state()["calls"] == before
    assert stack.proxy.asked("sqs", "SendMessage", callback.content_key) == []


def test_a_truncated_body_is_past_the_largest_limit_that_the_edge_takes(
    stack: Stack, edge: Distribution, ended: Ended, template: EdgeTemplate
) -> None:
    headers = template.origin()["customHeaders"] | {"x-callback-max-body-bytes": "1000000"}
    edge.origin(customHeaders=headers)
    whole = stack.signed(sinch.padded_report(sinch.new_id(), MEBIBYTE + 1))
    before = edge.state()["calls"]
    found = ended("truncated at a mebibyte, where the limit is a million", edge.send(whole, chunked=True))
    assert found == (413, "body_too_large", "origin-request")
    assert edge.state()["calls"] == before


def test_a_setting_that_is_none_fails_closed_and_names_itself(
    stack: Stack, edge: Distribution, template: EdgeTemplate
) -> None:
    headers = template.origin()["customHeaders"] | {"x-callback-max-body-bytes": "2000000"}
    edge.origin(customHeaders=headers)
    before = edge.state()["calls"]
    answer = edge.send(stack.signed())
    assert (answer.status, answer.end) == (503, "CloudFront (LambdaExecutionError)")
    assert "x-callback-max-body-bytes" in edge.exchanges()[-1]["cause"]
    assert edge.state()["calls"] == before


ACCEPTED = {
    "a report": lambda: (sinch.new_report(), "application/json"),
    "bytes that are no UTF-8": lambda: (b"\xff\xfe{}\xff" + os.urandom(8), "application/octet-stream"),
    "a report that is exactly at the limit": lambda: (sinch.padded_report(sinch.new_id(), LIMIT), "application/json"),
}


@pytest.mark.parametrize("chunked", [False, True], ids=["of a stated length", "of no stated length"])
@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_good_one_gets_through_byte_for_byte(
    stack: Stack, edge: Distribution, case: str, chunked: bool
) -> None:
    body, content_type = ACCEPTED[case]()
    callback = sinch.sign(body, stack.secret, content_type=content_type)
    answer = edge.send(callback, chunked=chunked)
    assert (answer.status, answer.code, answer.end) == (200, "accepted", "nowhere"), str(answer)
    assert eventually(lambda: stack.callback(callback.content_key))
    assert stack.body(callback.content_key) == body


@pytest.mark.parametrize("age", [86_390, -290])
def test_a_callback_at_the_edge_of_the_window_gets_through(stack: Stack, edge: Distribution, age: int) -> None:
    assert edge.send(stack.signed(at=int(time.time()) - age)).code == "accepted"


def test_the_headers_that_configure_the_edge_cannot_be_sent_by_a_viewer(stack: Stack, edge: Distribution) -> None:
    """Nor the edge's verdict, which the receiver trusts nothing of anyway."""
    stranger = sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"), at=an_hour_ago())
    raw = [
        *stranger.headers.items(),
        ("x-callback-secret-parameters", "/of/a/stranger"),
        ("x-callback-without-secret", "forward"),
        ("x-callback-edge", "accepted; slot=0; claim=first"),
    ]
    answer = edge.send(stranger, raw=raw)
    assert (answer.status, answer.code, answer.end) == (401, "signature_mismatch", "origin-request")
    assert edge.reads("/of/a/stranger") == {}


def test_the_function_url_called_directly_is_403(stack: Stack, edge: Distribution, ended: Ended) -> None:
    callback = stack.signed()
    found = ended("genuine, to the Function URL without CloudFront's signature", edge.directly(callback))
    assert found == (403, None, "Function URL")
    assert edge.calls()[-1]["refused"] == "no signature of version 4"
    # ministack says so too.
    assert stack.post(callback, iam=False).status == 403
    assert stack.proxy.asked("sqs", "SendMessage", callback.content_key) == []


FORGED = 10_000
SENDERS = 4


def test_ten_thousand_forgeries_cost_no_call_and_one_refresh_in_half_a_minute(
    stack: Stack, edge: Distribution, ended: Ended
) -> None:
    now = int(time.time())
    edge.clock(now)
    before_calls, before_reads = edge.state()["calls"], edge.reads(SECRET_PARAMETER)

    def flood(count: int, at: int) -> dict[tuple, int]:
        found: dict[tuple, int] = {}
        with edge.sender() as send:
            for n in range(count):
                answer = send(forgery(f"flood-{n}", at))
                key = (answer.status, answer.code, answer.end)
                found[key] = found.get(key, 0) + 1
        return found

    def flooded(count: int, at: int = now - 3_600) -> dict[tuple, int]:
        total: dict[tuple, int] = {}
        with ThreadPoolExecutor(SENDERS) as senders:
            for part in senders.map(flood, [count // SENDERS] * SENDERS, [at] * SENDERS):
                for key, times in part.items():
                    total[key] = total.get(key, 0) + times
        return total

    def new_reads() -> list[int]:
        return [times - before_reads.get(name, 0) for name, times in edge.reads(SECRET_PARAMETER).items()]

    assert flooded(FORGED) == {(401, "signature_mismatch", "origin-request"): FORGED}
    # Of each environment: one as it began, one for all mismatches.
    begun = [times for times in new_reads() if times]
    assert 1 <= len(begun) <= SENDERS
    assert max(begun) <= 2
    edge.clock(now + 29)
    flooded(400)
    assert max(new_reads()) <= 2
    edge.clock(now + 31)
    flooded(400)
    assert max(new_reads()) == 3
    # Those that say they were signed just now may be of a secret that was put just now.
    assert flooded(400, at=now + 31) == {(503, "secret_may_be_newer", "origin-request"): 400}
    assert max(new_reads()) == 3
    assert edge.state()["calls"] == before_calls
    ended(f"{FORGED} forgeries of valid form", edge.send(forgery("last", now - 3_600)))
    # And one that is genuine, behind all of them.
    assert edge.send(stack.signed(at=now + 31)).code == "accepted"


def forgery(nonce: str, at: int) -> sinch.Callback:
    """Of valid form, without a secret."""
    return sinch.Callback(
        b'{"made-up": "forgery"}',
        {
            "x-sinch-webhook-signature": base64.b64encode(os.urandom(32)).decode(),
            "x-sinch-webhook-signature-timestamp": str(at),
            "x-sinch-webhook-signature-nonce": nonce,
            "x-sinch-webhook-signature-algorithm": "HmacSHA256",
        },
    )
