"""The pages of `sinch-callback dashboard` over the table of the stack."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

import events
import sinch
from conftest import BINARY, Environments, Seal
from stack import CREDENTIALS, REGION, Stack


@pytest.fixture
def dashboard(stack: Stack) -> Iterator[str]:
    """Where the pages are, of a dashboard that ends with the test."""
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": stack.cloud.proxy.url, "PATH": os.environ["PATH"]}
    arguments = ["--table", stack.outputs["TableName"], "--region", REGION, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [BINARY, "dashboard", *arguments], env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().removeprefix("dashboard on ").strip().rstrip("/")
        finally:
            child.terminate()


def ask(url: str, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_message_of_the_table_is_found_and_shown_with_its_recipient_masked(
    stack: Stack, dashboard: str, seal: Seal, run: Environments
) -> None:
    message_id, order = sinch.new_id(), sinch.new_id("order")
    report = sinch.Report(message_id, correlation_id=order)
    sent = seal(sinch.sign(report.body(), stack.secret))
    record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], message_id)
    assert run("processor").invoke(events.sqs(record), 30).response == {"batchItemFailures": []}

    for query in (message_id, order):
        status, found = ask(f"{dashboard}/api/search?q={query}")
        assert status == 200, found
        assert [match["message_id"] for match in json.loads(found)["matches"]] == [message_id]
        assert "…" in json.loads(found)["matches"][0]["identity"]
    status, timeline = ask(f"{dashboard}/api/messages/{message_id}/timeline")
    assert status == 200, timeline
    assert [entry["state"] for entry in json.loads(timeline)["entries"]] == ["delivered"]
    assert ask(f"{dashboard}/")[0] == 200


def test_what_no_index_answers_says_so_and_nothing_is_written(dashboard: str) -> None:
    for path in ("/api/overview", "/api/messages", "/api/stream", "/api/intents"):
        status, told = ask(dashboard + path)
        assert (status, json.loads(told)["code"]) == (501, "not_indexed"), path
    assert ask(f"{dashboard}/api/search?q=nobody-sent-this&by=recipient")[0] == 501
    assert ask(f"{dashboard}/api/recovery", "POST")[0] in (403, 405, 501)
