"""`reconcile --queue-url`: reports that did not come are asked for, and recorded on AWS."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import BINARY, Command
from poll import eventually
from recovery import PlaySinch
from stack import Stack

# Everything arrives, and no report of it does.
LOST = """
[[rule]]
submit_after = "never"
[[rule.report]]
after = "1ms"
status = "DELIVERED"
copies = 0
"""


@pytest.fixture(name="played")
def fixture_played(tmp_path: Path) -> Iterator[PlaySinch]:
    played = PlaySinch(BINARY, tmp_path, LOST)
    yield played
    played.stop()


def ask(played: PlaySinch, path: str, body: Any = None) -> Any:
    headers = {"authorization": "Bearer made-up", "content-type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{played.url}/xms/v1/plan/{path}", content, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_reports_that_were_lost_are_asked_for_and_recorded_once(
    stack: Stack, command: Command, played: PlaySinch, tmp_path: Path
) -> None:
    numbers = ["4670555001", "4670555002"]
    batch = ask(
        played, "batches", {"from": "shop", "to": numbers, "body": "Hello", "delivery_report": "per_recipient"}
    )["id"]
    eventually(
        lambda: (
            {r["status"] for r in ask(played, f"batches/{batch}/delivery_report?type=full")["statuses"]}
            == {"Delivered"}
        )
    )
    token = tmp_path / "token.txt"
    token.write_text("made-up\n")
    queue = stack.outputs["QueueUrl"]
    asked = ("reconcile", "--service-plan", "plan", "--sms-token-file", str(token), "--sinch-url", played.url)
    to = ("--batch", batch, "--queue-url", queue, "--json")

    def shown(number: str) -> Any:
        code, out, errors = command("status", f"{batch}:{number}", "--table", stack.outputs["TableName"], "--json")
        assert code == 0, errors
        return json.loads(out)

    code, out, errors = command(*asked, *to, "--dry-run")
    assert (code, json.loads(out)["found"]) == (0, 1), errors
    assert command("status", f"{batch}:{numbers[0]}", "--table", stack.outputs["TableName"])[0] == 1

    for _ in range(2):
        code, out, errors = command(*asked, *to)
        outcome = json.loads(out)
        assert (code, outcome["calls"], outcome["found"]) == (0, 1, 1), errors
        messages = eventually(lambda: [shown(number) for number in numbers])
        eventually(stack.idle)
    for message in messages:
        assert (message["state"], [entry["status"] for entry in message["log"]]) == ("delivered", ["Delivered"])
    # What was asked for is no callback that has come.
    assert {entry["source"] for message in messages for entry in message["log"]} == {"poll"}
