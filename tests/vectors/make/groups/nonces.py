"""How a nonce is written."""

from collections.abc import Iterator

from callback import A_NONCE, NONCE, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    no = rejected("malformed_header", NONCE)
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3
    yield case("nonce-of-one-character", "The shortest nonce.", accepted(), nonce="N")
    yield case("nonce-empty", "An empty nonce is malformed, not missing, though it is rightly signed.", no, nonce="")
    yield case("nonce-of-128-characters", "The longest nonce.", accepted(), nonce=letters[:128])
    yield case("nonce-of-129-characters", "One character too many.", no, nonce=letters[:129])
    yield case(
        "nonce-in-another-grammar",
        "A UUID is as good as a ULID: no grammar is documented.",
        accepted(),
        nonce="0b8f6a52-1f0e-4c7e-9d53-5a5f4c3b2a10",
    )
    yield case(
        "nonce-of-every-punctuation",
        "Every visible ASCII character that is neither letter, digit, dot nor comma, from 0x21 to 0x7E.",
        accepted(),
        nonce="!\"#$%&'()*+-/:;<=>?@[\\]^_`{|}~",
    )
    yield case(
        "nonce-with-a-dot",
        "Rightly signed, yet a dot gives the signed string a second reading.",
        no,
        nonce="01FJA8B4A7.EXAMPLENONCE001",
    )
    yield case("nonce-with-a-space-inside", "0x20 is not visible.", no, nonce="01FJA8B4A7 EXAMPLENONCE001")
    yield case("nonce-with-a-leading-space", "A host that does not trim.", no, nonce=" " + A_NONCE, signature=sign())
    yield case(
        "nonce-with-a-trailing-space",
        "A host that does not trim, at the other end, signed with the space.",
        no,
        nonce=A_NONCE + " ",
    )
    yield case("nonce-with-0x1f", "The last control character before the space.", no, nonce=A_NONCE + "\x1f")
    yield case("nonce-with-del", "0x7F, the first character past the visible ones.", no, nonce=A_NONCE + "\x7f")
    yield case("nonce-with-0x80", "The first byte outside ASCII.", no, nonce=A_NONCE.encode() + b"\x80")
    yield case(
        "nonce-in-utf-8", "Letters outside ASCII, encoded as UTF-8 and rightly signed.", no, nonce="n\u00f8nce".encode()
    )
    yield case(
        "nonce-with-a-newline", "A newline inside, as in header injection.", no, nonce="01FJA8B4A7\r\nEXAMPLENONCE001"
    )
    yield case(
        "nonce-in-lower-case",
        "A nonce whose case was changed on the way.",
        rejected("signature_mismatch"),
        nonce=A_NONCE.lower(),
        signature=sign(),
    )
