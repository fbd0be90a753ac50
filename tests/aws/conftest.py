import base64
import contextlib
import functools
import os
import platform
import signal
import subprocess
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

import endpoint_callbacks
import events
import kept_logs
import sinch
from proxy import FaultProxy
from recovery import Recovery
from runtime_api import Function
from stack import CREDENTIALS, REGION, REPOSITORY, Answer, Ministack, Stack

# What gives a callback as a real receiver queues it.
Seal = Callable[[sinch.Callback], dict[str, Any]]
# What runs a command of `sinch-callback`: its exit code, its output and its errors.
Command = Callable[..., tuple[int, str, str]]

BINARY = REPOSITORY / "target" / "debug" / "sinch-callback"

SECRET_PARAMETER = "/sinch/webhook/secret"


class Environments:
    """Environments of the functions, beside those that the stack runs."""

    def __init__(self, stack: Stack, bootstraps: dict[str, Path], folder: Path) -> None:
        self.stack = stack
        self.bootstraps = bootstraps
        self.folder = folder
        self.running: list[Function] = []

    def __call__(self, name: str, **environment: str) -> Function:
        """Starts one of a function."""
        outputs = self.stack.outputs
        common = {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.stack.proxy.url,
            "LOG_LEVEL": "debug",
        }
        own = {
            "receiver": {"QUEUE_URL": outputs["QueueUrl"], "SECRET_PARAMETERS": SECRET_PARAMETER},
            "processor": {
                "TABLE_NAME": outputs["TableName"],
                "EVENT_BUS_NAME": outputs["EventBusName"],
                "EVENTS": "all",
                "QUEUE_URL": outputs["QueueUrl"],
                "DEAD_LETTER_QUEUE_URL": outputs["DeadLetterQueueUrl"],
            },
            "watcher": {
                "FUNCTION": "watcher",
                "TABLE_NAME": outputs["TableName"],
                "EVENT_BUS_NAME": outputs["EventBusName"],
                "QUEUE_URL": outputs["QueueUrl"],
                "RECEIVER_FUNCTION": outputs["ReceiverFunctionName"],
            },
        }[name]
        log = self.folder / f"{name}-{len(self.running)}.log"
        program = self.bootstraps["processor" if name == "watcher" else name]
        function = Function(program, {**common, **own, **environment}, log)
        self.running.append(function)
        return function


def pytest_configure() -> None:
    # Ended by its caller, a run still stops its processes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Before the folders are cleared away."""
    # pytest gives the folder to fixtures alone, which have ended by then.
    folders = session.config._tmp_path_factory  # type: ignore[attr-defined]
    kept_logs.keep_all(folders.getbasetemp(), sinch.unspeakable)


@pytest.fixture(scope="session")
def zips() -> Path:
    arch = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = Path(os.environ.get("LAMBDA_ZIPS", REPOSITORY / "target" / "lambda" / arch))
    for name in ("receiver.zip", "processor.zip"):
        assert (folder / name).is_file(), f"{folder / name} is missing: run scripts/build-lambda --arch {arch}"
    return folder


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    cloud = Ministack(tmp_path_factory.mktemp("ministack"))
    yield cloud
    cloud.stop()
    assert cloud.processes() == []


@pytest.fixture(scope="session")
def stack(cloud: Ministack, zips: Path) -> Iterator[Stack]:
    secret = sinch.new_secret()
    cloud.client("ssm").put_parameter(Name=SECRET_PARAMETER, Value=secret, Type="SecureString")
    endpoint_secrets, endpoints = endpoint_callbacks.new_secrets(cloud)
    stack = Stack(cloud, "callbacks", zips, stack_parameters(**endpoints))
    stack.secret = secret
    stack.endpoint_secrets = endpoint_secrets
    yield stack
    keep_function_logs(stack)


@pytest.fixture(scope="session")
def recovery(
    cloud: Ministack, stack: Stack, zips: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recovery]:
    """Another receiver's stack, with recovery beside it. Its secret is that of the first."""
    folder = tmp_path_factory.mktemp("sinch")
    running = Recovery(cloud, zips, stack_parameters(), stack.secret, BINARY, folder)
    yield running
    keep_function_logs(running.stack, "Recovery")
    running.stop()


def keep_function_logs(stack: Stack, *more: str) -> None:
    """Of the functions that ministack runs, which write to its CloudWatch Logs alone."""
    for function in ("Receiver", "Processor", "Watcher", *more):
        kept_logs.keep_lines(function.lower(), functools.partial(stack.log_lines, function))


def stack_parameters(**more: str) -> dict[str, str]:
    architecture = "arm64" if platform.machine() == "aarch64" else "x86_64"
    return {
        "SecretParameterNames": SECRET_PARAMETER,
        "Architecture": architecture,
        "LogLevel": "debug",
        "Events": "all",
        "Tracing": "Active",
        # Seconds, so that nobody has to wait for an hour.
        "OverdueAfterSeconds": "5",
        # An alarm on a quotient of metrics, which ministack does not know.
        "FailedSharePercent": "0",
        **more,
    }


@pytest.fixture
def proxy(cloud: Ministack) -> Iterator[FaultProxy]:
    yield cloud.proxy
    cloud.proxy.heal()


@pytest.fixture(scope="session")
def bootstraps(zips: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
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
def run(stack: Stack, bootstraps: dict[str, Path], tmp_path: Path) -> Iterator[Environments]:
    """Starts one environment of a function, beside those that the stack runs."""
    with environments(stack, bootstraps, tmp_path) as start:
        yield start


@contextlib.contextmanager
def environments(stack: Stack, bootstraps: dict[str, Path], folder: Path) -> Iterator[Environments]:
    started = Environments(stack, bootstraps, folder)
    try:
        yield started
    finally:
        for function in started.running:
            function.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows beside a failure what the functions and ministack wrote last."""
    report = yield
    if report.failed:
        given: dict[str, Any] = item.funcargs
        start, stack = given.get("run"), given.get("stack")
        for function in start.running if start else ():
            report.sections.append((function.log.name, tail(function.log)))
        if stack:
            report.sections.append(("ministack", tail(stack.cloud.log)))
    return report


def tail(log: Path) -> str:
    return "\n".join(line[:400] for line in log.read_text(errors="replace").splitlines()[-25:])


@pytest.fixture(scope="session")
def command(cloud: Ministack) -> Command:
    """Runs a command."""
    assert BINARY.is_file(), f"{BINARY} is missing: run cargo build --features aws"
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": cloud.proxy.url, "PATH": os.environ["PATH"]}

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [BINARY, *arguments, "--region", REGION],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture(scope="session")
def aside(stack: Stack) -> str:
    """A FIFO queue that nobody processes."""
    return stack.sqs.create_queue(QueueName="aside.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


@pytest.fixture
def seal(stack: Stack, run: Environments, aside: str) -> Seal:
    """Gives what a real receiver puts into the queue for a callback, without processing it."""
    receiver = run("receiver", QUEUE_URL=aside)
    return lambda callback: sealed(stack, receiver, callback)


def sealed(stack: Stack, receiver: Function, callback: sinch.Callback) -> dict:
    answer = receive(receiver, callback)
    assert answer.status == 200, str(answer)
    return stack.proxy.asked("sqs", "SendMessage", callback.content_key)[-1].json


def receive(receiver: Function, callback: sinch.Callback, *, seconds: float = 10.0, **how: Any) -> Answer:
    """What this environment of the receiver answers the callback."""
    outcome = receiver.invoke(events.function_url(callback, **how), seconds)
    assert outcome.error is None, outcome.error
    body = outcome.response["body"]
    binary = outcome.response.get("isBase64Encoded")
    return Answer(outcome.response["statusCode"], base64.b64decode(body) if binary else body.encode())
