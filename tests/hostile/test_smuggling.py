"""Requests whose end can be read in two ways, so that a proxy in front and the receiver might
disagree on where the next one begins. A stranger would put a request of their own into a genuine
sender's connection in that way.

Every shape comes with a genuine signature over the body that one of its readings gives: nothing but
its framing can have it refused. HIDDEN is a request by one reading and not by another; END tells
whether the connection goes on.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

import sender
from figures import figure
from receiver import Receiver

HIDDEN = b"GET /healthz HTTP/1.1\r\nhost: smuggled\r\n\r\n"
HIDDEN_CODE = "ok"
END = b"GET /the-end HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
END_CODE = "unknown_path"
# What a reader by chunks takes for an empty body with HIDDEN behind it.
DOUBLE = b"0\r\n\r\n" + HIDDEN


@dataclass
class Shape:
    # Header lines, one or more, about the body's length.
    framing: bytes
    # What comes behind the head.
    wire: bytes
    # The body that is signed.
    body: bytes
    start: bytes = b"POST /callbacks HTTP/1.1"
    line_end: bytes = b"\r\n"

    def request(self) -> bytes:
        lines = [self.start, b"host: test", *(f"{n}: {v}".encode() for n, v in sender.signed(self.body).items())]
        head = b"\r\n".join([*lines, self.framing, b"", b""])
        return head.replace(b"\r\n", self.line_end) + self.wire


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST = b"0\r\n\r\n"
CHUNKED = b"transfer-encoding: chunked"

# Whatever it makes of the first request, nothing behind it is a request: it is refused, or is the
# connection's last.
Make = Callable[[bytes], Shape]


def of_length(written: bytes, b: bytes) -> Shape:
    return Shape(b"content-length: " + written % len(b), b + HIDDEN, b)


def by_length(line: bytes, b: bytes) -> Shape:
    return Shape(b"content-length: %d\r\n%s" % (len(b), line), b + HIDDEN, b)


def by_chunks(line: bytes, b: bytes) -> Shape:
    return Shape(b"%s\r\ncontent-length: %d" % (line, len(chunk(b) + LAST)), chunk(b) + LAST + HIDDEN, b)


def of_chunks(make: Callable[[bytes], bytes], b: bytes) -> Shape:
    return Shape(CHUNKED, make(b) + LAST + HIDDEN, b)


CLOSED: dict[str, Make] = {
    "a length past the last chunk": lambda b: Shape(
        b"content-length: %d\r\n%s" % (len(chunk(b) + LAST + HIDDEN), CHUNKED), chunk(b) + LAST + HIDDEN, b
    ),
    "chunked, then a length past the last chunk": lambda b: Shape(
        b"%s\r\ncontent-length: %d" % (CHUNKED, len(chunk(b) + LAST + HIDDEN)), chunk(b) + LAST + HIDDEN, b
    ),
    "a length signed, that holds a last chunk": lambda b: Shape(
        b"content-length: %d\r\n%s" % (len(DOUBLE + b), CHUNKED), DOUBLE + b, DOUBLE + b
    ),
    "two lengths, the first shorter": lambda b: Shape(
        b"content-length: %d\r\ncontent-length: %d" % (len(b), len(b + HIDDEN)), b + HIDDEN, b
    ),
    "two lengths, the last shorter": lambda b: Shape(
        b"content-length: %d\r\ncontent-length: %d" % (len(b + HIDDEN), len(b)), b + HIDDEN, b
    ),
    "two lengths in one line": lambda b: Shape(b"content-length: %d, %d" % (len(b), len(b + HIDDEN)), b + HIDDEN, b),
    "a folded length": lambda b: Shape(b"content-length:\r\n %d" % len(b), b + HIDDEN, b),
    "a length folded behind another header": lambda b: Shape(b"x-a: b\r\n content-length: %d" % len(b), b + HIDDEN, b),
    "a folded chunked": lambda b: Shape(b"transfer-encoding:\r\n chunked", chunk(b) + LAST + HIDDEN, b),
    "a space before the colon of a length": lambda b: Shape(b"content-length : %d" % len(b), b + HIDDEN, b),
    "a space before the colon of chunked": lambda b: Shape(
        b"content-length: %d\r\ntransfer-encoding : chunked" % len(b), b + HIDDEN, b
    ),
    "a NUL in a name": lambda b: Shape(b"content-length\x00: %d" % len(b), b + HIDDEN, b),
    "a NUL in a value": lambda b: Shape(b"x-a: \x00\r\ncontent-length: %d" % len(b), b + HIDDEN, b),
    "a carriage return alone in a value": lambda b: Shape(
        b"x-a: b\rtransfer-encoding: chunked\r\ncontent-length: %d" % len(b), b + HIDDEN, b
    ),
    "a header without a colon": lambda b: Shape(
        b"transfer-encoding chunked\r\ncontent-length: %d" % len(b), b + HIDDEN, b
    ),
    "HTTP/1.0 and chunked": lambda b: Shape(
        CHUNKED + b"\r\nconnection: keep-alive", chunk(b) + LAST + HIDDEN, b, start=b"POST /callbacks HTTP/1.0"
    ),
    "HTTP/1.0 and a length": lambda b: Shape(
        b"content-length: %d" % len(b), b + HIDDEN, b, start=b"POST /callbacks HTTP/1.0"
    ),
    "a method with a space": lambda b: Shape(
        b"content-length: %d" % len(b), b + HIDDEN, b, start=b"PO ST /callbacks HTTP/1.1"
    ),
    "a path with a space": lambda b: Shape(
        b"content-length: %d" % len(b), b + HIDDEN, b, start=b"POST /callbacks HTTP/1.1 HTTP/1.1"
    ),
    "HTTP/2 in the open": lambda b: Shape(
        b"content-length: %d" % len(b), b + HIDDEN, b, start=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nPOST /callbacks HTTP/1.1"
    ),
    "a sender who is done with the connection": lambda b: Shape(
        b"content-length: %d\r\nconnection: close" % len(b), b + HIDDEN, b
    ),
}
# Lengths that some readers take for a number, and others for none.
for name, written in {
    "with a plus": b"+%d",
    "with a minus": b"-%d",
    "with a point": b"%d.0",
    "with an underscore": b"0_%d",
    "with an exponent": b"%de0",
    "in hexadecimal": b"0x%x",
    "in quotes": b'"%d"',
    "with a space inside": b"0 %d",
    "past 64 bits": b"1844674407370955161600%d",
    "behind a vertical tab": b"\x0b%d",
}.items():
    CLOSED[f"a length {name}"] = partial(of_length, written)
# Codings that some readers take for chunked and others pass over: signed as the length has it, and
# as the chunks have it.
for coding in (
    b"xchunked",
    b"chunked;q=1",
    b'"chunked"',
    b"\x0bchunked",
    b"chunked\x0c",
    b"",
    b"identity",
    b"chunked, identity",
    b"chunked,",
    b",chunked",
    b"gzip",
    b"chun\x00ked",
):
    line = b"transfer-encoding: " + coding
    CLOSED[f"{coding!r}, by length"] = partial(by_length, line)
    CLOSED[f"{coding!r}, by chunks"] = partial(by_chunks, line)
# Chunks that some readers put right, and others read on from.
for name, make in {
    "longer than said": lambda b: b"%x\r\n%sx\r\n" % (len(b), b),
    "shorter than said": lambda b: b"%x\r\n%s\r\n" % (len(b) + 1, b),
    "ended by a newline alone": lambda b: b"%x\r\n%s\n" % (len(b), b),
    "whose size ends by a newline alone": lambda b: b"%x\n%s\r\n" % (len(b), b),
    "whose extension has a newline": lambda b: b"%x;a\nb\r\n%s\r\n" % (len(b), b),
    "whose size has a plus": lambda b: b"+%x\r\n%s\r\n" % (len(b), b),
    "whose size has an 0x": lambda b: b"0x%x\r\n%s\r\n" % (len(b), b),
    "whose size has an underscore": lambda b: b"0_%x\r\n%s\r\n" % (len(b), b),
    "whose size is empty": lambda b: b"\r\n%s\r\n" % b,
    "whose size is past 64 bits": lambda b: b"10000000000000000%x\r\n%s\r\n" % (len(b), b),
    "whose size ends by a carriage return alone": lambda b: b"%x\r%s\r\n" % (len(b), b),
}.items():
    CLOSED[f"a chunk {name}"] = partial(of_chunks, make)

# RFC 9112 gives these one reading: the whole of it is one callback, and END is the next request. The
# signed body holds HIDDEN, for readers who end it before.
WHOLE: dict[str, Make] = {
    "a length": lambda b: Shape(b"content-length: %d" % len(b), b, b),
    "one length twice": lambda b: Shape(b"content-length: %d\r\ncontent-length: %d" % (len(b), len(b)), b, b),
    "a length with zeros in front": lambda b: Shape(b"content-length: 000%d" % len(b), b, b),
    "white space around a length": lambda b: Shape(b"content-length: \t%d \t" % len(b), b, b),
    "a length that no connection may pass on": lambda b: Shape(
        b"connection: content-length\r\ncontent-length: %d" % len(b), b, b
    ),
    "a name that is almost transfer-encoding": lambda b: Shape(
        b"transfer_encoding: chunked\r\ncontent-length: %d" % len(b), b, b
    ),
    "newlines alone in the head": lambda b: Shape(b"content-length: %d" % len(b), b, b, line_end=b"\n"),
    "an offer of HTTP/2": lambda b: Shape(
        b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: %d"
        % len(b),
        b,
        b,
    ),
    "chunks": lambda b: Shape(CHUNKED, chunk(b[:7]) + chunk(b[7:]) + LAST, b),
    "chunked in capitals": lambda b: Shape(b"Transfer-Encoding: CHUNKED", chunk(b) + LAST, b),
    "a tab before chunked": lambda b: Shape(b"transfer-encoding:\tchunked", chunk(b) + LAST, b),
    "chunks with extensions": lambda b: Shape(CHUNKED, b'%x;a="0";b\r\n%s\r\n' % (len(b), b) + LAST, b),
    "chunks with zeros in front of their sizes": lambda b: Shape(CHUNKED, b"000%x\r\n%s\r\n" % (len(b), b) + LAST, b),
    "a length among the trailers": lambda b: Shape(
        CHUNKED, chunk(b) + b"0\r\ncontent-length: %d\r\n\r\n" % len(HIDDEN), b
    ),
}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    folder = tmp_path_factory.mktemp("smuggling")
    # Who waits for the rest of a request waits no longer than that.
    with Receiver(folder, "--header-timeout", "2", "--body-timeout", "2") as receiver:
        yield receiver


def answers(address: sender.Address, data: bytes) -> list[tuple[int, str]]:
    """Status and code of every answer up to the end of the connection."""
    with sender.connect(address) as connection:
        connection.sendall(data)
        replies = sender.Replies(connection)
        found = []
        while (reply := replies.next()) is not None:
            status, body = reply
            found.append((status, json.loads(body)["code"] if body else ""))
    return found


def unique(prefix: bytes = b"") -> bytes:
    return prefix + sender.report(str(uuid.uuid4()))


def callbacks(receiver: Receiver) -> int:
    return sender.settled(receiver.admin)["callbacks"]


ended: set[str] = set()


@pytest.mark.parametrize("name", CLOSED)
def test_nothing_comes_behind_a_request_without_one_reading(receiver: Receiver, name: str) -> None:
    before = callbacks(receiver)
    found = answers(receiver.address, CLOSED[name](unique()).request() + END)
    assert len(found) <= 1, found
    assert not {HIDDEN_CODE, END_CODE} & {code for _, code in found}, found
    # It was refused, or was one callback, as signed.
    assert not found or found[0][0] >= 400 or found[0] == (200, "accepted"), found
    assert callbacks(receiver) == before + found.count((200, "accepted"))
    ended.add(name)
    figure("smuggling_shapes_ended", len(ended))


@pytest.mark.parametrize("name", WHOLE)
def test_a_request_with_one_reading_is_one_callback(receiver: Receiver, name: str) -> None:
    before = callbacks(receiver)
    found = answers(receiver.address, WHOLE[name](unique(DOUBLE)).request() + END)
    assert found == [(200, "accepted"), (404, END_CODE)]
    assert callbacks(receiver) == before + 1


def test_a_sender_who_asks_first_is_told_to_go_on_and_is_one_callback(receiver: Receiver) -> None:
    body = unique(DOUBLE)
    shape = Shape(b"expect: 100-continue\r\ncontent-length: %d" % len(body), body, body)
    assert answers(receiver.address, shape.request() + END) == [(100, ""), (200, "accepted"), (404, END_CODE)]


def test_a_request_in_full_view_is_answered(receiver: Receiver) -> None:
    """So that the checks above would see it: nobody forbids several requests at once."""
    body = unique()
    shape = Shape(b"content-length: %d" % len(body), body, body)
    found = answers(receiver.address, shape.request() + HIDDEN + END)
    assert found == [(200, "accepted"), (200, HIDDEN_CODE), (404, END_CODE)]


def test_two_honest_callbacks_at_once_are_two(receiver: Receiver) -> None:
    before = callbacks(receiver)
    data = sender.callback(str(uuid.uuid4())) + sender.callback(str(uuid.uuid4())) + END
    assert answers(receiver.address, data) == [(200, "accepted"), (200, "accepted"), (404, END_CODE)]
    assert callbacks(receiver) == before + 2
