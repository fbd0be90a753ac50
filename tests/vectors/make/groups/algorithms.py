"""The header that names the algorithm."""

import hashlib
from collections.abc import Iterator

from callback import A_NONCE, ALGORITHM, CURRENT, READ_REPORT, SIGNED_TIME, b64, signed_string, tag
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    no = rejected("unsupported_algorithm")
    required = {"algorithm_header": "required"}
    yield case("algorithm-absent", "The algorithm may be left out by default.", accepted(), without=[ALGORITHM])
    yield case(
        "algorithm-absent-and-required",
        "A receiver may insist on the algorithm.",
        rejected("missing_header", ALGORITHM),
        without=[ALGORITHM],
        options=required,
    )
    yield case("algorithm-present-and-required", "The algorithm is there, as required.", accepted(), options=required)
    yield case("algorithm-in-lower-case", "The algorithm's case does not matter.", accepted(), algorithm="hmacsha256")
    yield case("algorithm-in-upper-case", "The algorithm's case does not matter.", accepted(), algorithm="HMACSHA256")
    yield case(
        "algorithm-hmac-sha1", "Another algorithm, though the signature is right for ours.", no, algorithm="HmacSHA1"
    )
    yield case("algorithm-hmac-md5", "The Java SDK would follow the sender to MD5.", no, algorithm="HmacMD5")
    yield case(
        "algorithm-hmac-sha512-cut",
        "A sender cannot choose the algorithm, not even with a tag that would be right for it.",
        no,
        algorithm="HmacSHA512",
        signature=b64(tag(CURRENT, signed_string(READ_REPORT, A_NONCE, SIGNED_TIME), hashlib.sha512)[:32]),
    )
    yield case("algorithm-empty", "An empty algorithm is present, and not ours.", no, algorithm="")
    yield case("algorithm-with-a-suffix", "A name that only begins like ours.", no, algorithm="HmacSHA2567")
    yield case("algorithm-with-a-trailing-space", "A host that does not trim.", no, algorithm="HmacSHA256 ")
    yield case(
        "algorithm-with-a-long-s",
        "U+017F folds to S in Unicode, and not in ASCII.",
        no,
        algorithm="Hmac\u017fHA256".encode(),
    )
