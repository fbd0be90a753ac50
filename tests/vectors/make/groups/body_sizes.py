"""How large a body may be."""

from collections.abc import Iterator

from callback import Repeat
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    sixty_four = {"max_body_bytes": 64}
    yield case(
        "body-exactly-at-a-small-limit",
        "Exactly the limit is accepted.",
        accepted(),
        body=Repeat("a", 64),
        options=sixty_four,
    )
    yield case(
        "body-one-past-a-small-limit",
        "One byte past the limit is refused, though rightly signed.",
        rejected("body_too_large"),
        body=Repeat("a", 65),
        options=sixty_four,
    )
    yield case(
        "body-limit-counts-bytes",
        "33 letters of two bytes each are 66 bytes: the limit counts bytes, not characters.",
        rejected("body_too_large"),
        body=Repeat("\u00e9", 33),
        options=sixty_four,
    )
    yield case(
        "body-of-two-byte-letters-at-a-small-limit",
        "32 letters of two bytes each are exactly 64 bytes.",
        accepted(),
        body=Repeat("\u00e9", 32),
        options=sixty_four,
    )
    yield case(
        "body-exactly-at-half-a-mebibyte",
        "A body of exactly the limit is accepted.",
        accepted(),
        body=Repeat("a", 524288),
        options={"max_body_bytes": 524288},
    )
    yield case(
        "body-one-past-half-a-mebibyte",
        "One byte more than the limit is refused.",
        rejected("body_too_large"),
        body=Repeat("a", 524289),
        options={"max_body_bytes": 524288},
    )
    yield case(
        "body-of-a-megabyte",
        "Far past the limit.",
        rejected("body_too_large"),
        body=Repeat("a", 1000000),
        options={"max_body_bytes": 524288},
    )
    yield case(
        "body-past-half-a-mebibyte-with-a-higher-limit",
        "The limit can be raised.",
        accepted(),
        body=Repeat("a", 524289),
        options={"max_body_bytes": 1048576},
    )
