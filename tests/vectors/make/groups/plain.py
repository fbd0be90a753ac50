"""Authentic callbacks, and the ones next to them."""

from collections.abc import Iterator

from callback import FAILED_REPORT, SMS_REPORT, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    yield case(
        "delivery-report", "An authentic delivery report, three seconds old: the base of most other cases.", accepted()
    )
    yield case(
        "failed-delivery-report",
        "An authentic report of a failure, so that not every accepted body is the same.",
        accepted(),
        body=FAILED_REPORT,
    )
    yield case(
        "sms-delivery-report",
        "An authentic delivery report of the SMS API, which uses the same headers.",
        accepted(),
        body=SMS_REPORT,
    )
    yield case(
        "body-of-another-callback",
        "A right signature on the body of another callback.",
        rejected("signature_mismatch"),
        body=FAILED_REPORT,
        signature=sign(),
    )
    yield case(
        "nonce-of-another-callback",
        "A right signature beside a nonce that it does not cover.",
        rejected("signature_mismatch"),
        nonce="01FJA8B4A7EXAMPLENONCE0002",
        signature=sign(),
    )
    yield case(
        "timestamp-renewed",
        "An old signature beside a fresh timestamp, to get round the window.",
        rejected("signature_mismatch"),
        timestamp="1634579653",
        now=1634579656,
        signature=sign(),
    )
