"""How a case of a scheme is written down."""

import hashlib
from collections.abc import Sequence

from callback import Body, Text, raw
from case import Arrange, Expect, Headers, Vector, json_body, json_bytes

STATUS = {
    "missing_header": 400,
    "repeated_header": 400,
    "malformed_header": 400,
    "malformed_proof": 400,
    "empty_body": 400,
    "signature_mismatch": 401,
    "unknown_key": 401,
    "stale": 401,
    "from_future": 503,
}
PROMISE = {
    "conversation": "timely",
    "numbers": "untimed",
    "application": "timely",
    "service": "timely",
    "mailgun": "token_only",
    "engage": "timely",
    "whatsapp-legacy": "untimed",
}
# Far from every signed time, for schemes that sign none.
LATE = 2000000000
TARGET = "/callbacks"


def accepted(slot: int = 0) -> Expect:
    return {"verdict": "accepted", "secret_slot": slot}


def rejected(code: str, header: str | None = None) -> Expect:
    expect: Expect = {"verdict": "rejected", "code": code, "status": STATUS[code]}
    return expect if header is None else {**expect, "header": header}


def without(*names: str) -> Arrange:
    return lambda headers: [pair for pair in headers if pair[0] not in names]


def doubled(name: str) -> Arrange:
    return lambda headers: headers + [pair for pair in headers if pair[0] == name]


def told(scheme: str, expect: Expect, body: bytes, tag: bytes, age_secs: int | None) -> Expect:
    """The verdict with what is told of an accepted callback, whose verified tag this is."""
    if expect["verdict"] == "rejected":
        return expect
    expect = {**expect, "promise": PROMISE[scheme], "replay_key": tag[:16].hex()}
    if expect["promise"] != "token_only":
        expect["content_key"] = hashlib.sha256(body).digest()[:16].hex()
    return expect if age_secs is None else {**expect, "age_secs": str(max(0, age_secs))}


def write(
    scheme: str,
    id: str,
    note: str,
    expect: Expect,
    *,
    secrets: Sequence[Text],
    headers: Headers,
    body: Body,
    tag: bytes,
    now: int = LATE,
    age_secs: int | None = None,
    key: str | None = None,
    method: str = "POST",
    target: str = TARGET,
) -> Vector:
    """One vector. `tag` is that of the secret which has to match, where one has to."""
    vector: Vector = {"id": f"{scheme}-{id}", "note": note, "scheme": scheme}
    if key is not None:
        vector["key"] = key
    vector["secrets"] = [json_bytes(secret) for secret in secrets]
    vector["request"] = {"method": method, "target": target}
    vector["headers"] = [[name, json_bytes(value)] for name, value in headers]
    vector["body"] = json_body(body)
    vector["now"] = str(now)
    vector["expect"] = told(scheme, expect, raw(body), tag, age_secs)
    return vector
