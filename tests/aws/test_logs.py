"""What the functions write: JSON, metrics that CloudWatch reads, and nothing that must not be read."""

import json
import re
from pathlib import Path

import pytest

import events
import sinch
from conftest import environments, receive, sealed
from stack import Stack

UNITS = {"Seconds", "Milliseconds", "Microseconds", "Count", "Bytes", "None", "Percent", "Count/Second"}


@pytest.fixture(scope="module")
def written(
    stack: Stack, bootstraps: dict[str, Path], aside: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What both functions write on every way that a callback can take, at their most talkative."""
    marker = sinch.new_id("private")
    sinch.unspeakable.add(marker)
    proxy = stack.proxy
    with environments(stack, bootstraps, tmp_path_factory.mktemp("logs")) as run:
        receiver = run("receiver", QUEUE_URL=aside)
        body = sinch.Report(sinch.new_id(), metadata=marker).body()
        good = sinch.sign(body, stack.secret)
        assert receive(receiver, good).code == "accepted"
        assert receive(receiver, good.with_body(body + b" ")).code == "signature_mismatch"
        malformed = {**good.headers, "x-sinch-webhook-signature-nonce": f"{marker}.with.dots"}
        assert receive(receiver, sinch.Callback(body, malformed)).code == "malformed_header"
        assert receive(receiver, sinch.sign(body, stack.secret, at=1)).code == "stale"
        large = json.dumps({"made-up": marker}).encode().ljust(6_291_457)
        assert receive(receiver, sinch.sign(large, stack.secret)).code == "body_too_large"
        no_json = sinch.sign(f"{marker}: no JSON".encode(), stack.secret)
        assert receive(receiver, no_json).code == "accepted"
        with proxy.failing("sqs", "error", status=400, code="RequestThrottled"):
            assert receive(receiver, good, seconds=5).code == "handoff_unavailable"
        with proxy.failing("ssm", "reset"):
            blind = run("receiver", QUEUE_URL=aside)
            assert receive(blind, good).code == "secret_unavailable"

        message_id = sinch.new_id()
        reason = {"code": "RATE_LIMITED", "description": marker}
        # Only what cannot be for a while contradicts an arrival.
        permanent = {"code": "RECIPIENT_INVALID_CHANNEL_IDENTITY", "description": marker}
        callbacks = [
            sinch.sign(sinch.Report(message_id, "DELIVERED", metadata=marker).body(), stack.secret),
            sinch.sign(sinch.Report(message_id, "FAILED", reason=permanent).body(), stack.secret),
            sinch.sign(sinch.Report(sinch.new_id(), "FAILED", reason=reason).body(), stack.secret),
            no_json,
        ]
        records = []
        for callback in callbacks:
            message = sealed(stack, receiver, callback)
            group, key = message["MessageGroupId"], message["MessageDeduplicationId"]
            records.append(events.sqs_record(message["MessageBody"], group, key))
        poison = [
            events.sqs_record(f'{{"version": 1, "body": "{marker}"}}', "poison", "poison"),
            events.sqs_record(marker, "more-poison", "more-poison"),
        ]
        processor = run("processor")

        def failed(*batch: dict) -> int:
            outcome = processor.invoke(events.sqs(*batch), 30)
            # Where nothing of a batch is processed, it is an error.
            return len(batch) if outcome.error else len(outcome.response["batchItemFailures"])

        assert failed(*records, *poison) == 0
        with proxy.failing("dynamodb", "reset"):
            assert failed(records[0]) == 1
        with proxy.failing("events", "reset"):
            assert failed(records[0]) == 1
        assert failed(records[0]) == 0
        return {
            "receiver": receiver.log_lines() + blind.log_lines() + stack.log_lines("Receiver"),
            "processor": processor.log_lines() + stack.log_lines("Processor"),
        }


def parsed(lines: list[str]) -> list[dict]:
    found = [json.loads(line) for line in lines]
    assert all(isinstance(line, dict) for line in found)
    return found


def metrics(lines: list[str]) -> list[dict]:
    return [line for line in parsed(lines) if "_aws" in line]


@pytest.mark.parametrize("function", ["receiver", "processor"])
def test_no_line_holds_a_secret_a_body_a_nonce_or_a_signature(written: dict[str, list[str]], function: str) -> None:
    """Of all that this run has sent so far, through the stack too."""
    words = set(re.findall(r"[A-Za-z0-9+/=_-]+", "\n".join(written[function])))
    assert words & sinch.unspeakable == set()


@pytest.mark.parametrize("function", ["receiver", "processor"])
def test_every_line_is_json_and_what_befell_a_callback_names_its_request(
    written: dict[str, list[str]], function: str
) -> None:
    told = [line for line in parsed(written[function]) if line.get("level") in ("INFO", "WARN", "ERROR")]
    requests = [line for line in told if re.search(r'"request_?id": "[0-9a-f-]{36}"', json.dumps(line), re.IGNORECASE)]
    assert len(requests) >= 5


@pytest.mark.parametrize("function", ["receiver", "processor"])
def test_every_metric_is_of_the_form_that_cloudwatch_reads(written: dict[str, list[str]], function: str) -> None:
    entries = metrics(written[function])
    assert len(entries) >= 5
    for entry in entries:
        valid_metrics(entry)


# Name of a metric, the dimension that tells it apart, and values that it must have had.
METRICS = {
    "receiver": [
        ("Accepted", "SecretSlot", {"0"}),
        ("Refused", "Code", {"signature_mismatch", "malformed_header", "stale", "body_too_large"}),
        ("Unavailable", "Code", {"handoff_unavailable", "secret_unavailable"}),
        ("CallbackAge", None, set()),
        ("HandoffLatency", None, set()),
        ("SecretReads", "Outcome", {"ok", "failed"}),
    ],
    "processor": [
        ("Recorded", "Novelty", {"new", "redelivered"}),
        ("Unrecognized", None, set()),
        ("Transitions", "Status", {"delivered", "failed", "contradicted"}),
        ("Failures", "Reason", {"RATE_LIMITED"}),
        ("EventsSent", None, set()),
        ("Poison", None, set()),
        ("NotProcessed", None, set()),
    ],
}


@pytest.mark.parametrize(
    "function, name, dimension, values",
    [(function, *metric) for function, listed in METRICS.items() for metric in listed],
)
def test_the_metric_is_written_and_told_apart_by_its_dimension(
    written: dict[str, list[str]], function: str, name: str, dimension: str, values: set[str]
) -> None:
    entries = [e for e in metrics(written[function]) if name in e]
    assert entries
    dimensions = [["Function", dimension]] if dimension else []
    for entry in entries:
        (directive,) = [d for d in entry["_aws"]["CloudWatchMetrics"] if name in [m["Name"] for m in d["Metrics"]]]
        assert sorted(directive["Dimensions"]) == [["Function"], *dimensions]
    if dimension:
        assert values <= {entry[dimension] for entry in entries}


def valid_metrics(entry: dict) -> None:
    """The rules of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    assert isinstance(entry["_aws"]["Timestamp"], int)
    # In milliseconds, of this century.
    assert 1e12 < entry["_aws"]["Timestamp"] < 1e13
    assert entry["_aws"]["CloudWatchMetrics"]
    for directive in entry["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "SinchCallback"
        assert ["Function"] in directive["Dimensions"]
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            for name in dimensions:
                assert isinstance(entry[name], str) and 0 < len(entry[name]) <= 1024, name
        assert 0 < len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert metric.get("Unit", "None") in UNITS
            value = entry[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 0 < len(values) <= 100
            assert all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
