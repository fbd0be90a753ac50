"""How the signed time is written."""

from collections.abc import Iterator

from callback import TIMESTAMP, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    no = rejected("malformed_header", TIMESTAMP)
    yield case(
        "timestamp-with-leading-zeros",
        "Twelve digits with leading zeros, signed as they stand: the header's own text is signed.",
        accepted(),
        timestamp="001634579353",
    )
    yield case(
        "timestamp-whose-leading-zeros-were-lost",
        "Signed with leading zeros, delivered without.",
        rejected("signature_mismatch"),
        signature=sign(timestamp="001634579353"),
    )
    yield case(
        "timestamp-whose-leading-zeros-were-not-signed",
        "Signed without leading zeros, delivered with them: a verifier that signs the re-rendered number would "
        "accept it.",
        rejected("signature_mismatch"),
        timestamp="001634579353",
        signature=sign(),
    )
    yield case("timestamp-of-one-digit", "One digit is enough.", accepted(age_secs=2), timestamp="7", now=9)
    yield case(
        "timestamp-of-twelve-digits",
        "Twelve digits are not too many.",
        accepted(age_secs=0),
        timestamp="999999999999",
        now=999999999999,
    )
    yield case(
        "timestamp-of-thirteen-digits",
        "Thirteen digits are too many, even where the number is small.",
        no,
        timestamp="0001634579353",
    )
    yield case("timestamp-in-milliseconds", "Milliseconds have thirteen digits.", no, timestamp="1634579353000")
    yield case(
        "timestamp-in-milliseconds-of-twelve-digits",
        "Milliseconds of the last century have twelve digits: well formed, and thousands of years ahead.",
        rejected("from_future"),
        timestamp="934579353000",
    )
    yield case("timestamp-empty", "An empty timestamp is malformed, not missing.", no, timestamp="")
    yield case("timestamp-with-a-plus", "Many number parsers take a plus sign.", no, timestamp="+1634579353")
    yield case("timestamp-with-a-minus", "A negative number.", no, timestamp="-1")
    yield case("timestamp-with-an-exponent", "A JavaScript number parser takes an exponent.", no, timestamp="1e9")
    yield case(
        "timestamp-with-a-fraction",
        "A fraction would give the signed string a third reading.",
        no,
        timestamp="1634579353.5",
    )
    yield case(
        "timestamp-in-hex-with-prefix", "A JavaScript number parser takes hex digits.", no, timestamp="0x616db399"
    )
    yield case(
        "timestamp-in-arabic-indic-digits",
        "Digits outside ASCII, in no more than twelve bytes: a Python number parser takes them.",
        no,
        timestamp="\u0661\u0666\u0663\u0664\u0665\u0667".encode(),
    )
    yield case("timestamp-with-an-inner-space", "A space between digits.", no, timestamp="1634 579353")
    yield case(
        "timestamp-with-a-leading-space",
        "A host that does not trim: the surrounding space is malformed, as it may or may not be signed.",
        no,
        timestamp=" 1634579353",
        signature=sign(),
    )
    yield case(
        "timestamp-with-a-trailing-space", "The same at the end, signed with the space.", no, timestamp="1634579353 "
    )
    yield case(
        "timestamp-with-a-newline",
        "A newline at the end, which a regular expression's `$` lets through.",
        no,
        timestamp="1634579353\n",
    )
