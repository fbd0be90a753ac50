"""The commands of `sinch-callback` for the stack on AWS, as a person gives them."""

import json
import random
import re
import time
import uuid
import zlib
from pathlib import Path

import events
import sinch
from conftest import Command, Environments, Seal, receive
from poll import eventually
from stack import Stack, aggregate, text_of


def test_status_shows_a_message_and_its_repeats_from_the_table(
    stack: Stack, command: Command, seal: Seal, run: Environments
) -> None:
    message_id, order = sinch.new_id(), sinch.new_id("order")
    callback = sinch.sign(sinch.Report(message_id, correlation_id=order).body(), stack.secret)
    processor = run("processor")
    for number in range(2):
        sent = seal(callback)
        record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], f"{message_id}-{number}")
        assert processor.invoke(events.sqs(record), 30).response == {"batchItemFailures": []}
    table = ("--table", stack.outputs["TableName"])

    code, out, _ = command("status", message_id, *table, "--json")
    assert code == 0
    view = json.loads(out)
    assert (view["message_id"], view["state"]) == (message_id, "delivered")
    assert [(entry["status"], entry["step"], entry["repeats"]) for entry in view["log"]] == [("DELIVERED", "moved", 1)]

    code, by_order, _ = command("status", "--correlation", order, *table, "--json")
    assert (code, json.loads(by_order)) == (0, view)

    code, text, _ = command("status", message_id, *table)
    assert code == 0
    assert f"{message_id}  delivered" in text
    assert "(repeated once)" in text


def test_status_of_an_unknown_message_is_told_and_exits_with_1(stack: Stack, command: Command) -> None:
    code, out, errors = command("status", "msg-nobody-sent", "--table", stack.outputs["TableName"])
    assert (code, out) == (1, "")
    assert "no report of a message msg-nobody-sent has been recorded" in errors


def test_a_secret_is_set_once_and_rotated_and_the_receiver_takes_both(
    stack: Stack, command: Command, run: Environments, tmp_path: Path
) -> None:
    name = f"/sinch/{sinch.new_id('commands')}"
    secrets = [sinch.new_secret("first"), sinch.new_secret("second")]
    file = tmp_path / "secret.txt"

    def put(action: str, secret: str) -> tuple[int, str, str]:
        file.write_text(secret + "\n")
        return command("secret", action, name, "--secret-file", str(file), "--json")

    code, out, _ = put("set", secrets[0])
    assert (code, json.loads(out)) == (0, {"name": name, "version": 1})
    code, out, errors = put("set", secrets[1])
    assert (code, out) == (1, "")
    assert "`secret rotate` puts a new version of it" in errors
    code, out, _ = put("rotate", secrets[1])
    assert (code, json.loads(out)) == (0, {"name": name, "version": 2})

    kind = stack.cloud.client("ssm").get_parameter(Name=name)["Parameter"]["Type"]
    assert kind == "SecureString"
    receiver = run("receiver", SECRET_PARAMETERS=name)
    for secret in secrets:
        callback = sinch.sign(sinch.Report(sinch.new_id()).body(), secret)
        assert receive(receiver, callback).code == "accepted"


def test_what_is_no_secret_is_not_put(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(" made-up secret with white space around it ")
    code, _, errors = command("secret", "set", "/sinch/none", "--secret-file", str(file))
    assert code == 2
    assert "secret.txt" in errors
    assert "made-up" not in errors


def test_redrive_moves_what_can_be_read_and_leaves_the_rest(stack: Stack, command: Command, seal: Seal) -> None:
    message_id = sinch.new_id()
    sent = seal(sinch.sign(sinch.Report(message_id).body(), stack.secret))
    dead, queue = stack.outputs["DeadLetterQueueUrl"], stack.outputs["QueueUrl"]
    purge(stack, dead)
    # The content key is in the queue's five-minute memory, as it is after a quick repair.
    other = sinch.new_id("other")
    filler = seal(sinch.sign(sinch.Report(other).body(), stack.secret))["MessageBody"]
    stack.enqueue(filler, group=message_id, dedup=sent["MessageDeduplicationId"])
    eventually(lambda: stack.message(other))
    stack.sqs.send_message(
        QueueUrl=dead, MessageBody=sent["MessageBody"], MessageGroupId=message_id, MessageDeduplicationId="dead-1"
    )
    stack.sqs.send_message(QueueUrl=dead, MessageBody="made-up", MessageGroupId="g", MessageDeduplicationId="dead-2")
    urls = ("--dead-letter-queue-url", dead, "--queue-url", queue, "--json")

    code, out, _ = command("redrive", *urls, "--dry-run")
    dry = json.loads(out)
    assert (code, dry["moved"], dry["unreadable"], len(dry["letters"])) == (0, 0, 1, 2)
    assert stack.waiting(dead) == 2

    code, out, _ = command("redrive", *urls)
    moved = json.loads(out)
    assert (code, moved["moved"]) == (1, 1), "what is left makes it 1"
    assert [letter["unreadable"] for letter in moved["letters"]] == ["the queued message is not an envelope"]
    assert stack.waiting(dead) == 1
    assert stack.logged(message_id, reports=1)["state"] == "delivered"

    # The processor sets it aside again at once. That is an end, and no to and fro.
    code, out, _ = command("redrive", *urls, "--unreadable")
    assert json.loads(out)["moved"] == 1
    eventually(lambda: stack.waiting(dead) == 1)
    purge(stack, dead)


def test_reprocess_takes_up_what_an_older_version_did_not_understand(
    stack: Stack, command: Command, seal: Seal, run: Environments
) -> None:
    message_id = sinch.new_id()
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    sent = seal(callback)
    record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], sent["MessageDeduplicationId"])
    assert run("processor", ARCHIVE="on").invoke(events.sqs(record), 30).response == {"batchItemFailures": []}
    assert stack.body(callback.content_key) == callback.body
    assert "unrecognized" not in stack.callback(callback.content_key)
    # As a version leaves it that does not know the body: kept with a reason, and no message of it.
    table = stack.outputs["TableName"]
    for item in stack.items(f"message#{message_id}"):
        key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
        stack.dynamodb.delete_item(TableName=table, Key=key)
    stack.dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": f"callback#{callback.content_key}"}, "sk": {"S": "callback"}},
        UpdateExpression="SET unrecognized = :why",
        ExpressionAttributeValues={":why": {"S": "unknown_kind"}},
    )
    arguments = ("reprocess", callback.content_key, "--table", table, "--json")

    code, out, errors = command(*arguments, "--dry-run")
    assert code == 0, errors
    reading = json.loads(out.splitlines()[0])
    assert (reading["was"], reading["is"], reading["reports"], reading["reprocessed"]) == (
        "unknown_kind",
        None,
        1,
        True,
    )
    assert stack.message(message_id) is None

    code, out, errors = command(*arguments, "--queue-url", stack.outputs["QueueUrl"])
    assert code == 0, errors
    stack.logged(message_id, reports=1)
    # What is understood is not kept.
    assert eventually(lambda: stack.items(f"callback#{callback.content_key}") == [])

    code, _, errors = command(*arguments, "--dry-run")
    assert code == 1 and "is listed as not understood" in errors and "not kept (Archive=off)" in errors


def test_reprocess_applies_a_report_whose_status_an_older_version_did_not_know(
    stack: Stack, command: Command, seal: Seal, run: Environments
) -> None:
    message_id, table = sinch.new_id(), stack.outputs["TableName"]
    unknown, known = (
        sinch.sign(sinch.Report(message_id, status).body(), stack.secret) for status in ("TELEPORTED", "DELIVERED")
    )
    sent = seal(unknown)
    record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], sent["MessageDeduplicationId"])
    assert run("processor").invoke(events.sqs(record), 30).response == {"batchItemFailures": []}
    assert stack.message(message_id)["state"] is None
    assert command("reprocess", unknown.content_key, "--table", table, "--dry-run")[0] == 1

    # The same, of a status that only the version at hand knows: the message as it was written first, deflated
    # by itself, and its callback with its body.
    def deflated(data: bytes) -> bytes:
        press = zlib.compressobj(wbits=-15)
        return press.compress(data) + press.flush()

    (item,) = stack.items(f"message#{message_id}")
    text = text_of(item).replace(unknown.content_key, known.content_key)
    (callback,) = stack.items(f"callback#{unknown.content_key}")
    body = {"deflated": len(known.body), "body": deflated(known.body)}
    stack.put({name: value for name, value in item.items() if name != "m"} | {"message": deflated(text.encode())})
    stack.put(callback | {"pk": f"callback#{known.content_key}"} | body)

    arguments = ("reprocess", known.content_key, "--table", table, "--json")
    code, out, errors = command(*arguments, "--queue-url", stack.outputs["QueueUrl"])
    assert code == 0, errors
    reading = json.loads(out.splitlines()[0])
    assert (reading["was"], reading["is"], reading["reprocessed"]) == ("unknown_status", None, True)
    message = stack.logged(message_id, reports=1)
    eventually(lambda: stack.message(message_id)["state"] == "delivered")
    assert [entry["status"] for entry in stack.log(message_id)] == ["DELIVERED"]
    assert message["id"] == message_id
    # Its body goes once the message has it.
    assert eventually(lambda: stack.items(f"callback#{known.content_key}") == [])
    (event,) = eventually(lambda: stack.events(message_id))
    assert (event["detail-type"], event["detail"]["version"]) == ("delivery.delivered", 2)


def purge(stack: Stack, url: str) -> None:
    stack.sqs.purge_queue(QueueUrl=url)
    eventually(lambda: stack.waiting(url) == 0)


def test_forget_deletes_a_person_or_a_message_from_the_table_and_a_repeat_does_not_bring_them_back(
    stack: Stack, command: Command, seal: Seal, run: Environments
) -> None:
    digits = f"4670{uuid.uuid4().int % 10**7:07d}"
    identity, other = f"+{digits}", f"+{digits}9"
    processor, table = run("processor", ARCHIVE="on"), ("--table", stack.outputs["TableName"], "--json")

    def recorded(body: bytes, times: int = 1) -> sinch.Callback:
        callback = sinch.sign(body, stack.secret)
        for number in range(times):
            sent = seal(callback)
            record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], f"{callback.content_key}-{number}")
            assert processor.invoke(events.sqs(record), 30).response == {"batchItemFailures": []}
        return callback

    def report(message_id: str, status: str, whom: str) -> bytes:
        return sinch.Report(message_id, status).body().replace(sinch.IDENTITY.encode(), whom.encode())

    theirs, others = sinch.new_id("theirs"), sinch.new_id("others")
    queued = recorded(report(theirs, "QUEUED_ON_CHANNEL", identity))
    # A body that is split among items, also where it is deflated, and at its end the number.
    noise = random.Random(1).randbytes(400_000).hex().encode()
    split = recorded(
        sinch.Report(sinch.new_id()).body()[:-1] + b', "noise": "' + noise + b" " + digits.encode() + b' tail"}'
    )
    assert len(stack.items(f"callback#{split.content_key}")) > 1
    kept = recorded(report(others, "DELIVERED", other))

    code, out, _ = command("forget", "--identity", identity, "--dry-run", *table)
    expected = {"messages": 1, "bodies": 2, "events": 0, "queued": 0, "intents": 0}
    assert (code, json.loads(out)) == (0, expected)
    assert stack.message(theirs) and stack.body(queued.content_key)

    # However the number is written.
    code, out, _ = command("forget", "--identity", f"{digits[:3]} {digits[3:]}", *table)
    assert (code, json.loads(out)) == (0, expected)
    assert stack.items(f"message#{theirs}") == []
    assert stack.body(queued.content_key) is None and stack.body(split.content_key) is None
    assert other[1:] in str(stack.message(others)["delivery"]) and stack.body(kept.content_key) == kept.body
    everything = [aggregate(i) if "m" in i else i for i in stack.scan("") if i["pk"].startswith("message#")]
    assert everything
    assert not any(digits in re.findall(r"[0-9]+", str(item)) for item in everything)

    # The same callback once more, and another report on the message: nothing of them is kept.
    for late in (queued, sinch.sign(report(theirs, "DELIVERED", identity), stack.secret)):
        sent = seal(late)
        again = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], f"late {late.content_key}")
        assert processor.invoke(events.sqs(again), 30).response == {"batchItemFailures": []}
        assert stack.items(f"message#{theirs}") == []
        assert stack.body(late.content_key) is None
    marks = stack.scan("forgotten#")
    assert marks and theirs not in str(marks)
    assert all(30 * 86_400 - 600 < mark["expires_at"] - time.time() <= 30 * 86_400 for mark in marks)

    code, out, _ = command("forget", "--identity", identity, *table)
    assert code == 1, out
    code, out, _ = command("forget", "--message", others, *table)
    assert (code, json.loads(out)) == (0, expected | {"bodies": 1})
    assert stack.items(f"message#{others}") == [] and stack.body(kept.content_key) is None
    assert command("forget", "--message", others, *table)[0] == 1
