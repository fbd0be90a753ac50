"""Signatures over other strings than the one that Sinch documents."""

import hashlib
from collections.abc import Iterator

from callback import A_NONCE, CURRENT, READ_REPORT, SIGNATURE, SIGNED_TIME, b64, raw, sign, signed_string, tag
from case import Vector, case, rejected


def cases() -> Iterator[Vector]:
    mismatch = rejected("signature_mismatch")
    message = signed_string(READ_REPORT, A_NONCE, SIGNED_TIME)

    def over(text: str) -> str:
        return b64(tag(CURRENT, raw(text)))

    yield case("signed-body-only", "Without nonce and time.", mismatch, signature=over(READ_REPORT))
    yield case(
        "signed-nonce-first",
        "The order of Standard Webhooks: nonce, time, body.",
        mismatch,
        signature=over(f"{A_NONCE}.{SIGNED_TIME}.{READ_REPORT}"),
    )
    yield case(
        "signed-time-before-nonce",
        "Nonce and time exchanged.",
        mismatch,
        signature=over(f"{READ_REPORT}.{SIGNED_TIME}.{A_NONCE}"),
    )
    yield case(
        "signed-without-dots",
        "The three parts without dots between them.",
        mismatch,
        signature=over(f"{READ_REPORT}{A_NONCE}{SIGNED_TIME}"),
    )
    yield case(
        "signed-with-time-in-milliseconds",
        "Milliseconds in the signed string, seconds in the header.",
        mismatch,
        signature=sign(timestamp="1634579353000"),
    )
    yield case(
        "signed-over-hash-of-body",
        "The body's SHA-256 in place of the body.",
        mismatch,
        signature=sign(body=hashlib.sha256(raw(READ_REPORT)).hexdigest()),
    )
    yield case(
        "signed-with-sha-512-cut",
        "HMAC-SHA512 cut to 32 bytes: well formed, and another tag.",
        mismatch,
        signature=b64(tag(CURRENT, message, hashlib.sha512)[:32]),
    )
    yield case(
        "signed-with-sha-512",
        "HMAC-SHA512 has 88 characters.",
        rejected("malformed_header", SIGNATURE),
        signature=b64(tag(CURRENT, message, hashlib.sha512)),
    )
    yield case(
        "signed-with-sha-1",
        "HMAC-SHA1 has 28 characters.",
        rejected("malformed_header", SIGNATURE),
        signature=b64(tag(CURRENT, message, hashlib.sha1)),
    )
    yield case(
        "signed-with-plain-sha-256",
        "SHA-256 of secret and signed string, which is no HMAC and could be extended.",
        mismatch,
        signature=b64(hashlib.sha256(raw(CURRENT) + message).digest()),
    )
