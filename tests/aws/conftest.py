import base64
import contextlib
import functools
import os
import platform
import signal
import zipfile
from pathlib import Path

import pytest

import events
import kept_logs
import sinch
from runtime_api import Function
from stack import CREDENTIALS, REGION, REPOSITORY, Answer, Ministack, Stack

SECRET_PARAMETER = "/sinch/webhook/secret"


def pytest_configure():
    # Ended by its caller, a run still stops its processes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """Before the folders are cleared away."""
    kept_logs.keep_all(session.config._tmp_path_factory.getbasetemp(), sinch.unspeakable)


@pytest.fixture(scope="session")
def zips() -> Path:
    arch = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = Path(os.environ.get("LAMBDA_ZIPS", REPOSITORY / "target" / "lambda" / arch))
    for name in ("receiver.zip", "processor.zip"):
        assert (folder / name).is_file(), f"{folder / name} is missing: run scripts/build-lambda --arch {arch}"
    return folder


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    cloud = Ministack(tmp_path_factory.mktemp("ministack"))
    yield cloud
    cloud.stop()
    assert cloud.processes() == []


@pytest.fixture(scope="session")
def stack(cloud, zips):
    secret = sinch.new_secret()
    cloud.client("ssm").put_parameter(Name=SECRET_PARAMETER, Value=secret, Type="SecureString")
    stack = Stack(cloud, "callbacks", zips, stack_parameters())
    stack.secret = secret
    yield stack
    keep_function_logs(stack)


def keep_function_logs(stack: Stack) -> None:
    """Of the functions that ministack runs, which write to its CloudWatch Logs alone."""
    for function in ("Receiver", "Processor"):
        kept_logs.keep_lines(function.lower(), functools.partial(stack.log_lines, function))


def stack_parameters(**more: str) -> dict[str, str]:
    architecture = "arm64" if platform.machine() == "aarch64" else "x86_64"
    return {
        "SecretParameterNames": SECRET_PARAMETER,
        "Architecture": architecture,
        "LogLevel": "debug",
        "Events": "all",
        # An alarm on a quotient of metrics, which ministack does not know.
        "FailedSharePercent": "0",
        **more,
    }


@pytest.fixture
def proxy(cloud):
    yield cloud.proxy
    cloud.proxy.heal()


@pytest.fixture(scope="session")
def bootstraps(zips, tmp_path_factory) -> dict[str, Path]:
    """The functions' programs, taken out of their zips."""
    folder = tmp_path_factory.mktemp("bootstraps")
    found = {}
    for name in ("receiver", "processor"):
        with zipfile.ZipFile(zips / f"{name}.zip") as package:
            package.extractall(folder / name)
        found[name] = folder / name / "bootstrap"
        found[name].chmod(0o755)
    return found


@pytest.fixture
def run(stack, bootstraps, tmp_path):
    """Starts one environment of a function, beside those that the stack runs."""
    with environments(stack, bootstraps, tmp_path) as start:
        yield start


@contextlib.contextmanager
def environments(stack: Stack, bootstraps: dict[str, Path], folder: Path):
    running: list[Function] = []

    def start(name: str, **environment: str) -> Function:
        common = {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": stack.proxy.url,
            "LOG_LEVEL": "debug",
        }
        own = {
            "receiver": {"QUEUE_URL": stack.outputs["QueueUrl"], "SECRET_PARAMETERS": SECRET_PARAMETER},
            "processor": {
                "TABLE_NAME": stack.outputs["TableName"],
                "EVENT_BUS_NAME": stack.outputs["EventBusName"],
                "EVENTS": "all",
                "QUEUE_URL": stack.outputs["QueueUrl"],
                "DEAD_LETTER_QUEUE_URL": stack.outputs["DeadLetterQueueUrl"],
            },
        }[name]
        log = folder / f"{name}-{len(running)}.log"
        function = Function(bootstraps[name], {**common, **own, **environment}, log)
        running.append(function)
        return function

    start.running = running
    try:
        yield start
    finally:
        for function in running:
            function.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows beside a failure what the functions and ministack wrote last."""
    report = yield
    if report.failed:
        start, stack = item.funcargs.get("run"), item.funcargs.get("stack")
        for function in start.running if start else ():
            report.sections.append((function.log.name, tail(function.log)))
        if stack:
            report.sections.append(("ministack", tail(stack.cloud.log)))
    return report


def tail(log: Path) -> str:
    return "\n".join(line[:400] for line in log.read_text(errors="replace").splitlines()[-25:])


@pytest.fixture(scope="session")
def aside(stack) -> str:
    """A FIFO queue that nobody processes."""
    return stack.sqs.create_queue(QueueName="aside.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


@pytest.fixture
def seal(stack, run, aside):
    """Gives what a real receiver puts into the queue for a callback, without processing it."""
    receiver = run("receiver", QUEUE_URL=aside)
    return lambda callback: sealed(stack, receiver, callback)


def sealed(stack: Stack, receiver: Function, callback: sinch.Callback) -> dict:
    answer = receive(receiver, callback)
    assert answer.status == 200, str(answer)
    return stack.proxy.asked("sqs", "SendMessage", callback.content_key)[-1].json


def receive(receiver: Function, callback: sinch.Callback, *, seconds: float = 10.0, **how) -> Answer:
    """What this environment of the receiver answers the callback."""
    outcome = receiver.invoke(events.function_url(callback, **how), seconds)
    assert outcome.error is None, outcome.error
    body = outcome.response["body"]
    binary = outcome.response.get("isBase64Encoded")
    return Answer(outcome.response["statusCode"], base64.b64decode(body) if binary else body.encode())
