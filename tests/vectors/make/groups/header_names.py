"""How headers' names are written."""

from collections.abc import Iterator

from callback import NONCE, SIGNATURE
from case import Vector, accepted, case, rejected, renamed


def cases() -> Iterator[Vector]:
    yield case(
        "names-in-title-case",
        "Header names are case-insensitive: as many HTTP/1.1 senders write them.",
        accepted(),
        arrange=renamed(str.title),
    )
    yield case(
        "names-in-upper-case",
        "Header names are case-insensitive: as CGI-like hosts hand them over.",
        accepted(),
        arrange=renamed(str.upper),
    )
    yield case(
        "names-with-underscores",
        "An underscore is not a hyphen: these are other headers.",
        rejected("missing_header", SIGNATURE),
        arrange=renamed(lambda name: name.replace("-", "_")),
    )
    yield case(
        "name-with-a-suffix",
        "A name that only begins like the nonce header is another header.",
        rejected("missing_header", NONCE),
        arrange=renamed(lambda name: name + "s" if name == NONCE else name),
    )
    yield case(
        "name-that-begins-the-same-beside-the-right-one",
        "A header whose name only begins like the nonce header is no repeat of it.",
        accepted(),
        arrange=lambda headers: [[NONCE + "s", "x"], *headers],
    )
    yield case(
        "headers-in-reverse-order",
        "The order of arrival means nothing to an authentic callback.",
        accepted(),
        arrange=lambda headers: headers[::-1],
    )
    yield case(
        "headers-amid-unrelated-ones",
        "Other headers, repeated and with commas and bytes outside ASCII, are no concern of ours.",
        accepted(),
        arrange=lambda headers: [
            ["host", "callbacks.example"],
            ["via", "1.1 a"],
            *headers[:2],
            ["accept", "text/html, */*"],
            *headers[2:],
            ["via", "1.1 b"],
            ["x-note", "caf\u00e9".encode()],
        ],
    )
