"""What Sinch's SDK for Python says of callbacks: one JSON object a line in, `true` or `false` a line out."""

import base64
import json
import sys

from sinch.core.internal.sinch_events.authorization_helpers import validate_authentication_header
from sinch.domains.authentication.sinch_events.v1.authentication_validation import validate_signature_header


def accepts(line: dict) -> bool:
    """Whether one of the secrets makes it authentic. What the SDK throws at is no acceptance."""
    body = base64.b64decode(line["body"])
    for secret in line["secrets"]:
        try:
            if line["scheme"] == "numbers":
                accepted = validate_signature_header(secret, line["headers"], body)
            else:
                accepted = validate_authentication_header(
                    line["key"], secret, line["headers"], body, line["target"], line["method"]
                )
        except (TypeError, ValueError):
            continue
        if accepted:
            return True
    return False


for text in sys.stdin:
    print(json.dumps(accepts(json.loads(text))))
