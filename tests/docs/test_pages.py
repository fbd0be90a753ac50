"""A right page passes, and a wrong one fails, for the reason that it is wrong for."""

import os
import socket
import sys
from pathlib import Path

import pytest

import pages
import receivers
from blocks import Mistake, of_text

ROOT = Path(__file__).resolve().parents[2]

# What a page might have somebody copy. The first receives; the others are wrong in one way each.
RECEIVER = """\
import base64, hmac, http.server, os, time
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(length := int(self.headers["content-length"]))
        given, at, nonce = (self.headers["x-sinch-webhook-signature" + end] for end in ("", "-timestamp", "-nonce"))
        text, key = data + f".{nonce}.{at}".encode(), os.environ["SINCH_WEBHOOK_SECRET"].encode()
        right = base64.b64encode(hmac.digest(key, text, "sha256")).decode() == given and time.time() < int(at) + 86400
        self.send_response(503 if len(data) < length else 200 if right else 401)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return some.getsockname()[1]


def ran(text: str, folder: Path) -> pages.Ran:
    place = folder / "page"
    place.mkdir()
    return pages.run(list(of_text("page.md", text)), pages.Place(place, os.environ, ROOT))


def mistake(text: str, folder: Path) -> str:
    with pytest.raises(Mistake) as found:
        ran(text, folder)
    return str(found.value)


def receiver_page(program: str, **more: str) -> str:
    port = free_port()
    said = "".join(f' {name}="{value}"' for name, value in more.items())
    directive = f'file=receiver.py receiver port={port} path=/callbacks run="{sys.executable} receiver.py"{said}'
    return f"<!-- test: {directive} -->\n```python\n{program.replace('PORT', str(port))}```\n"


PAGE = """\
# A tutorial

```console
$ mkdir receiver && cd receiver
$ pwd
…/page/receiver
```

<!-- test: file=greet.sh -->
```sh
echo "hello, $1"
```

```sh
who=world
```

<!-- test: exit=3 -->
```console
$ sh greet.sh "$who"
hello, world
$ (exit 3)
```

<!-- test: background -->
```console
$ python3 -c 'import time; print("listening", flush=True); time.sleep(60)'
listening
```

<!-- test: not-run why="a browser" -->
```sh
firefox http://127.0.0.1:8081
```
"""


def test_a_right_page_passes(tmp_path: Path) -> None:
    done = ran(PAGE, tmp_path)
    assert (done.blocks, done.receivers, done.not_run) == (5, 0, [("page.md:32", "a browser")])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("hello, world\n", "hello, moon\n", "page.md:20: sh greet.sh"),
        ("exit=3", "exit=2", "page.md:22: (exit 3)\nended with 3, not 2"),
        ("<!-- test: exit=3 -->\n", "", "page.md:21: (exit 3)\nended with 3, not 0"),
        ("who=world", "who=world\nls /nowhere\ntrue", "page.md:14: ended with 2, not 0"),
        ("listening\n```", "ready\n```", "page.md:27: python3"),
        ('print("listening", flush=True)', "exit(1)", "page.md:27: python3"),
    ],
)
def test_a_page_that_shows_what_is_not_so_fails(
    old: str, new: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shell.START_LIMIT_S", 2)
    assert old in PAGE
    assert mistake(PAGE.replace(old, new, 1), tmp_path).startswith(why)


def test_what_goes_on_is_stopped_where_the_page_says_so(tmp_path: Path) -> None:
    program = "trap 'touch stopped; exit' INT; echo on; while true; do sleep 0.05; done"
    goes_on = f'<!-- test: background -->\n```console\n$ bash -c "{program}"\non\n```\n'
    text = f"{goes_on}\n<!-- test: stop -->\n```sh\nls stopped\n```\n"
    assert ran(text, tmp_path).blocks == 2
    (tmp_path / "again").mkdir()
    assert "page.md:8: ended with 2" in mistake(text.replace("<!-- test: stop -->", ""), tmp_path / "again")


def test_what_goes_on_must_not_end_by_itself(tmp_path: Path) -> None:
    command = "bash -c 'echo $$ >pid; echo on; until [ -e go ]; do sleep 0.05; done'"
    goes_on = f"<!-- test: background -->\n```console\n$ {command}\non\n```\n"
    text = f"{goes_on}\n```sh\ntouch go\ntail --pid=$(cat pid) -f /dev/null\n```\n"
    assert "page.md:7: at the page's end: ended by itself" in mistake(text, tmp_path)


def test_a_receiver_that_receives_passes(tmp_path: Path) -> None:
    assert ran(receiver_page(RECEIVER), tmp_path).receivers == 1


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("== given and", "!= '' and", "a forged callback got 200, and must get 401"),
        (" and time.time() < int(at) + 86400", "", "a callback of yesterday got 200, and must get 401"),
        (
            "503 if len(data) < length else 200 if",
            "200 if",
            "a callback that breaks off got 401, and Sinch would not retry it",
        ),
        ("else 401", "else 403", "a forged callback got 403, and must get 401"),
        ("200 if", "202 if", "a genuine callback got 202, and must get 200"),
        ("    def do_POST", "\n    seen = 0\n    def do_POST", "a receiver of 11 lines: at most 10 are copied"),
        ("self.end_headers()", "os._exit(1)", "it did not answer"),
    ],
)
def test_a_receiver_that_receives_what_it_must_not_fails(old: str, new: str, why: str, tmp_path: Path) -> None:
    assert old in RECEIVER
    assert why in mistake(receiver_page(RECEIVER.replace(old, new, 1)), tmp_path)


def test_a_receiver_has_to_listen_where_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.BUILD_LIMIT_S", 3)
    elsewhere = receiver_page(RECEIVER.replace("PORT)", "0)", 1))
    assert "nobody listens on port" in mistake(elsewhere, tmp_path)


def test_a_receiver_prints_what_the_page_says(tmp_path: Path) -> None:
    assert "it does not print 'DELIVERED'" in mistake(receiver_page(RECEIVER, prints="DELIVERED"), tmp_path)


def test_a_block_of_another_test_is_read_by_it(tmp_path: Path) -> None:
    text = "<!-- test: by=tests/docs/test_pages.py -->\n```nginx\nserver {}\n```\n"
    assert ran(text, tmp_path).blocks == 1
    wrong = text.replace("test_pages.py", "console.py")
    (tmp_path / "again").mkdir()
    assert mistake(wrong, tmp_path / "again").endswith("reads no block of this page")


def test_a_block_of_a_schema_is_validated(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object", "required": ["id"]}')
    text = f'<!-- test: schema={tmp_path}/schema.json -->\n```json\n{{"id": 1}}\n```\n'
    assert ran(text, tmp_path).blocks == 1
    (tmp_path / "again").mkdir()
    assert "'id' is a required property" in mistake(text.replace('"id"', '"no"'), tmp_path / "again")


def test_every_fault_of_a_receiver_is_tried_for() -> None:
    """The receiver above is one that a page might have."""
    assert len(RECEIVER.splitlines()) == receivers.MOST_LINES


# The same as a function of Lambda, which asks for its events.
FUNCTION = """\
import base64, hmac, json, os, time, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while event := urllib.request.urlopen(f"{api}/next"):
    said, request = json.load(event), event.headers["Lambda-Runtime-Aws-Request-Id"]
    given, at, nonce = (said["headers"]["x-sinch-webhook-signature" + end] for end in ("", "-timestamp", "-nonce"))
    text, key = f"{said['body']}.{nonce}.{at}".encode(), os.environ["SINCH_WEBHOOK_SECRET"].encode()
    right = base64.b64encode(hmac.digest(key, text, "sha256")).decode() == given and time.time() < int(at) + 86400
    answer = json.dumps({"statusCode": 200 if right else 401}).encode()
    urllib.request.urlopen(f"{api}/{request}/response", answer)
"""


def function_page(program: str) -> str:
    directive = f'file=function.py receiver lambda run="{sys.executable} function.py"'
    return f"<!-- test: {directive} -->\n```python\n{program}```\n"


def test_a_function_that_receives_passes(tmp_path: Path) -> None:
    assert ran(function_page(FUNCTION), tmp_path).receivers == 1


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (" == given and", " != '' and", "a forged callback got 200, and must get 401"),
        ('{"statusCode": 200 if right else 401}', '{"statusCode": 200 if right else 500}', "got 500, and must get 401"),
        ("while event", "raise SystemExit\nwhile event", "no function asks for an event"),
    ],
)
def test_a_function_that_receives_what_it_must_not_fails(old: str, new: str, why: str, tmp_path: Path) -> None:
    assert old in FUNCTION
    assert why in mistake(function_page(FUNCTION.replace(old, new, 1)), tmp_path)
