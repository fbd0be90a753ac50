"""The parts of a callback, and its signature as Python's hmac and hashlib make it."""

import base64
import hashlib
import hmac
from typing import Any

SIGNATURE = "x-sinch-webhook-signature"
TIMESTAMP = "x-sinch-webhook-signature-timestamp"
NONCE = "x-sinch-webhook-signature-nonce"
ALGORITHM = "x-sinch-webhook-signature-algorithm"

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
U64_MAX = 18446744073709551615

CURRENT = "example-secret-not-real-1"
PREVIOUS = "example-secret-not-real-0"
RING_OF_FOUR = [f"example-secret-not-real-{n}" for n in (4, 3, 2, 1)]

SIGNED_TIME = "1634579353"
NOW = 1634579356
A_NONCE = "01FJA8B4A7EXAMPLENONCE0001"

# Its last dot is followed by a short tail without a comma: the easiest prey of a boundary shift.
READ_REPORT = (
    '{"message_delivery_report":{"message_id":"01FJA8EXAMPLE1001","status":"READ"},'
    '"accepted_time":"2021-10-18T17:49:10.25Z"}'
)
# Here a comma follows the last dot.
FAILED_REPORT = (
    '{"accepted_time":"2021-10-18T17:49:11.75Z","message_delivery_report":{"message_id":"01FJA8EXAMPLE1002",'
    '"status":"FAILED","reason":{"code":"RECIPIENT_NOT_REACHABLE","description":"no answer"}}}'
)
SMS_REPORT = (
    '{"at":"2021-10-18T17:49:12.5Z","batch_id":"01FJA8EXAMPLE1003","code":0,"recipient":"447700900123",'
    '"status":"Delivered","type":"recipient_delivery_report_sms"}'
)


class Repeat:
    """A body of one character many times, so that the file stays small."""

    def __init__(self, text: str, count: int) -> None:
        self.text, self.count = text, count


Text = str | bytes
Body = Text | Repeat


def raw(value: Body) -> bytes:
    if isinstance(value, Repeat):
        return value.text.encode() * value.count
    return value if isinstance(value, bytes) else value.encode()


def signed_string(body: Body, nonce: Text, timestamp: Text) -> bytes:
    return raw(body) + b"." + raw(nonce) + b"." + raw(timestamp)


def tag(secret: Text, message: bytes, digest: Any = hashlib.sha256) -> bytes:
    return hmac.new(raw(secret), message, digest).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sign(body: Body = READ_REPORT, nonce: Text = A_NONCE, timestamp: Text = SIGNED_TIME, secret: Text = CURRENT) -> str:
    return b64(tag(secret, signed_string(body, nonce, timestamp)))


def with_tag_bit_flipped(signature: str, index: int, bit: int) -> str:
    return signature[:index] + BASE64[BASE64.index(signature[index]) ^ bit] + signature[index + 1 :]
