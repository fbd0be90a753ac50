"""Where the secrets come from: rotation, outages of SSM, and strangers who would drive reads."""

import json
import threading
import time
import uuid

import pytest

import sinch
from conftest import SECRET_PARAMETER, Environments, receive
from poll import eventually
from proxy import FaultProxy
from stack import Answer, Stack


@pytest.fixture
def parameter(stack: Stack) -> tuple[str, str]:
    """A parameter of the test's own, with a first secret."""
    name = f"/test/{uuid.uuid4()}"
    secret = sinch.new_secret()
    stack.ssm.put_parameter(Name=name, Value=secret, Type="SecureString")
    return name, secret


def rotate(stack: Stack, name: str, value: str | None = None) -> str:
    secret = value or sinch.new_secret()
    stack.ssm.put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    return secret


def reads(stack: Stack, name: str) -> int:
    """How often the parameter's newest version was asked for."""
    asked = stack.proxy.asked("ssm", "GetParameters", name)
    return sum(name in request.json["Names"] for request in asked)


def test_a_rotation_in_the_middle_of_traffic_refuses_nothing(stack: Stack) -> None:
    stack.redeploy_receiver()
    old = stack.secret
    secrets = [old]
    answers = []
    stop = threading.Event()

    def send(own: int) -> None:
        n = own
        while not stop.is_set():
            secret = secrets[n % len(secrets)]
            n += 1
            answers.append((len(secrets), stack.post(sinch.sign(sinch.new_report(), secret))))

    senders = [threading.Thread(target=send, args=(own,)) for own in range(4)]
    for sender in senders:
        sender.start()
    try:
        eventually(lambda: len(answers) >= 40)
        new = rotate(stack, SECRET_PARAMETER)
        stack.secret = new
        # From here on Sinch signs with either.
        secrets.append(new)
        begun = len(answers)
        eventually(lambda: len(answers) >= begun + 120)
    finally:
        stop.set()
        for sender in senders:
            sender.join()
    refused = [(known, str(answer)) for known, answer in answers if answer.status != 200]
    assert refused == []
    assert sum(known == 2 for known, _ in answers) >= 100


def test_a_secret_just_put_is_read_again_at_the_first_mismatch(
    stack: Stack, run: Environments, aside: str, parameter: tuple[str, str]
) -> None:
    name, old = parameter
    receiver = run("receiver", SECRET_PARAMETERS=name, QUEUE_URL=aside)
    assert receive(receiver, sinch.sign(sinch.new_report(), old)).status == 200
    new = rotate(stack, name)
    assert receive(receiver, sinch.sign(sinch.new_report(), new)).status == 200
    assert receive(receiver, sinch.sign(sinch.new_report(), old)).status == 200


def test_the_previous_secret_is_taken_inside_the_overlap_and_refused_after_it(
    stack: Stack, run: Environments, aside: str, parameter: tuple[str, str]
) -> None:
    name, old = parameter
    new = rotate(stack, name)
    put_at = int(stack.ssm.get_parameter(Name=name)["Parameter"]["LastModifiedDate"].timestamp())

    def answer(seconds_later: int, secret: str) -> Answer:
        now = put_at + seconds_later
        receiver = run(
            "receiver",
            SECRET_PARAMETERS=name,
            QUEUE_URL=aside,
            SECRET_OVERLAP_SECONDS="600",
            CLOCK_AT=str(now),
        )
        return receive(receiver, sinch.sign(sinch.new_report(), secret, at=now))

    assert answer(590, old).code == "accepted"
    assert answer(610, old).code == "signature_mismatch"
    assert answer(610, new).code == "accepted"


def test_secrets_of_several_parameters_and_of_a_json_array_are_all_taken(
    stack: Stack, run: Environments, aside: str, parameter: tuple[str, str]
) -> None:
    first_name, first = parameter
    several = [sinch.new_secret(), sinch.new_secret()]
    second_name = f"/test/{uuid.uuid4()}"
    stack.ssm.put_parameter(Name=second_name, Value=json.dumps(several), Type="SecureString")
    receiver = run("receiver", SECRET_PARAMETERS=f"{first_name},{second_name}", QUEUE_URL=aside)
    for secret in (first, *several):
        assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
    assert receive(receiver, sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"))).status == 401


def test_ssm_down_at_start_is_503_and_the_retry_gets_through_once_it_is_back(
    stack: Stack, run: Environments, aside: str, proxy: FaultProxy
) -> None:
    callback = sinch.sign(sinch.new_report(), stack.secret)
    with proxy.failing("ssm", "reset"):
        receiver = run("receiver", QUEUE_URL=aside)
        answer = receive(receiver, callback)
        assert (answer.status, answer.code) == (503, "secret_unavailable")

    def retried() -> bool:
        answer = receive(receiver, callback)
        assert answer.code == "accepted"
        return True

    eventually(retried, limit=20)


def test_a_parameter_that_does_not_exist_is_503_until_it_does(stack: Stack, run: Environments, aside: str) -> None:
    name = f"/test/{uuid.uuid4()}"
    receiver = run("receiver", SECRET_PARAMETERS=name, QUEUE_URL=aside)
    secret = sinch.new_secret()
    answer = receive(receiver, sinch.sign(sinch.new_report(), secret))
    assert (answer.status, answer.code) == (503, "secret_unavailable")
    stack.ssm.put_parameter(Name=name, Value=secret, Type="SecureString")
    eventually(lambda: receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200, limit=20)


def test_ssm_that_never_answers_is_503_before_the_invocation_ends(
    stack: Stack, run: Environments, aside: str, proxy: FaultProxy
) -> None:
    with proxy.failing("ssm", "hang") as fault:
        receiver = run("receiver", QUEUE_URL=aside)
        assert fault.met.acquire(timeout=10), "the secrets were not read before the first callback"

        def tried_again() -> bool:
            answer = receive(receiver, sinch.sign(sinch.new_report(), stack.secret))
            assert (answer.status, answer.code) == (503, "secret_unavailable")
            return len(stack.proxy.asked("ssm", "GetParameters")) > asked

        asked = len(stack.proxy.asked("ssm", "GetParameters")) + 3
        eventually(tried_again, limit=30)


def test_ssm_down_later_does_not_stop_a_receiver_that_has_read_its_secrets(
    stack: Stack, run: Environments, aside: str, proxy: FaultProxy, parameter: tuple[str, str]
) -> None:
    name, secret = parameter
    receiver = run("receiver", SECRET_PARAMETERS=name, QUEUE_URL=aside, SECRET_REFRESH_SECONDS="1")
    assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
    with proxy.failing("ssm", "error", status=500, code="InternalServerError") as fault:
        deadline = time.monotonic() + 20
        # Until a refresh has been tried, and has failed; and some more.
        while not fault.met.acquire(timeout=0.05):
            assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
            assert time.monotonic() < deadline, "the secrets were never read again"
        for _ in range(20):
            assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
        # Of these nobody can say now whether they are forged.
        new = rotate(stack, name)
        for unknown in (new, sinch.new_secret("a-strangers")):
            answer = receive(receiver, sinch.sign(sinch.new_report(), unknown))
            assert answer.status == 503
            assert answer.code in ("secret_unavailable", "secret_may_be_newer")
    eventually(lambda: receive(receiver, sinch.sign(sinch.new_report(), new)).status == 200, limit=40)
    # What was signed before the secrets were read cannot be of a newer one.
    an_hour_old = sinch.sign(sinch.new_report(), sinch.new_secret("a-strangers"), at=int(time.time()) - 3_600)
    assert receive(receiver, an_hour_old).status == 401


def test_throttling_by_ssm_at_start_is_waited_out(
    stack: Stack, run: Environments, aside: str, proxy: FaultProxy
) -> None:
    with proxy.failing("ssm", "error", status=400, code="ThrottlingException", times=1):
        receiver = run("receiver", QUEUE_URL=aside)
        eventually(lambda: receive(receiver, sinch.sign(sinch.new_report(), stack.secret)).status == 200, limit=20)


def test_a_flood_of_forgeries_drives_at_most_one_read(
    stack: Stack, run: Environments, aside: str, parameter: tuple[str, str]
) -> None:
    name, secret = parameter
    receiver = run("receiver", SECRET_PARAMETERS=name, QUEUE_URL=aside)
    assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
    before = reads(stack, name)
    stranger = sinch.new_secret("a-strangers")
    begun = time.monotonic()
    told = [receive(receiver, sinch.sign(sinch.new_report(), stranger)) for _ in range(300)]
    # The first one has them read; the others may be of a secret that was put since.
    assert [(answer.status, answer.code) for answer in told[:2]] == [
        (401, "signature_mismatch"),
        (503, "secret_may_be_newer"),
    ]
    assert {answer.code for answer in told[1:]} == {"secret_may_be_newer"}
    an_hour_old = sinch.sign(sinch.new_report(), stranger, at=int(time.time()) - 3_600)
    assert receive(receiver, an_hour_old).status == 401
    assert time.monotonic() - begun < 30, "too slow to show anything"
    assert reads(stack, name) - before == 1
    assert receive(receiver, sinch.sign(sinch.new_report(), secret)).status == 200
