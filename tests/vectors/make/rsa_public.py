"""RSA with public keys, by integers alone: what judges the vectors of Engage."""

import hashlib

# DigestInfo up to the digest (RFC 8017, section 9.2, note 1).
PREFIXES = {
    "sha224": "302d300d06096086480165030402040500041c",
    "sha256": "3031300d060960864801650304020105000420",
    "sha512": "3051300d060960864801650304020305000440",
}


def read_element(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at this place begins and ends."""
    if der[at] != tag:
        raise ValueError(f"tag {der[at]:#x} stands where {tag:#x} should")
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + octets], "big"), begin + octets
    return begin, begin + length


def read_key(spki: bytes) -> tuple[int, int]:
    """Modulus and exponent of a SubjectPublicKeyInfo."""
    outer, _ = read_element(spki, 0, 0x30)
    _, behind_algorithm = read_element(spki, outer, 0x30)
    bits, _ = read_element(spki, behind_algorithm, 0x03)
    key, _ = read_element(spki, bits + 1, 0x30)
    begin, end = read_element(spki, key, 0x02)
    modulus = int.from_bytes(spki[begin:end], "big")
    begin, end = read_element(spki, end, 0x02)
    return modulus, int.from_bytes(spki[begin:end], "big")


def verifies(spki: bytes, digest: str, message: bytes, signature: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 of RFC 8017, section 8.2.2."""
    modulus, exponent = read_key(spki)
    length = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != length or value >= modulus:
        return False
    info = bytes.fromhex(PREFIXES[digest]) + hashlib.new(digest, message).digest()
    padded = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
    return pow(value, exponent, modulus) == int.from_bytes(padded, "big")
