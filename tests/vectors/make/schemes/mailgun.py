"""Mailgun: time and token are signed, and stand in the body beside what is not signed."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from callback import CURRENT, PREVIOUS, SIGNATURE, Text, b64, raw
from callback import sign as conversation_signature
from callback import tag as tag_of
from case import Expect, Headers, Vector
from scheme_case import accepted, rejected, write

TIME = "1790856000"
NOW = int(TIME) + 3
TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182"
EVENT = {"event": "delivered", "id": "made-up-event-1", "recipient": "alice@example.com"}


def tag(time: str = TIME, token: str = TOKEN, secret: Text = CURRENT) -> bytes:
    return tag_of(secret, raw(time + token))


def proof(time: Any = TIME, token: Any = TOKEN, signature: str | None = None, secret: Text = CURRENT) -> dict[str, Any]:
    signature = tag(str(time), str(token), secret).hex() if signature is None else signature
    return {"timestamp": time, "token": token, "signature": signature}


def case(
    id: str,
    note: str,
    expect: Expect,
    *,
    body: Any = None,
    secrets: Sequence[Text] = (CURRENT,),
    signed_by: Text = CURRENT,
    headers: Headers | None = None,
    now: int = NOW,
) -> Vector:
    body = {"signature": proof(secret=signed_by), "event-data": EVENT} if body is None else body
    return write(
        "mailgun",
        id,
        note,
        expect,
        secrets=secrets,
        headers=headers or [],
        body=body if isinstance(body, str) else json.dumps(body, separators=(",", ":")),
        tag=tag(secret=signed_by),
        now=now,
        age_secs=now - int(TIME),
    )


def cases() -> Iterator[Vector]:
    malformed, mismatch = rejected("malformed_proof"), rejected("signature_mismatch")
    yield case("event", "A token that is authentic, beside event data that is not covered.", accepted())
    yield case(
        "event-data-exchanged",
        "Other event data under the same token: this is what the scheme does not notice, and its promise says so.",
        accepted(),
        body={"signature": proof(), "event-data": {**EVENT, "event": "failed"}},
    )
    yield case(
        "time-as-a-number",
        "The time is a number of JSON: it is signed as it is written.",
        accepted(),
        body={"signature": proof(int(TIME)), "event-data": EVENT},
    )
    yield case("alone", "The token alone.", accepted(), body={"signature": proof()})
    yield case("pretty", "JSON of several lines.", accepted(), body=json.dumps({"signature": proof()}, indent=2))
    yield case(
        "second-secret",
        "The second key of the ring signed it.",
        accepted(slot=1),
        secrets=[PREVIOUS, CURRENT],
    )
    yield case("of-a-stranger", "The key is not ours.", mismatch, signed_by=PREVIOUS)
    yield case("stale", "A second older than the window.", rejected("stale"), now=int(TIME) + 301)
    yield case("from-the-future", "A second too far ahead.", rejected("from_future"), now=int(TIME) - 301)
    right = tag().hex()
    for id, note, expect, given in [
        (
            "moved-from-the-time-into-the-token",
            "The last digit of the time begins the token: the signed string stays the same, and the time is long past.",
            malformed,
            proof(TIME[:-1], TIME[-1] + TOKEN, right),
        ),
        (
            "moved-from-the-token-into-the-time",
            "The first digit of the token ends the time: the signed string stays the same, and the time is far ahead.",
            malformed,
            proof(TIME + TOKEN[0], TOKEN[1:], right),
        ),
        ("token-renewed", "Another token under a captured signature.", mismatch, proof(TIME, TOKEN[::-1], right)),
        ("time-renewed", "Another time under a captured signature.", mismatch, proof("1790856001", TOKEN, right)),
        ("upper-case", "There is one spelling of a tag, in lower case.", malformed, proof(signature=right.upper())),
        ("base64", "The tag in base64.", malformed, proof(signature=b64(tag()))),
        ("sha1", "A tag of SHA-1 has no form of this scheme.", malformed, proof(signature=right[:40])),
        ("bit-flipped", "One bit is another.", mismatch, proof(signature=right[:-1] + f"{int(right[-1], 16) ^ 1:x}")),
        ("empty-token", "An empty token.", malformed, proof(token="")),
        ("token-with-a-dash", "A token is letters and digits.", malformed, proof(token="-" + TOKEN[1:])),
        ("without-a-token", "No token.", malformed, {"timestamp": TIME, "signature": right}),
        ("without-a-time", "No time.", malformed, {"token": TOKEN, "signature": right}),
        ("without-a-signature", "No signature.", malformed, {"timestamp": TIME, "token": TOKEN}),
        ("no-object", "The proof is a text.", malformed, f"{TIME}{TOKEN}{right}"),
    ]:
        yield case(id, note, expect, body={"signature": given, "event-data": EVENT})
    for id, note, body in [
        ("without-a-proof", "An event without a proof.", {"event-data": EVENT}),
        ("nested", "The proof stands deeper than it has to.", {"event-data": {"signature": proof()}}),
        ("no-json", "No JSON.", "timestamp=1"),
        ("empty-body", "No body.", ""),
        ("array", "An array around it.", [{"signature": proof()}]),
    ]:
        yield case(id, note, malformed, body=body)
    yield case(
        "conversation-headers",
        "The headers of the other scheme, rightly signed, are no proof in this one.",
        malformed,
        body={"event-data": EVENT},
        headers=[[SIGNATURE, conversation_signature()]],
    )
