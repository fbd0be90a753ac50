"""Endpoints of other products: each judged by its own scheme and secrets, on the one stack and its queue."""

import json
import uuid

import sinch
from conftest import SECRET_PARAMETER, Environments, receive
from endpoint_callbacks import NUMBERS, VOICE, call, number, numbers_event, voice_event
from poll import eventually
from stack import Stack


def told(stack: Stack, callback: sinch.Callback) -> list[str]:
    """The types of the events on a callback."""
    return [e["detail-type"] for e in stack.all_events() if e["detail"].get("content_key") == callback.content_key]


def test_an_event_of_numbers_goes_the_whole_way_and_counts_once(stack: Stack) -> None:
    callback = numbers_event(number(), stack.endpoint_secrets["numbers"])
    for _ in range(2):
        answer = stack.post(callback, path=NUMBERS["path"])
        assert (answer.status, answer.code) == (200, "accepted")
    assert eventually(lambda: stack.callback(callback.content_key))

    assert eventually(stack.idle)
    assert eventually(lambda: told(stack, callback)) == ["numbers.event"]


def test_what_is_of_no_such_scheme_or_secret_is_refused_at_its_path(stack: Stack) -> None:
    own, path = stack.endpoint_secrets["numbers"], NUMBERS["path"]
    # Each the callback of another endpoint: by its form, or by its secret.
    for callback, at, expected in [
        (numbers_event(number(), sinch.new_secret("a-strangers")), path, (401, "signature_mismatch")),
        (numbers_event(number(), stack.secret), path, (401, "signature_mismatch")),
        (numbers_event(number(), own), "/callbacks", (400, "missing_header")),
        (stack.signed(), path, (400, "missing_header")),
        # Its authorization is what CloudFront puts there, with commas in it.
        (stack.signed(), VOICE["path"], (400, "repeated_header")),
    ]:
        answer = stack.post(callback, path=at)
        # Of a second mismatch, which has no time, nobody can say that no secret was put since.
        possible = {expected, (503, "secret_may_be_newer")} if expected[0] == 401 else {expected}
        assert (answer.status, answer.code) in possible
        assert stack.callback(callback.content_key) is None


def test_an_event_of_voice_is_taken_and_a_question_refused_since_a_queue_has_no_answer(stack: Stack) -> None:
    # As the edge hands it on, with CloudFront's own signature in the place of Sinch's.
    secret, path = stack.endpoint_secrets["voice"], VOICE["public_path"]
    over = {"header": "x-callback-authorization"}
    dice = voice_event(call("dice"), secret, path, **over)
    answer = stack.post(dice, path=VOICE["path"])
    assert (answer.status, answer.code) == (200, "accepted")
    assert eventually(lambda: told(stack, dice)) == ["voice.event"]
    answer = stack.post(voice_event(call("ice"), secret, path, **over), path=VOICE["path"])
    assert (answer.status, answer.code) == (422, "answer_expected")
    # Signed for the path here, and not for the one that Sinch calls.
    answer = stack.post(voice_event(call("dice"), secret, VOICE["path"], **over), path=VOICE["path"])
    assert answer.status != 200


def test_an_endpoint_s_secret_is_rotated_and_no_other_s(stack: Stack, run: Environments, aside: str) -> None:
    name, old = f"/test/{uuid.uuid4()}", sinch.new_secret()
    stack.ssm.put_parameter(Name=name, Value=old, Type="SecureString")
    endpoints = [{"path": "/callbacks", "scheme": "numbers", "secrets": [name]}]
    receiver = run("receiver", ENDPOINTS=json.dumps(endpoints), QUEUE_URL=aside)
    assert receive(receiver, numbers_event(number(), old)).status == 200
    new = sinch.new_secret()
    stack.ssm.put_parameter(Name=name, Value=new, Type="SecureString", Overwrite=True)
    for secret in (new, old, new):
        assert receive(receiver, numbers_event(number(), secret)).status == 200
    asked = stack.proxy.asked("ssm", "GetParameters", name)
    assert all(set(request.json["Names"]) <= {name, f"{name}:1"} for request in asked)
    assert any(SECRET_PARAMETER in request.json["Names"] for request in stack.proxy.asked("ssm", "GetParameters"))


def test_a_short_secret_is_503_and_the_log_says_why(stack: Stack, run: Environments, aside: str) -> None:
    name, short = f"/test/{uuid.uuid4()}", "fifteen-letters"
    stack.ssm.put_parameter(Name=name, Value=short, Type="SecureString")
    endpoints = [{"path": "/callbacks", "scheme": "numbers", "secrets": [name]}]
    receiver = run("receiver", ENDPOINTS=json.dumps(endpoints), QUEUE_URL=aside)
    answer = receive(receiver, numbers_event(number(), short))
    assert (answer.status, answer.code) == (503, "secret_unavailable")
    reason = f"the parameter {name}: the secret has fewer than 16 bytes: set a longer one at Sinch"
    assert reason in receiver.log_text() and short not in receiver.log_text()


def test_where_nothing_else_is_taken_other_paths_are_nobody_s(stack: Stack, run: Environments, aside: str) -> None:
    endpoints = [{"path": "/numbers", "scheme": "numbers", "secrets": [SECRET_PARAMETER]}]
    receiver = run("receiver", ENDPOINTS=json.dumps(endpoints), SECRET_PARAMETERS="", QUEUE_URL=aside)
    answer = receive(receiver, stack.signed())
    assert (answer.status, answer.code) == (404, "unknown_path")
