"""Headers that come more than once."""

from collections.abc import Iterator

from callback import A_NONCE, ALGORITHM, NONCE, PREVIOUS, SIGNATURE, TIMESTAMP, sign
from case import Vector, case, rejected, with_value


def cases() -> Iterator[Vector]:
    others = {
        SIGNATURE: sign(secret=PREVIOUS),
        TIMESTAMP: "1634579354",
        NONCE: "01FJA8B4A7EXAMPLENONCE0002",
        ALGORITHM: "HmacSHA1",
    }
    for header, other in others.items():
        yield from twice(header, other)
    yield case(
        "signature-twice-in-names-of-different-case",
        "Two spellings of one header name are a repeat.",
        rejected("repeated_header", SIGNATURE),
        arrange=lambda headers: [*headers, ["X-Sinch-Webhook-Signature", others[SIGNATURE]]],
    )
    yield case(
        "nonce-twice-the-second-empty",
        "An empty second value is still a repeat.",
        rejected("repeated_header", NONCE),
        arrange=lambda headers: [*headers, [NONCE, ""]],
    )
    yield case(
        "nonce-that-ends-in-a-comma",
        "A comma joined to nothing: a nonce with a comma is a repeat, rightly signed or not.",
        rejected("repeated_header", NONCE),
        nonce=A_NONCE + ",",
    )
    yield case(
        "timestamp-grouped-with-commas",
        "A number written with thousands separators reads as a repeat.",
        rejected("repeated_header", TIMESTAMP),
        timestamp="1,634,579,353",
    )
    yield case(
        "signature-in-the-form-of-standard-webhooks",
        "`v1,` before the signature: the comma reads as a repeat.",
        rejected("repeated_header", SIGNATURE),
        signature="v1," + sign(),
    )


def twice(header: str, other: str) -> Iterator[Vector]:
    """A header that comes twice, with itself and with another value."""
    what = header.removeprefix("x-sinch-webhook-").removeprefix("signature-")
    no = rejected("repeated_header", header)
    yield case(
        f"{what}-twice-the-same",
        f"The {what} twice with the same value is still a repeat.",
        no,
        arrange=lambda headers: headers + [pair for pair in headers if pair[0] == header],
    )
    yield case(
        f"{what}-twice-the-right-one-first",
        f"The right {what}, then another: a host that takes the first would accept it.",
        no,
        arrange=lambda headers: [*headers, [header, other]],
    )
    yield case(
        f"{what}-twice-the-right-one-last",
        f"Another {what}, then the right one: a host that takes the last would accept it.",
        no,
        arrange=lambda headers: [[header, other], *headers],
    )
    yield case(
        f"{what}-twice-joined-with-comma-and-space",
        f"The {what} twice, as most proxies join repeats.",
        no,
        arrange=with_value(header, lambda value: f"{value}, {value}"),
    )
    yield case(
        f"{what}-twice-joined-with-comma",
        f"Two values of the {what} joined without a space.",
        no,
        arrange=with_value(header, lambda value: f"{value},{other}"),
    )
