"""How a signature is written."""

import base64
from collections.abc import Iterator

from callback import A_NONCE, BASE64, CURRENT, READ_REPORT, SIGNATURE, SIGNED_TIME, b64, sign, signed_string, tag
from case import Vector, case, rejected


def cases() -> Iterator[Vector]:
    right = sign()
    assert "+" in right and "/" in right, "choose a nonce whose tag holds both + and /"
    no = rejected("malformed_header", SIGNATURE)
    mismatch = rejected("signature_mismatch")
    raw_tag = tag(CURRENT, signed_string(READ_REPORT, A_NONCE, SIGNED_TIME))
    # The 43rd character carries four bits of the tag; its two low bits are zero in canonical base64.
    loose = right[:42] + BASE64[BASE64.index(right[42]) + 1] + "="
    assert base64.b64decode(loose) == raw_tag
    yield case("signature-unpadded", "43 characters: the padding is gone.", no, signature=right[:43])
    yield case(
        "signature-url-safe",
        "The URL-safe alphabet: `-` and `_` for `+` and `/`.",
        no,
        signature=right.translate(str.maketrans("+/", "-_")),
    )
    yield case(
        "signature-with-plus-turned-into-space",
        "Form decoding turns `+` into a space; the length stays 44.",
        no,
        signature=right.replace("+", " "),
    )
    yield case(
        "signature-with-a-trailing-newline", "What `openssl base64` or `echo` append.", no, signature=right + "\n"
    )
    yield case("signature-with-a-leading-space", "A host that does not trim.", no, signature=" " + right)
    yield case(
        "signature-with-two-pads", "44 characters of which two are padding: 31 bytes.", no, signature=right[:42] + "=="
    )
    yield case("signature-with-a-pad-too-many", "45 characters: one pad too many.", no, signature=right + "=")
    yield case("signature-without-pad-of-44", "44 letters and no padding: 33 bytes.", no, signature=right[:43] + "A")
    yield case("signature-with-a-letter-too-many", "45 characters: one letter too many.", no, signature="A" + right)
    yield case("signature-empty", "An empty signature is malformed, not missing.", no, signature="")
    yield case(
        "signature-cut-to-128-bits", "Base64 of the first half of the right tag.", no, signature=b64(raw_tag[:16])
    )
    yield case(
        "signature-in-hex", "The right tag in hex, the form of Sinch's Numbers callbacks.", no, signature=raw_tag.hex()
    )
    yield case("signature-in-quotes", "The right signature in quotation marks.", no, signature=f'"{right}"')
    yield case(
        "signature-with-a-byte-outside-ascii",
        "44 bytes, one of them 0xE9: a comparison of text must not raise.",
        no,
        signature=b"\xe9" + right[1:].encode(),
    )
    yield case(
        "signature-with-loose-trailing-bits",
        "Base64 that is not canonical: a lenient decoder finds the right tag in it.",
        mismatch,
        signature=loose,
    )
    yield case(
        "signature-in-lower-case",
        "The right signature in lower case: well formed, and another tag.",
        mismatch,
        signature=right.lower(),
    )
    yield case(
        "signature-of-zeros",
        "The tag of 32 zero bytes, what a buffer holds before it is filled.",
        mismatch,
        signature=b64(bytes(32)),
    )
