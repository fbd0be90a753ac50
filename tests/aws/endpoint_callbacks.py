"""What other products sign, and the endpoints of a stack that take it."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import sinch
from stack import REGION, Ministack

# Something in front is said to rewrite the path of the second.
NUMBERS: dict[str, Any] = {"path": "/numbers", "scheme": "numbers", "secrets": ["/sinch/numbers"]}
VOICE: dict[str, Any] = {
    "path": "/voice",
    "public_path": "/hooks/voice",
    "scheme": "application",
    "secrets": ["/sinch/voice"],
    "key": "669E367E-6BBA-48AB-AF15-266871C28135",
}


def new_secrets(cloud: Ministack) -> tuple[dict[str, str], dict[str, str]]:
    """Puts a secret for each endpoint: the secrets, and the parameters of a stack that has the endpoints."""
    secrets = {"numbers": sinch.new_secret(), "voice": sinch.new_key()}
    arns = []
    for name, value in secrets.items():
        cloud.client("ssm").put_parameter(Name=f"/sinch/{name}", Value=value, Type="SecureString")
        arns.append(f"arn:aws:ssm:{REGION}:000000000000:parameter/sinch/{name}")
    return secrets, {"Endpoints": json.dumps([NUMBERS, VOICE]), "EndpointParameterArns": ",".join(arns)}


def numbers_event(body: bytes, secret: str) -> sinch.Callback:
    """Signed as Numbers signs: HMAC-SHA1 of the body, in hex."""
    signature = hmac.digest(secret.encode(), body, "sha1").hex()
    sinch.unspeakable.add(signature)
    return sinch.Callback(body, {"x-sinch-signature": signature})


def voice_event(body: bytes, secret: str, path: str, *, header: str = "authorization") -> sinch.Callback:
    """Signed as Voice and Verification sign: HMAC-SHA256 over method, MD5, type, time and path."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    text = f"POST\n{digest}\napplication/json\nx-timestamp:{at}\n{path}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(secret), text.encode(), "sha256")).decode()
    sinch.unspeakable.add(signature)
    return sinch.Callback(body, {header: f"application {VOICE['key']}:{signature}", "x-timestamp": at})


def number() -> bytes:
    event = {
        "eventId": sinch.new_id("event"),
        "timestamp": "2026-11-24T08:00:00.123456789",
        "projectId": "made-up-project",
        "resourceId": "+15550100",
        "resourceType": "ACTIVE_NUMBER",
        "eventType": "PROVISIONING_TO_SMS_PLATFORM",
        "status": "SUCCEEDED",
        "failureCode": None,
    }
    return json.dumps(event).encode()


def call(event: str) -> bytes:
    return json.dumps({"event": event, "callid": sinch.new_id("call"), "version": 1}).encode()
