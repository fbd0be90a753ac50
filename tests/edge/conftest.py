import json
import subprocess
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

import endpoint_callbacks
import kept_logs
import sinch
from aws import harness
from distribution import ARN, DISTRIBUTION, Answer, Distribution
from poll import eventually
from stack import CREDENTIALS, REGION, REPOSITORY, Ministack, Stack
from template import EdgeTemplate

pytest_configure = harness.pytest_configure
pytest_sessionfinish = harness.pytest_sessionfinish
zips = harness.zips
cloud = harness.cloud
proxy = harness.proxy
SECRET_PARAMETER = harness.SECRET_PARAMETER

# Notes where a request ended.
Ended = Callable[[str, Answer], tuple[int, str | None, str]]

# What was refused or absorbed: what came, status, code, where it ended.
ends: list[tuple[str, int, str | None, str]] = []


@pytest.fixture(scope="session")
def stack(cloud: Ministack, zips: Path) -> Iterator[Stack]:
    """The main stack, whose Function URL the distribution may call."""
    secret = sinch.new_secret()
    cloud.client("ssm").put_parameter(Name=SECRET_PARAMETER, Value=secret, Type="SecureString")
    endpoint_secrets, endpoints = endpoint_callbacks.new_secrets(cloud)
    stack = Stack(cloud, "callbacks", zips, harness.stack_parameters(DistributionArn=ARN, Archive="on", **endpoints))
    stack.secret = secret
    stack.endpoint_secrets = endpoint_secrets
    stack.endpoints = endpoints
    # A receiver that starts answers 503 until it has read its secrets.
    eventually(lambda: stack.post(sinch.sign(b"{}", secret)).status == 200)
    yield stack
    harness.keep_function_logs(stack)


@pytest.fixture(scope="session")
def template(stack: Stack) -> EdgeTemplate:
    return EdgeTemplate(
        ReceiverUrlHost=stack.outputs["ReceiverUrlHost"],
        SecretParameterNames=SECRET_PARAMETER,
        SecretRegion=REGION,
    )


@pytest.fixture(scope="session")
def running(
    cloud: Ministack, stack: Stack, template: EdgeTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Distribution]:
    prefilter = REPOSITORY / "edge" / "dist" / "cloudfront" / "prefilter.js"
    assert prefilter.is_file(), f"{prefilter} is missing: run scripts/build-edge"
    folder = tmp_path_factory.mktemp("distribution")
    yield from distribution(cloud, stack, template, folder, prefilter, "origin-request")


@pytest.fixture(scope="session")
def with_endpoints(cloud: Ministack, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    """A distribution that has the receiver's endpoints, with the code that scripts/deploy gives it then."""
    folder = tmp_path_factory.mktemp("distribution-with-endpoints")
    prefilter = folder / "prefilter.js"
    make = ["node", str(REPOSITORY / "edge" / "tools" / "make-prefilter.mjs"), "--out", str(prefilter)]
    for endpoint in json.loads(stack.endpoints["Endpoints"]):
        make += ["--endpoint", endpoint["path"]]
    subprocess.run(make, check=True)
    template = EdgeTemplate(
        ReceiverUrlHost=stack.outputs["ReceiverUrlHost"],
        SecretParameterNames=SECRET_PARAMETER,
        SecretRegion=REGION,
        **stack.endpoints,
    )
    yield from distribution(cloud, stack, template, folder, prefilter, "origin-request-schemes")


def distribution(
    cloud: Ministack, stack: Stack, template: EdgeTemplate, folder: Path, prefilter: Path, code: str
) -> Iterator[Distribution]:
    bundle = unpacked(REPOSITORY / "target" / "edge" / f"{code}.zip", folder)
    root = {"id": CREDENTIALS["AWS_ACCESS_KEY_ID"], "secret": CREDENTIALS["AWS_SECRET_ACCESS_KEY"]}
    config = {
        "distribution": DISTRIBUTION,
        "origin": template.origin(),
        "functionUrl": {
            "endpoint": cloud.url,
            "region": REGION,
            "credentials": root,
            "policy": resource_policy(stack),
        },
        "prefilter": str(prefilter),
        # One function for both events, as the template has it.
        "originRequest": str(bundle),
        "originResponse": str(bundle),
        "environments": 4,
        "memoryMb": template.function["MemorySize"],
        "timeoutSeconds": template.function["Timeout"],
        "network": {f"ssm.{REGION}.amazonaws.com": cloud.proxy.url},
    }
    running = Distribution(config, folder)
    yield running
    kept_logs.keep_lines("edge", running.log_lines)
    running.stop()
    assert running.process.returncode == 0, running.log.read_text(errors="replace")
    assert list(folder.glob("edge-environment-*")) == []


def unpacked(zip_file: Path, folder: Path) -> Path:
    """The one file that is deployed."""
    assert zip_file.is_file(), f"{zip_file} is missing: run scripts/build-edge"
    with zipfile.ZipFile(zip_file) as package:
        (name,) = package.namelist()
        package.extract(name, folder)
    return folder / name


def resource_policy(stack: Stack) -> list[dict]:
    """Who may invoke the receiver, as the main stack's permissions came out."""
    name = stack.outputs["ReceiverFunctionName"]
    # Of the alias that the URL stands on.
    policy = stack.functions.get_policy(FunctionName=name, Qualifier="live")["Policy"]
    return json.loads(policy)["Statement"]


@pytest.fixture
def edge(running: Distribution, stack: Stack, template: EdgeTemplate) -> Iterator[Distribution]:
    """The distribution with new environments and settings as deployed."""
    running.redeploy()
    yield running
    running.clock(None)
    running.pin()
    running.fail_origin("status", times=0)
    running.origin(**template.origin())


@pytest.fixture(scope="session")
def receiver_set_to(stack: Stack) -> Callable[..., None]:
    """
    Gives the stack's receiver settings besides its own, and so new environments: ministack replaces
    them when variables change, and not for a description.
    """
    name = stack.outputs["ReceiverFunctionName"]
    own = stack.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    now: dict[str, str] = {}

    def change(**settings: str) -> None:
        if settings == now:
            return
        now.clear()
        now.update(settings)
        stack.functions.update_function_configuration(FunctionName=name, Environment={"Variables": own | settings})
        waiter = stack.functions.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    return change


@pytest.fixture
def ended() -> Ended:
    """Notes where a request ended, for the table; gives (status, code, where)."""

    def note(what: str, answer: Answer) -> tuple[int, str | None, str]:
        found = (answer.status, answer.code, answer.end)
        ends.append((what, *found))
        return found

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ends:
        return
    terminalreporter.section("what was refused or absorbed, and where it ended")
    rows = [("callback", "status", "code", "ended at"), *((w, str(s), str(c), e) for w, s, c, e in ends)]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows beside a failure what the emulator and ministack wrote last."""
    report = yield
    if report.failed:
        given: dict[str, Any] = item.funcargs
        if edge := given.get("running"):
            report.sections.append(("last exchanges", "\n".join(map(str, edge.exchanges()[-5:]))))
        for name in ("running", "cloud"):
            if shown := given.get(name):
                report.sections.append((shown.log.name, harness.tail(shown.log)))
    return report
