"""Recovery as it is deployed, against a stand-in for Sinch that calls back: what is sent, and what is not."""

import json
import time
from typing import Any

import pytest

import sinch
from poll import eventually
from recovery import BUSY, CUT, DOUBLED, ENDS, ERROR, FAILS, FROM, SILENT, Person, Recovery, intent
from stack import REGION

# How long a switch may take to be seen.
SEEN = 5
BY_EMAIL = {"steps": [{"channel": "EMAIL", "wait": "PT30S"}]}
BY_SMS = {"steps": [{"channel": "SMS", "wait": "PT30S"}]}


# Somebody whose intent was held back, and its key.
Held = tuple[Person, str]


@pytest.fixture(name="held", scope="module")
def fixture_held() -> list[Held]:
    return []


@pytest.fixture(autouse=True)
def fixture_on(recovery: Recovery) -> None:
    recovery.switch("on")


def channels(sends: list[dict[str, Any]]) -> list[str]:
    return [send["channel"] for send in sends]


def test_a_code_whose_sms_fails_arrives_by_another_channel(recovery: Recovery) -> None:
    person = Person(FAILS)
    asked = intent(person)
    key, text = asked["key"], asked["content"]["text"]
    accepted = recovery.invoke(asked)
    assert (accepted["key"], accepted["state"]) == (key, "waiting")

    shown = recovery.ended(key, "done")
    assert [(a["channel"], a["message_state"]) for a in shown["attempts"]] == [
        ("SMS", "failed"),
        ("WHATSAPP", "delivered"),
    ]
    # Each attempt is called once, and its name comes back with every report.
    sends = recovery.sinch.sends(person.number)
    assert [(s["channel"], s["correlation_id"]) for s in sends] == [
        ("SMS", f"{shown['intent_id']}~1"),
        ("WHATSAPP", f"{shown['intent_id']}~2"),
    ]
    # The failure had five seconds to be corrected.
    assert sends[1]["at_ms"] - sends[0]["at_ms"] >= 5_000

    told = eventually(lambda: e if (e := recovery.events(key)) and e[-1]["type"] == "intent.done" else None)
    assert [(e["type"], e["reason"]) for e in told] == [
        ("intent.attempt", "sent"),
        ("intent.attempt", "sent"),
        ("intent.done", "delivered"),
    ]
    assert text not in json.dumps(told) and person.number not in json.dumps(told)
    assert text not in str(recovery.items())


def test_the_same_key_is_the_same_intent_and_another_under_it_is_refused(recovery: Recovery) -> None:
    person = Person(SILENT)
    asked = intent(person)
    first, same = recovery.invoke(asked), recovery.invoke(asked)
    assert same["intent_id"] == first["intent_id"]
    other = recovery.invoke({**asked, "content": {"text": "another"}})
    assert other["code"] == "key_in_use"
    assert channels(recovery.sinch.sends(person.number)) == ["SMS"]
    wrong = recovery.invoke({**asked, "key": sinch.new_id(), "deadline": "yesterday"})
    assert wrong["code"] == "invalid_intent" and wrong["faults"][0]["field"] == "deadline"
    assert recovery.show(sinch.new_id())["code"] == "unknown_intent"

    # What is cancelled goes on to no other channel, however long its message is silent.
    cancelled = recovery.invoke({"command": "cancel", "key": asked["key"]})
    assert (cancelled["state"], cancelled["cancelled"]) == ("given_up", True)
    assert channels(recovery.sinch.sends(person.number)) == ["SMS"]


def test_a_dry_run_decides_everything_and_sends_nothing_also_later(recovery: Recovery) -> None:
    person = Person()
    recovery.switch("dry-run")
    time.sleep(SEEN)
    asked = intent(person)
    shown = recovery.invoke(asked)
    assert shown["dry_run"] is True and shown["log"]
    recovery.switch("on")
    time.sleep(SEEN)
    recovery.invoke(asked)
    recovery.ended(asked["key"], "given_up")
    assert recovery.sinch.sends(person.number) == []


def test_nothing_is_sent_five_seconds_after_the_switch_is_off(recovery: Recovery, held: list[Held]) -> None:
    asked = []

    def ask() -> None:
        asked.append((Person(), sinch.new_id("switch")))
        person, key = asked[-1]
        recovery.invoke(intent(person, key))

    ask()
    recovery.switch("off")
    off = time.time()
    while time.time() < off + SEEN + 2:
        ask()
    sent = {s["to"]: s["at_ms"] for s in recovery.sinch.sends()}
    late = [sent[p.number] / 1000 - off for p, _ in asked if sent.get(p.number, 0) / 1000 > off + SEEN]
    assert late == []
    held += [(person, key) for person, key in asked if person.number not in sent]
    assert held and asked[0][0].number in sent


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def consent(person: Person, word: str) -> bytes:
    notification = {
        "contact_id": "made-up-contact",
        "channel": "SMS",
        "identity": person.number.removeprefix("+"),
        "status": f"OPT_{word.upper()}_SUCCEEDED",
    }
    callback = {
        "app_id": "made-up-app",
        "project_id": "made-up-project",
        "event_time": now(),
        f"opt_{word}_notification": notification,
    }
    return json.dumps(callback).encode()


def test_who_has_opted_out_is_not_sent_to_until_they_opt_in(recovery: Recovery) -> None:
    person, stack = Person(), recovery.stack

    def wishes() -> dict[str, set[str]]:
        items = [item for item in recovery.items() if item["pk"]["S"].startswith("suppressed#")]
        return {item["pk"]["S"]: set(item) for item in items}

    before = wishes()
    assert stack.post(stack.signed(consent(person, "out"))).code == "accepted"
    (mine,) = eventually(lambda: wishes().keys() - before.keys())
    # Nobody's number stands there.
    assert person.number.removeprefix("+") not in str(wishes())
    asked = intent(person, plan=BY_SMS, to={"SMS": person.number})
    recovery.invoke(asked)
    shown = recovery.ended(asked["key"], "given_up")
    assert shown["reason"] == "suppressed" and shown["attempts"] == []

    time.sleep(1.1)  # Wishes are ordered by the second.
    assert stack.post(stack.signed(consent(person, "in"))).code == "accepted"
    eventually(lambda: "opted_in" in wishes()[mine])
    again = intent(person, plan=BY_SMS, to={"SMS": person.number})
    recovery.invoke(again)
    recovery.ended(again["key"], "done")
    assert channels(recovery.sinch.sends(person.number)) == ["SMS"]


def test_what_becomes_of_an_email_is_a_report(recovery: Recovery) -> None:
    """ministack takes what SES is sent and tells nothing of it, so its events are put where the rule puts them."""
    bus = recovery.cloud.client("events")
    (pattern,) = [
        rule["EventPattern"] for rule in bus.list_rules()["Rules"] if "aws.ses" in rule.get("EventPattern", "")
    ]
    for kind, more, state in (
        ("Email Delivered", {"delivery": {}}, "done"),
        ("Email Bounced", {"bounce": {"bounceType": "Permanent"}}, "given_up"),
    ):
        address = f"{sinch.new_id()}@example.com"
        asked = intent(Person(), plan=BY_EMAIL, to={"EMAIL": address})
        recovery.invoke(asked)
        (sent,) = recovery.stack.proxy.asked("ses", "SendEmail", address)
        assert sent.json["FromEmailAddress"] == FROM
        assert sent.json["ConfigurationSetName"] == "reach-recovery-email"
        shown = recovery.show(asked["key"])
        (attempt,) = shown["attempts"]
        assert attempt["state"] == "sent"
        tags = {tag["Name"]: [tag["Value"]] for tag in sent.json["EmailTags"]}
        mail = {
            "messageId": attempt["message_id"],
            "tags": tags | {"ses:configuration-set": ["reach-recovery-email"]},
        }
        event = {"source": "aws.ses", "detail-type": kind, "detail": {"mail": mail, **more}}
        told = event | {
            "id": sinch.new_id(),
            "account": "000000000000",
            "time": now(),
            "region": REGION,
            "resources": [],
        }
        assert bus.test_event_pattern(EventPattern=pattern, Event=json.dumps(told))["Result"]
        recovery.stack.sqs.send_message(QueueUrl=recovery.outputs["EventQueueUrl"], MessageBody=json.dumps(told))
        recovery.ended(asked["key"], state)


def test_intents_come_by_the_queue_and_what_is_none_is_told(recovery: Recovery) -> None:
    people = [Person(), Person(BUSY), Person(DOUBLED)]
    asked = [intent(person) for person in people]
    # The first comes twice, as SQS may deliver it.
    recovery.queue(*asked, asked[0], {**asked[0], "key": "no spaces allowed"}, "made-up: no JSON")
    recovery.queue({**asked[1], "deadline": "PT20M"})
    for person, one in zip(people, asked, strict=True):
        shown = recovery.ended(one["key"], "done", limit=90)
        answered = [s for s in recovery.sinch.sends(person.number) if s["message_ids"]]
        assert len(answered) == 1 and len(shown["attempts"]) == 1, shown

    def refused() -> list[dict[str, Any]]:
        kinds = ("intent.invalid", "intent.conflict")
        found = [e["detail"] for e in recovery.stack.all_events() if e["detail-type"] in kinds]
        assert len(found) == 3, found
        return found

    told = eventually(refused)
    (conflict,) = [e for e in told if e["type"] == "intent.conflict"]
    assert conflict["key"] == asked[1]["key"]
    assert [fault["field"] for e in told for fault in e.get("faults", []) if fault["field"] == "key"] == ["key"]
    texts = json.dumps(told)
    assert people[0].number not in texts and asked[0]["content"]["text"] not in texts


@pytest.mark.parametrize("records", [{}, 5, [{"body": 5}], [{"messageId": ["no text"]}]])
def test_nothing_is_acknowledged_of_a_batch_that_is_none(recovery: Recovery, records: Any) -> None:
    """An answer without a list of failures would have SQS delete the messages."""
    with pytest.raises(AssertionError, match="the records are no batch of SQS"):
        recovery.invoke({"Records": records})


def test_a_first_send_of_somebody_elses_is_taken_on(recovery: Recovery) -> None:
    person, message_id = Person(), sinch.new_id()
    asked = intent(person, sent={"message_id": message_id, "channel": "SMS"})
    shown = recovery.invoke(asked)
    assert [(a["state"], a["by_others"]) for a in shown["attempts"]] == [("sent", True)]
    stack = recovery.stack
    failed = sinch.Report(message_id, "FAILED", reason={"code": "RECIPIENT_NOT_REACHABLE"})
    assert stack.post(stack.signed(failed.body())).code == "accepted"
    recovery.ended(asked["key"], "done")
    assert channels(recovery.sinch.sends(person.number)) == ["WHATSAPP"]


def test_a_call_of_unknown_outcome_is_found_by_its_report_and_not_repeated(recovery: Recovery) -> None:
    for trouble in (ERROR, CUT):
        person = Person(trouble)
        asked = intent(person)
        recovery.invoke(asked)
        shown = recovery.ended(asked["key"], "done")
        assert channels(recovery.sinch.sends(person.number)) == ["SMS"]
        assert shown["attempts"][0]["unresolved"] is True
        told = recovery.events(asked["key"])
        assert told[0]["type"] == "intent.attempt" and told[0]["reason"] == "unresolved"
        assert len([e for e in told if e["type"] in ENDS]) <= 1


def test_what_was_held_back_is_sent_once_the_switch_is_on(recovery: Recovery, held: list[Held]) -> None:
    """The look of a minute later sends it, which the other tests did not wait for."""
    assert held
    for person, key in held:
        recovery.ended(key, "done", limit=90)
        assert channels(recovery.sinch.sends(person.number)) == ["SMS"]
