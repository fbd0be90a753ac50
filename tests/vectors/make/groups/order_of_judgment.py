"""What is told of a callback with several faults."""

import hashlib
from collections.abc import Iterator

from callback import (
    A_NONCE,
    ALGORITHM,
    CURRENT,
    NONCE,
    PREVIOUS,
    READ_REPORT,
    SIGNATURE,
    SIGNED_TIME,
    TIMESTAMP,
    b64,
    sign,
    signed_string,
    tag,
)
from case import Vector, case, in_order, rejected

SMALL = {"max_body_bytes": 64}
FORGED = sign(secret=PREVIOUS)


def cases() -> Iterator[Vector]:
    bad_signature = "not base64"
    yield case(
        "repeated-algorithm-before-missing-signature",
        "All repeats are judged before anything missing.",
        rejected("repeated_header", ALGORITHM),
        without=[SIGNATURE],
        arrange=lambda headers: [*headers, [ALGORITHM, "HmacSHA256"]],
    )
    yield case(
        "repeated-nonce-before-malformed-signature",
        "All repeats are judged before anything malformed.",
        rejected("repeated_header", NONCE),
        signature=bad_signature,
        arrange=lambda headers: [*headers, [NONCE, A_NONCE]],
    )
    yield case(
        "repeated-timestamp-before-repeated-nonce",
        "Of two repeats the fixed order decides, not the order of arrival.",
        rejected("repeated_header", TIMESTAMP),
        arrange=lambda headers: [[NONCE, "a"], [NONCE, "b"], [TIMESTAMP, "1"], *headers],
    )
    yield case(
        "repeated-signature-before-repeated-algorithm",
        "A joined repeat and a plain repeat rank the same: the fixed order decides.",
        rejected("repeated_header", SIGNATURE),
        arrange=lambda headers: [
            [ALGORITHM, "HmacSHA256"],
            [ALGORITHM, "HmacSHA256"],
            [SIGNATURE, f"{sign()}, {sign()}"],
            *headers[1:3],
        ],
    )
    yield case(
        "missing-signature-before-malformed-timestamp",
        "In the second pass the signature comes first.",
        rejected("missing_header", SIGNATURE),
        without=[SIGNATURE],
        timestamp="soon",
    )
    yield case(
        "malformed-signature-before-missing-timestamp",
        "In the second pass each header is judged whole before the next one.",
        rejected("malformed_header", SIGNATURE),
        without=[TIMESTAMP],
        signature=bad_signature,
    )
    yield case(
        "missing-timestamp-before-malformed-nonce",
        "The timestamp comes before the nonce.",
        rejected("missing_header", TIMESTAMP),
        without=[TIMESTAMP],
        nonce="a.b",
    )
    yield case(
        "malformed-timestamp-before-malformed-nonce-that-arrives-first",
        "The fixed order decides, not the order of arrival.",
        rejected("malformed_header", TIMESTAMP),
        timestamp="soon",
        nonce="a.b",
        arrange=in_order(ALGORITHM, NONCE, TIMESTAMP, SIGNATURE),
    )
    yield case(
        "malformed-nonce-before-unsupported-algorithm",
        "The nonce comes before the algorithm.",
        rejected("malformed_header", NONCE),
        nonce="a.b",
        algorithm="HmacSHA1",
        arrange=in_order(ALGORITHM, NONCE, TIMESTAMP, SIGNATURE),
    )
    yield case(
        "malformed-signature-before-unsupported-algorithm",
        "An MD5 signature that names itself is refused for its length first.",
        rejected("malformed_header", SIGNATURE),
        algorithm="HmacMD5",
        signature=b64(tag(CURRENT, signed_string(READ_REPORT, A_NONCE, SIGNED_TIME), hashlib.md5)),
    )
    yield case(
        "malformed-nonce-before-body-too-large",
        "Headers are judged before the size of the body.",
        rejected("malformed_header", NONCE),
        nonce="a.b",
        options=SMALL,
    )
    yield case(
        "unsupported-algorithm-before-body-too-large",
        "The algorithm is judged before the size of the body.",
        rejected("unsupported_algorithm"),
        algorithm="HmacSHA1",
        options=SMALL,
    )
    yield case(
        "missing-required-algorithm-before-body-too-large",
        "A required header is judged before the size of the body.",
        rejected("missing_header", ALGORITHM),
        without=[ALGORITHM],
        options={**SMALL, "algorithm_header": "required"},
    )
    yield case(
        "malformed-timestamp-before-mismatch",
        "The shape of a forged callback is judged before its signature.",
        rejected("malformed_header", TIMESTAMP),
        timestamp="+1634579353",
        signature=FORGED,
    )
    yield case(
        "unsupported-algorithm-before-mismatch",
        "The algorithm of a forged callback is judged before its signature.",
        rejected("unsupported_algorithm"),
        algorithm="HmacSHA1",
        signature=FORGED,
    )
    yield case(
        "body-too-large-before-mismatch",
        "A forged body over the limit is never hashed.",
        rejected("body_too_large"),
        options=SMALL,
        signature=FORGED,
    )
    yield case(
        "body-too-large-before-stale",
        "The size is judged before the window.",
        rejected("body_too_large"),
        options=SMALL,
        now=1634589353,
    )
    yield case(
        "mismatch-before-stale",
        "Forged and stale is forged: strangers learn nothing about our clock.",
        rejected("signature_mismatch"),
        now=1634589353,
        signature=FORGED,
    )
    yield case(
        "mismatch-before-from-future",
        "Forged and ahead of time is forged.",
        rejected("signature_mismatch"),
        now=1634569353,
        signature=FORGED,
    )
    yield case(
        "every-fault-at-once-but-a-repeat",
        "Without a repeat the malformed signature is the first fault.",
        rejected("malformed_header", SIGNATURE),
        signature=bad_signature,
        timestamp="soon",
        nonce="a.b",
        algorithm="none",
        options=SMALL,
        arrange=in_order(ALGORITHM, NONCE, TIMESTAMP, SIGNATURE),
    )
