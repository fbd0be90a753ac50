"""Reads endpoints before they are deployed: JSON, as the receiver's ENDPOINTS.

Prints them in one line, then the names of their secrets' parameters, one a line. What is wrong with them is
said on standard error. The receiver is the one who decides, and refuses to start; this is so that nobody has to
deploy first to be told.
"""

import json
import re
import sys
from typing import Any

# Whether callbacks name a key. A test holds it equal to core's list.
SCHEMES = {
    "conversation": False,
    "numbers": False,
    "application": True,
    "service": True,
    "mailgun": False,
    "engage": False,
    "whatsapp-legacy": False,
}
MEMBERS = {"path", "public_path", "scheme", "secrets", "key"}
NAME = r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*"


def wrong(endpoints: Any) -> str | None:
    """What is wrong with them, in words."""
    if not isinstance(endpoints, list) or not all(isinstance(one, dict) for one in endpoints):
        return 'they are no JSON array as [{"path":"/numbers","scheme":"numbers","secrets":["/sinch/numbers"]}]'
    paths = [one.get("path") for one in endpoints]
    for one in endpoints:
        path, scheme, secrets = one.get("path"), one.get("scheme", "conversation"), one.get("secrets")
        for place in (path, one.get("public_path", path)):
            if not isinstance(place, str) or not re.fullmatch(r"/[^?#\s]*", place):
                return f"{json.dumps(place)} is no path: it begins with / and has no query, fragment or white space"
        if paths.count(path) > 1:
            return f"{path}: two endpoints have this path: leave one off"
        if unknown := sorted(set(one) - MEMBERS):
            return f"{path}: there is no {unknown[0]}; there are {', '.join(sorted(MEMBERS))}"
        if scheme not in SCHEMES:
            return f"{path}: there is no scheme {json.dumps(scheme)}; there are {', '.join(SCHEMES)}"
        if SCHEMES[scheme] != isinstance(one.get("key"), str):
            need = "name a key: give its id" if SCHEMES[scheme] else "name no key: leave its id off"
            return f"{path}: callbacks of the scheme {scheme} {need}"
        names = secrets if isinstance(secrets, list) else []
        if not 1 <= len(names) <= 4 or not all(isinstance(n, str) and re.fullmatch(NAME, n) for n in names):
            return f"{path}: secrets takes one to four names of SSM parameters, without version or label"
    return None


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    try:
        endpoints = json.loads(text)
    except ValueError as error:
        sys.exit(f"they are no JSON: {error}")
    if reason := wrong(endpoints):
        sys.exit(reason)
    line = json.dumps(endpoints, separators=(",", ":")) if endpoints else ""
    # A function's environment has 4 KB.
    most = int(sys.argv[2])
    if len(line) > most:
        sys.exit(f"they are {len(line)} characters of JSON, of at most {most}: give fewer, or shorter names")
    print(line)
    for name in dict.fromkeys(name for one in endpoints for name in one["secrets"]):
        print(name)


if __name__ == "__main__":
    main()
