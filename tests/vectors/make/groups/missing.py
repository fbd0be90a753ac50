"""Callbacks without one of their headers."""

from collections.abc import Iterator

from callback import ALGORITHM, NONCE, SIGNATURE, TIMESTAMP, sign
from case import Vector, case, rejected


def cases() -> Iterator[Vector]:
    every = (SIGNATURE, TIMESTAMP, NONCE, ALGORITHM)
    yield case(
        "no-header-at-all",
        "No headers: the first in the order of judgment is named.",
        rejected("missing_header", SIGNATURE),
        without=every,
    )
    yield case(
        "missing-signature",
        "Only the signature is missing.",
        rejected("missing_header", SIGNATURE),
        without=[SIGNATURE],
    )
    yield case(
        "missing-timestamp",
        "Only the timestamp is missing.",
        rejected("missing_header", TIMESTAMP),
        without=[TIMESTAMP],
    )
    yield case("missing-nonce", "Only the nonce is missing.", rejected("missing_header", NONCE), without=[NONCE])
    yield case(
        "missing-nonce-signed-as-undefined",
        "Signed over the text `undefined`, which the Node SDK puts where the nonce is missing.",
        rejected("missing_header", NONCE),
        without=[NONCE],
        signature=sign(nonce="undefined"),
    )
    yield case(
        "missing-nonce-signed-as-empty",
        "Signed over an empty nonce: a missing header must not be read as an empty one.",
        rejected("missing_header", NONCE),
        without=[NONCE],
        signature=sign(nonce=""),
    )
    yield case(
        "missing-timestamp-signed-as-empty",
        "Signed over an empty timestamp: a missing header must not be read as zero or as empty.",
        rejected("missing_header", TIMESTAMP),
        without=[TIMESTAMP],
        signature=sign(timestamp=""),
    )
