"""Numbers, Hosting, 10DLC: HMAC-SHA1 of the body in hexadecimal digits. Nothing says when."""

import hashlib
from collections.abc import Iterator, Sequence

from callback import CURRENT, PREVIOUS, READ_REPORT, SIGNATURE, Text, b64, raw
from callback import sign as conversation_signature
from callback import tag as tag_of
from case import Expect, Headers, Vector
from scheme_case import accepted, rejected, write

HEADER = "x-sinch-signature"
EVENT = (
    '{"eventId":"01jexample0000000000000001","timestamp":"2026-10-01T12:00:00.123456789","projectId":"made-up",'
    '"resourceId":"+447700900123","resourceType":"ACTIVE_NUMBER","eventType":"PROVISIONING_TO_SMS_PLATFORM",'
    '"status":"SUCCEEDED","failureCode":null}'
)


def tag(body: str = EVENT, secret: Text = CURRENT) -> bytes:
    return tag_of(secret, raw(body), hashlib.sha1)


def case(
    id: str,
    note: str,
    expect: Expect,
    *,
    body: str = EVENT,
    signature: str | None = None,
    headers: Headers | None = None,
    secrets: Sequence[Text] = (CURRENT,),
    signed_by: Text = CURRENT,
) -> Vector:
    signature = tag(body, signed_by).hex() if signature is None else signature
    headers = [[HEADER, signature]] if headers is None else headers
    return write("numbers", id, note, expect, secrets=secrets, headers=headers, body=body, tag=tag(body, signed_by))


def cases() -> Iterator[Vector]:
    malformed, mismatch = rejected("malformed_header", HEADER), rejected("signature_mismatch")
    right = tag().hex()
    yield case("event", "An authentic event. Its age is unknown: no window applies.", accepted())
    yield case(
        "header-in-capitals",
        "A header's name has no case.",
        accepted(),
        headers=[["X-SINCH-SIGNATURE", right]],
    )
    yield case(
        "previous-secret",
        "During a rotation the previous secret still verifies, in slot 1.",
        accepted(slot=1),
        secrets=[CURRENT, PREVIOUS],
        signed_by=PREVIOUS,
    )
    yield case("retired-secret", "A secret that left the ring does not verify.", mismatch, signed_by=PREVIOUS)
    yield case(
        "short-secret",
        "A secret may have any length: published ones have seven bytes.",
        accepted(),
        secrets=["made-up"],
        signed_by="made-up",
    )
    yield case("unsigned", "No header at all.", rejected("missing_header", HEADER), headers=[])
    yield case(
        "conversation-headers",
        "The headers of the other scheme, rightly signed, are no proof in this one.",
        rejected("missing_header", HEADER),
        body=READ_REPORT,
        headers=[[SIGNATURE, conversation_signature()]],
    )
    for id, note, value, expect in [
        ("upper-case", "There is one spelling of a tag, in lower case.", right.upper(), malformed),
        ("mixed-case", "One capital digit is enough.", right[:20] + right[20:].upper(), malformed),
        ("sha256", "A tag of SHA-256 has no form of this scheme.", tag_of(CURRENT, raw(EVENT)).hex(), malformed),
        ("sha256-cut", "Nor has it when it is cut to the length.", tag_of(CURRENT, raw(EVENT)).hex()[:40], mismatch),
        ("base64", "The tag in base64.", b64(tag()), malformed),
        ("a-digit-short", "A digit is missing.", right[:-1], malformed),
        ("half", "Half a tag is no tag.", right[:20], malformed),
        ("a-digit-more", "A digit more.", right + "0", malformed),
        ("with-space", "A space behind it.", right + " ", malformed),
        ("prefixed", "With the hash's name in front, as GitHub writes it.", "sha1=" + right, malformed),
        ("empty-value", "An empty value.", "", malformed),
        ("bit-flipped", "One bit of the last digit is another.", right[:-1] + f"{int(right[-1], 16) ^ 1:x}", mismatch),
        ("of-nothing", "The tag over nothing.", tag("").hex(), mismatch),
        ("unkeyed", "The plain hash of the body.", hashlib.sha1(raw(EVENT)).hexdigest(), mismatch),
    ]:
        yield case(id, note, expect, signature=value)
    repeated = rejected("repeated_header", HEADER)
    yield case("doubled", "The header twice, with one value.", repeated, headers=[[HEADER, right], [HEADER, right]])
    yield case(
        "doubled-in-another-case",
        "Twice, in another case.",
        repeated,
        headers=[[HEADER, right], ["X-Sinch-Signature", "0" * 40]],
    )
    yield case("joined", "Two values that a proxy joined.", repeated, signature=f"{right}, {right}")
    for id, note, body in [
        ("newline-added", "A newline behind the body.", EVENT + "\n"),
        ("byte-order-mark", "A byte order mark before it.", "\ufeff" + EVENT),
        ("cut-short", "The last byte is missing.", EVENT[:-1]),
        ("status-changed", "Another status.", EVENT.replace("SUCCEEDED", "FAILED")),
        ("emptied", "No body where one was signed.", ""),
    ]:
        yield case(f"body-{id}", note, mismatch, body=body, signature=right)
