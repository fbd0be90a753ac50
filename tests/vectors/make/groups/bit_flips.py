"""A single bit that differs."""

from collections.abc import Iterator

from callback import PREVIOUS, READ_REPORT, sign, with_tag_bit_flipped
from case import Vector, case, rejected


def cases() -> Iterator[Vector]:
    mismatch = rejected("signature_mismatch")
    yield case(
        "bit-flip-in-body",
        "The last digit of the message id, 1, became 0.",
        mismatch,
        body=READ_REPORT.replace("1001", "1000"),
        signature=sign(),
    )
    yield case(
        "bit-flip-in-nonce",
        "The last digit of the nonce, 1, became 0.",
        mismatch,
        nonce="01FJA8B4A7EXAMPLENONCE0000",
        signature=sign(),
    )
    yield case(
        "bit-flip-in-timestamp",
        "The last digit of the timestamp, 3, became 2.",
        mismatch,
        timestamp="1634579352",
        signature=sign(),
    )
    yield case(
        "bit-flip-in-secret",
        "The last digit of the secret, 1, became 0.",
        mismatch,
        secrets=[PREVIOUS],
        signature=sign(),
    )
    yield case(
        "bit-flip-in-first-signature-character",
        "One bit of the tag's first byte.",
        mismatch,
        signature=with_tag_bit_flipped(sign(), 0, 1),
    )
    yield case(
        "bit-flip-in-last-signature-character",
        "The last bit of the tag.",
        mismatch,
        signature=with_tag_bit_flipped(sign(), 42, 4),
    )
