"""Bytes moved across the dots of the signed string."""

from collections.abc import Iterator

from callback import A_NONCE, FAILED_REPORT, NONCE, READ_REPORT, SIGNED_TIME, TIMESTAMP, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    head, tail = READ_REPORT.rsplit(".", 1)
    yield case(
        "shift-of-the-body-tail-into-the-nonce",
        "The body is cut at its last dot and its tail moved before the nonce: the signed string stays the same, "
        "and the dot betrays it.",
        rejected("malformed_header", NONCE),
        body=head,
        nonce=f"{tail}.{A_NONCE}",
        signature=sign(),
    )
    failed_head, failed_tail = FAILED_REPORT.rsplit(".", 1)
    yield case(
        "shift-of-a-body-tail-with-a-comma",
        "The same shift where the tail holds commas: it reads as a repeat, and is refused all the same.",
        rejected("repeated_header", NONCE),
        body=failed_head,
        nonce=f"{failed_tail}.{A_NONCE}",
        signature=sign(FAILED_REPORT),
    )
    yield case(
        "shift-of-the-nonce-into-the-timestamp",
        "The tail of the body becomes the nonce, and the nonce goes before the timestamp: the signed string stays "
        "the same.",
        rejected("malformed_header", TIMESTAMP),
        body=head,
        nonce=tail,
        timestamp=f"{A_NONCE}.{SIGNED_TIME}",
        signature=sign(),
    )
    yield case(
        "shift-with-the-timestamp-kept",
        "The tail of the body becomes the nonce, and the old nonce is dropped: the signed string differs.",
        rejected("signature_mismatch"),
        body=head,
        nonce=tail,
        signature=sign(),
    )
    yield case(
        "shift-of-the-nonce-into-the-body",
        "The nonce is moved to the end of the body and the timestamp serves as nonce: no timestamp is left.",
        rejected("missing_header", TIMESTAMP),
        body=f"{READ_REPORT}.{A_NONCE}",
        nonce=SIGNED_TIME,
        signature=sign(),
        without=[TIMESTAMP],
    )
    yield case(
        "shift-of-the-nonce-into-the-body-with-an-empty-timestamp",
        "The same shift with an empty timestamp, which is none.",
        rejected("malformed_header", TIMESTAMP),
        body=f"{READ_REPORT}.{A_NONCE}",
        nonce=SIGNED_TIME,
        timestamp="",
        signature=sign(),
    )
    yield case(
        "shift-of-the-nonce-into-the-body-with-a-second-timestamp",
        "The same shift with the timestamp written twice: well formed, but another signed string.",
        rejected("signature_mismatch"),
        body=f"{READ_REPORT}.{A_NONCE}",
        nonce=SIGNED_TIME,
        signature=sign(),
    )
    yield case(
        "shift-of-the-nonce-into-the-body-with-a-new-nonce",
        "The nonce is moved to the end of the body and a new one made up: another signed string.",
        rejected("signature_mismatch"),
        body=f"{READ_REPORT}.{A_NONCE}",
        nonce="01FJA8B4A7EXAMPLENONCE0002",
        signature=sign(),
    )
    yield case(
        "body-that-ends-in-a-nonce",
        "Rightly signed, a body may end in a dot and text that looks like a nonce.",
        accepted(),
        body=f"{READ_REPORT}.{A_NONCE}",
    )
    yield case(
        "body-cut-at-its-last-dot",
        "Rightly signed, the cut body of a shift is a body like any other.",
        accepted(),
        body=head,
    )
    yield case("body-of-only-dots", "Dots in the body move nothing.", accepted(), body="...")
    yield case(
        "body-of-only-dots-with-one-moved",
        "One dot of the body moved before the nonce.",
        rejected("malformed_header", NONCE),
        body="..",
        nonce="." + A_NONCE,
        signature=sign("..."),
    )
