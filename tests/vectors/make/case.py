"""How a case is written down."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from callback import (
    A_NONCE,
    ALGORITHM,
    CURRENT,
    NONCE,
    NOW,
    READ_REPORT,
    SIGNATURE,
    SIGNED_TIME,
    TIMESTAMP,
    Body,
    Repeat,
    Text,
    b64,
    raw,
    sign,
    signed_string,
    tag,
)

Vector = dict[str, Any]
# The verdict that is stated by hand.
Expect = dict[str, Any]
# Name and value of each, in order.
Headers = list[list[Any]]
Arrange = Callable[[Headers], Headers]

STATUS = {
    "missing_header": 400,
    "repeated_header": 400,
    "malformed_header": 400,
    "unsupported_algorithm": 400,
    "body_too_large": 413,
    "signature_mismatch": 401,
    "stale": 401,
    "from_future": 503,
}


def accepted(slot: int = 0, age_secs: int = 3) -> Expect:
    return {"verdict": "accepted", "secret_slot": slot, "age_secs": str(age_secs)}


def rejected(code: str, header: str | None = None) -> Expect:
    expect: Expect = {"verdict": "rejected", "code": code, "status": STATUS[code]}
    return expect if header is None else {**expect, "header": header}


def json_bytes(value: Text) -> str | dict[str, str]:
    """Text stays text; bytes that are not ASCII become hex."""
    if isinstance(value, bytes) and not value.isascii():
        return {"hex": value.hex()}
    return value.decode() if isinstance(value, bytes) else value


def json_body(body: Body) -> dict[str, str | int]:
    if isinstance(body, Repeat):
        return {"repeat": body.text, "count": body.count}
    return {"base64": b64(body)} if isinstance(body, bytes) else {"text": body}


def case(
    id: str,
    note: str,
    expect: Expect,
    *,
    body: Body = READ_REPORT,
    nonce: Text = A_NONCE,
    timestamp: Text = SIGNED_TIME,
    algorithm: Text = "HmacSHA256",
    signature: Text | None = None,
    secrets: Sequence[Text] = (CURRENT,),
    verbatim: bool = False,
    options: dict[str, Any] | None = None,
    without: Sequence[str] = (),
    arrange: Arrange = lambda headers: headers,
    now: int = NOW,
) -> Vector:
    """One vector. Unless `signature` says otherwise, the callback is rightly signed with the first secret, so that
    nothing but the named trait can decide. `without` leaves headers out, `arrange` has the last word on their list."""
    if signature is None:
        signature = sign(body, nonce, timestamp, secrets[0])
    headers: Headers = [[SIGNATURE, signature], [TIMESTAMP, timestamp], [NONCE, nonce], [ALGORITHM, algorithm]]
    headers = arrange([pair for pair in headers if pair[0] not in without])
    if expect["verdict"] == "accepted":
        verified_tag = tag(secrets[expect["secret_slot"]], signed_string(body, nonce, timestamp))
        expect = {
            "verdict": "accepted",
            "secret_slot": expect["secret_slot"],
            "replay_key": verified_tag[:16].hex(),
            "content_key": hashlib.sha256(raw(body)).digest()[:16].hex(),
            "age_secs": expect["age_secs"],
        }
    vector: Vector = {"id": id, "note": note, "secrets": [json_bytes(secret) for secret in secrets]}
    if verbatim:
        vector["verbatim"] = True
    if options:
        vector["options"] = options
    vector["headers"] = [[name, json_bytes(value)] for name, value in headers]
    vector["body"] = json_body(body)
    vector["now"] = str(now)
    vector["expect"] = expect
    return vector


def with_value(header: str, change: Callable[[Any], Text]) -> Arrange:
    """Puts `change(value)` in the place of one header's value."""
    return lambda headers: [[name, change(value) if name == header else value] for name, value in headers]


def renamed(change: Callable[[str], str]) -> Arrange:
    return lambda headers: [[change(name), value] for name, value in headers]


def in_order(*order: str) -> Arrange:
    return lambda headers: sorted(headers, key=lambda pair: order.index(pair[0]))
