"""Signs as Sinch documents it, with Python's own hmac."""

import base64
import hmac
import time
import uuid

SIGNATURE = "x-sinch-webhook-signature"
NONCE = f"{SIGNATURE}-nonce"


def signed_headers(body: bytes, secret: str, at: int | None = None) -> dict[str, str]:
    """base64(HMAC-SHA256(secret, body + "." + nonce + "." + timestamp)). Without `at`, it is signed now."""
    nonce = uuid.uuid4().hex.upper()
    timestamp = str(int(time.time()) if at is None else at)
    text = body + b"." + nonce.encode() + b"." + timestamp.encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode()
    return {
        SIGNATURE: signature,
        f"{SIGNATURE}-timestamp": timestamp,
        NONCE: nonce,
        f"{SIGNATURE}-algorithm": "HmacSHA256",
    }
