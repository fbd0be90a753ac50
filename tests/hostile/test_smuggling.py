"""Requests whose end can be read in two ways: they are refused, or are one request for everybody.

A proxy in front that reads such a request in another way than the receiver would let a stranger put
a request of their own into a genuine sender's connection."""

import json

import pytest

import sender
from figures import figure

HIDDEN = b"GET /healthz HTTP/1.1\r\nhost: smuggled\r\n\r\n"
BODY = b"0\r\n\r\n" + HIDDEN
HEAD = b"POST /callbacks HTTP/1.1\r\nhost: test\r\n"

# By name: a request of which one reading ends before HIDDEN, and another behind it.
SHAPES = {
    "length and chunked": HEAD + b"content-length: %d\r\ntransfer-encoding: chunked\r\n\r\n" % len(BODY) + BODY,
    "chunked and length": HEAD + b"transfer-encoding: chunked\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY,
    "two lengths": HEAD + b"content-length: 0\r\ncontent-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two lengths in one": HEAD + b"content-length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a signed length": HEAD + b"content-length: +%d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a length in hexadecimal": HEAD + b"content-length: 0x%x\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "an endless length": HEAD + b"content-length: 99999999999999999999999\r\n\r\n" + HIDDEN,
    "a negative length": HEAD + b"content-length: -1\r\n\r\n" + HIDDEN,
    "a space before the colon": HEAD + b"content-length : %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a space before the colon of chunked": HEAD + b"transfer-encoding : chunked\r\n\r\n" + BODY,
    "a tab for chunked": HEAD + b"transfer-encoding:\tchunked\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY,
    "chunked in disguise": HEAD + b"transfer-encoding: xchunked\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY,
    "chunked twice": HEAD + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n" + BODY,
    "chunked, then identity": HEAD + b"transfer-encoding: chunked, identity\r\n\r\n" + BODY,
    "identity, then chunked": HEAD + b"transfer-encoding: identity\r\ncontent-length: 5\r\n\r\n" + BODY,
    "a folded header": HEAD + b"x-a: b\r\n content-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a NUL in a name": HEAD + b"content\x00-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a carriage return alone": HEAD + b"x-a: b\rcontent-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "HTTP/1.0 and chunked": b"POST /callbacks HTTP/1.0\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n" + BODY,
    "a chunk longer than said": HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n" + HIDDEN,
    "a chunk size with a sign": HEAD + b"transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk size past all bounds": HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n" + HIDDEN,
    "a method with a space": b"PO ST /callbacks HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n" + HIDDEN,
    "HTTP/2 in the open": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    from receiver import Receiver

    with Receiver(tmp_path_factory.mktemp("smuggling")) as receiver:
        yield receiver


@pytest.mark.parametrize("shape", SHAPES)
def test_no_request_comes_out_of_another(receiver, shape):
    before = sender.settled(receiver.address)
    with sender.connect(receiver.address) as connection:
        connection.sendall(SHAPES[shape])
        connection.shutdown(1)
        statuses = sender.Replies(connection).all()
    assert len(statuses) <= 1, f"{shape}: two answers to one request: {statuses}"
    # The hidden request would be answered with 200.
    assert all(status >= 400 for status in statuses), statuses
    assert sender.settled(receiver.address) == before
    figure("smuggling_shapes_refused", len(SHAPES))


def test_the_hidden_request_alone_is_answered(receiver):
    """So that the check above would see it."""
    status, _ = sender.exchange(receiver.address, HIDDEN)
    assert status == 200


def test_two_honest_requests_at_once_are_two(receiver):
    before = sender.settled(receiver.address)["messages"]
    with sender.connect(receiver.address) as connection:
        connection.sendall(sender.callback("first") + sender.callback("second"))
        replies = sender.Replies(connection)
        answers = [replies.next(), replies.next()]
    assert [json.loads(body)["code"] for _, body in answers] == ["accepted", "accepted"]
    assert sender.settled(receiver.address)["messages"] == before + 2


def test_a_chunked_callback_is_one_callback(receiver):
    body = sender.report("chunked")
    headers = "".join(f"{name}: {value}\r\n" for name, value in sender.signed(body).items()).encode()
    chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (body[:10], body[10:]))
    data = HEAD + headers + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    status, answer = sender.exchange(receiver.address, data)
    assert (status, json.loads(answer)["code"]) == (200, "accepted")
