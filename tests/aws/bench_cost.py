"""What a day's callbacks cost in DynamoDB and EventBridge, counted over what the real processor sends.

The callbacks are those that the receiver of `sinch-callback demo` has stored, in their order, repeats
included. Run by `scripts/bench cost`.
"""

import json
import math
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import events
import sinch
from conftest import BINARY, Environments, sealed
from poll import eventually
from proxy import Request
from recovery import Person, Recovery, intent
from runtime_api import Function
from stack import REPOSITORY, Stack

PRICES = REPOSITORY / "cli" / "prices.json"
MESSAGES = 200
# AWS's units: bytes of a write, and of a consistent read.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-unit-calculator.html
WRITE, READ = 1024, 4096
# What storage counts for an item besides its bytes, by the same page.
OVERHEAD = 100
# What CloudWatch Logs counts for a line besides its bytes.
EVENT = 26
# Units that a new table on demand writes in a second.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
COLD = 4000
# How far the day, which is another each time, may be from what cli/prices.json assumes.
TOLERANCE = 0.05

Item = dict[str, dict[str, Any]]


def days_callbacks() -> list[tuple[bytes, int]]:
    """The bodies that the demo's receiver took, in their order, and how often each came again."""
    demo = subprocess.Popen([BINARY, "demo", "--keep", "--messages", str(MESSAGES)], stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        folder = next(found[1] for line in demo.stdout if (found := re.search(r"status --data (\S+)", line)))
        with closing(sqlite3.connect(Path(folder) / "deliveries.sqlite3")) as database:
            bodies = dict(database.execute("SELECT hex(content_key), body FROM bodies ORDER BY seq"))
            listed = database.execute("SELECT hex(content_key), body, repeats FROM callbacks ORDER BY seq").fetchall()
            messages = [json.loads(row[0]) for row in database.execute("SELECT aggregate FROM messages")]
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(30)
    repeats = {key: count for key, _, count in listed}
    for message in messages:
        repeats |= {entry["key"].upper(): entry.get("repeats", 0) for entry in message["log"]}
    bodies = {key: body for key, body, _ in listed} | bodies
    return [(bytes(body), repeats.get(key, 0)) for key, body in bodies.items()]


def size(item: Item) -> int:
    """Bytes of an item by AWS's rule: its names and its values.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + size_of_value(value) for name, value in item.items())


def size_of_value(typed: dict[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return math.ceil(len(value.lstrip("-").replace(".", "").strip("0")) / 2) + 1 + value.startswith("-")
        case "B":
            return len(value) * 3 // 4 - value[-2:].count("=")
        case "BOOL" | "NULL":
            return 1
    raise TypeError(kind)


# The attributes of each index, all of them keys.
INDICES = (("pk", "sk", "correlation_id"), ("pk", "sk", "due", "due_shard"))


class Table:
    """The units of what was asked of a table, of which nobody else changes anything."""

    def __init__(self, indices: tuple[tuple[str, ...], ...] = INDICES) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.indices = indices
        self.writes = 0
        self.reads = 0.0

    def count(self, request: Request) -> None:
        asked = request.json
        match request.operation:
            case "PutItem":
                self.put(asked["Item"])
            case "DeleteItem" | "UpdateItem":
                found = self.items.get(key(asked["Key"]), {})
                self.writes += max(1, math.ceil(size(found) / WRITE))
                if request.operation == "DeleteItem":
                    self.items.pop(key(asked["Key"]), None)
            case "GetItem":
                assert asked["ConsistentRead"]
                found = self.items.get(key(asked["Key"]), {})
                self.reads += max(1, math.ceil(size(found) / READ))
            case "TransactWriteItems":
                # Twice: what is prepared, and what is committed.
                before = self.writes
                for item in asked["TransactItems"]:
                    self.put(item["Put"]["Item"])
                self.writes += self.writes - before
            case "Query":
                # Of an index, which is never read consistently; what it finds are a few keys.
                self.reads += 0.5
            case other:
                raise NotImplementedError(other)

    def put(self, item: Item) -> None:
        before = self.items.get(key(item), {})
        self.writes += math.ceil(max(size(item), size(before)) / WRITE)
        # An index that has its keys alone is written where one of them changes: once for what goes, and
        # once for what comes.
        for names in self.indices:
            gone, come = index_entry(before, names), index_entry(item, names)
            if gone != come:
                self.writes += sum(math.ceil(size(entry) / WRITE) for entry in (gone, come) if entry)
        self.items[key(item)] = item

    def stored(self) -> int:
        kept = [index_entry(item, names) for item in self.items.values() for names in self.indices]
        entries = [entry for entry in kept if entry]
        return sum(size(item) + OVERHEAD for item in [*self.items.values(), *entries])


def key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item.get("sk", {"S": ""})["S"]


def index_entry(item: Item, names: tuple[str, ...]) -> Item:
    return {name: item[name] for name in names} if item.keys() >= set(names) else {}


def is_of_the_watcher(request: Request) -> bool:
    """Whether it is a look of each minute, which the stack's own functions take meanwhile."""
    asked = request.json
    return asked.get("IndexName") in ("by_due", "by_look") or asked.get("Key", {}).get("pk") == {"S": "listening"}


def arrivals(callbacks: list[tuple[bytes, int]]) -> Iterator[bytes]:
    yield from (body for body, _ in callbacks)
    for body, repeats in callbacks:
        yield from [body] * repeats


def logged(function: Function) -> int:
    """Bytes that CloudWatch Logs counts of what a function wrote.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    """
    return sum(len(line.encode()) + EVENT for line in function.log_lines())


def test_a_days_callbacks_cost_what_the_price_list_assumes(stack: Stack, aside: str, run: Environments) -> None:
    receiver = run("receiver", QUEUE_URL=aside, LOG_LEVEL="info")
    processor = run("processor", EVENTS="final", LOG_LEVEL="info")
    assumed = json.loads(PRICES.read_text())["assumptions"]
    table, told = Table(), 0
    records: list[dict] = []
    for body in arrivals(days_callbacks()):
        sent = sealed(stack, receiver, sinch.sign(body, stack.secret, content_type="application/json"))
        records.append(events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], f"{len(records)}"))
    count, since = len(records), len(stack.proxy.requests)
    batches = range(0, count, assumed["batch"]["value"])
    for first in batches:
        batch = events.sqs(*records[first : first + batches.step])
        assert processor.invoke(batch, 30).response == {"batchItemFailures": []}
    for request in stack.proxy.requests[since:]:
        if request.service == "dynamodb" and not is_of_the_watcher(request):
            table.count(request)
        elif request.operation == "PutEvents":
            told += len(request.json["Entries"])
    # What was counted is what is there.
    for pk, sk in table.items:
        found = stack.dynamodb.get_item(TableName=stack.outputs["TableName"], Key={"pk": {"S": pk}, "sk": {"S": sk}})
        assert "Item" in found, (pk, sk)
    units = {
        "write_units": table.writes / count,
        "read_units": table.reads / count,
        "stored_bytes": table.stored() / count,
        "events_per_callback": told / count,
        "log_accept_bytes": logged(receiver) / count,
        "log_batch_bytes": logged(processor) / len(batches),
    }
    print(f"\n{count} callbacks, {len(table.items)} items")
    print(f"figure dynamodb_write_units_per_callback {units['write_units']:.2f}")
    print(f"figure dynamodb_messages_per_s_cold_table {COLD / units['write_units']:.0f}")
    as_assumed(units, TOLERANCE)


def as_assumed(units: dict[str, float], tolerance: float) -> None:
    assumed = json.loads(PRICES.read_text())["assumptions"]
    for name, found in units.items():
        print(f"{name} {found:.3f}, assumed {assumed[name]['value']}")
    for name, found in units.items():
        assert abs(found / assumed[name]["value"] - 1) <= tolerance, f"cli/prices.json assumes another {name}"


def table_of(request: Request) -> str:
    asked = request.json
    (first, *_) = asked.get("TransactItems", [{"Put": asked}])
    return first["Put"]["TableName"]


# The index of what is due in recovery's table.
LOOKS = (("pk", "look_shard", "look_at"),)
INTENTS = 30
# How often a report meets a look, or two come in one batch, is another each time.
BY_CHANCE = 0.25


def test_an_intent_costs_what_the_price_list_assumes(recovery: Recovery) -> None:
    stack = recovery.stack
    recovery.switch("on")
    lines = len(stack.log_lines("Recovery"))
    since, began = len(stack.proxy.requests), int(time.time() * 1000)
    asked = [intent(Person()) for _ in range(INTENTS)]
    for one in asked:
        recovery.invoke(one)
    wanted = {one["key"] for one in asked}

    def done() -> bool:
        return wanted <= {e["detail"].get("key") for e in stack.all_events() if e["detail-type"] == "intent.done"}

    eventually(done, limit=90)
    eventually(stack.idle)
    messages, intents = Table(), Table(LOOKS)
    tables = {stack.outputs["TableName"]: messages, recovery.outputs["RecoveryTableName"]: intents}
    noted = told = 0
    for request in stack.proxy.requests[since:]:
        match request.service, request.operation:
            case "dynamodb", _ if table_of(request) in tables and not is_of_the_watcher(request):
                tables[table_of(request)].count(request)
            case "sqs", "SendMessage" if request.json["QueueUrl"] == recovery.outputs["IntentQueueUrl"]:
                noted += 1
            case "events", "PutEvents":
                told += sum(entry["DetailType"].startswith("intent.") for entry in request.json["Entries"])
    # One read and one write of each callback are paid for as such.
    callbacks = len([e for e in recovery.sinch.entries("callback") if e["at_ms"] >= began])
    # The template's level is info, which these functions are not set to.
    written = [line for line in stack.log_lines("Recovery")[lines:] if '"DEBUG"' not in line]
    print(f"\n{INTENTS} intents, {callbacks} callbacks, {noted} looks asked for")
    as_assumed(
        {
            "intent_write_units": (intents.writes + messages.writes - callbacks) / INTENTS,
            "intent_read_units": (intents.reads + messages.reads - callbacks) / INTENTS,
            "intent_queue_requests": 3 * noted / INTENTS,
            "intent_events": told / INTENTS,
            "intent_log_bytes": sum(len(line.encode()) + EVENT for line in written) / INTENTS,
            "intent_stored_bytes": intents.stored() / INTENTS,
        },
        BY_CHANCE,
    )
