#!/usr/bin/env python3
"""Measures the receiver for Lambda against a handler in Node.js that does the same.

Both run as Lambda runs them: a process that takes events from a Runtime API, reads the secret from
Parameter Store and hands each callback to an SQS queue, all of them stood in for here, on loopback.
A round is the whole life of one process of each, in turns, over the same events:

  cold start   from the process's start until its first callback is answered
  memory       resident after 1,000 further callbacks
  warm         500 more, in batches by turns: for each, from handing it out until its answer is there,
               less what SQS took: from its request being there in full until its answer leaves
  CPU time     of the whole process over those 500

The figures are medians over the rounds of the ratios, Node.js to receiver: the larger, the better for
the receiver. They end the output as lines `figure NAME VALUE`:

  cold_start_vs_node, warm_vs_node, warm_cpu_vs_node, memory_vs_node, receiver_zip_mb
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from typing import NamedTuple, NoReturn, Self

import callbacks
import fakes

HERE = pathlib.Path(__file__).resolve().parent
LAMBDA = HERE.parent.parent / "target" / "lambda"

WARM_UP = 1_000
BATCHES = 5
BATCH = 100
MEMORY_MB = 256
# Far more than any step needs.
PATIENCE_SECONDS = 180

PARAMETER = "/sinch/callback/secret"


class Contender(NamedTuple):
    name: str
    command: list[str]
    folder: pathlib.Path


class Life(NamedTuple):
    cold_ms: float
    warm_us: float
    cpu_us: float
    rss_mb: float
    peak_mb: float


def main() -> None:
    options = parse()
    # A driver that is told to end stops its processes on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bench-lambda-") as name:
        folder = pathlib.Path(name)
        contenders = line_up(options, folder)
        trust = make_trust(folder, options.plain)
        load = [os.getloadavg()[0]]
        rounds = []
        # The round 0, which reads the files into the page cache, does not count.
        for number in range(options.rounds + 1):
            # Who begins changes.
            lives = play(contenders[:: 1 if number % 2 else -1], folder, trust)
            if number > 0:
                rounds.append(lives)
            if number > 0 and not options.json:
                told = (f"{name} {life.cold_ms:.1f} ms, {life.warm_us:.0f} µs" for name, life in lives.items())
                print(f"round {number}:", "; ".join(sorted(told)), flush=True)
        load.append(os.getloadavg()[0])
        report(options, contenders, rounds, load)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--bootstrap",
        type=pathlib.Path,
        default=os.environ.get("BOOTSTRAP"),
        help="executable or zip to measure, instead of target/lambda/*/receiver.zip (or BOOTSTRAP in the environment)",
    )
    parser.add_argument(
        "--against", type=pathlib.Path, help="a second executable or zip, to be compared with the first"
    )
    parser.add_argument("--rounds", type=int, default=20, help="at least 15 for figures to publish (20)")
    parser.add_argument("--plain", action="store_true", help="Parameter Store and SQS without TLS")
    parser.add_argument(
        "--self-check",
        action="store_true",
        help="Node.js on both sides: every ratio must come out near 1",
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def zips() -> dict[str, pathlib.Path]:
    """The zips that there are, by architecture."""
    return {path.parent.name: path for path in sorted(LAMBDA.glob("*/receiver.zip"))}


def line_up(options: argparse.Namespace, folder: pathlib.Path) -> list[Contender]:
    """The receiver first, Node.js last, each with the files that its process needs."""
    task = LAMBDA / "peer-node"
    # The shares of memory are those of AWS's own start of Node.js.
    young = MEMORY_MB // 10
    node = [
        shutil.which("node") or sys.exit("node is not installed"),
        f"--max-semi-space-size={young // 2}",
        f"--max-old-space-size={MEMORY_MB - young}",
        "--expose-gc",
        "--max-http-header-size=81920",
        str(HERE / "peer-node" / "runtime.cjs"),
        str(task / "handler.cjs"),
    ]
    if not (task / "handler.cjs").exists():
        sys.exit("the handler in Node.js is not bundled: run scripts/bench-lambda")
    peer = Contender("Node.js", node, task)
    if options.self_check:
        return [peer._replace(name="Node.js again"), peer]
    bootstrap = options.bootstrap
    if bootstrap is None:
        architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
        bootstrap = LAMBDA / architecture / "receiver.zip"
    receivers = [receiver("receiver", bootstrap, folder)]
    if options.against:
        receivers.append(receiver("against", options.against, folder))
    return [*receivers, peer]


def receiver(name: str, path: pathlib.Path, folder: pathlib.Path) -> Contender:
    path = pathlib.Path(path).resolve()
    if not path.exists():
        sys.exit(f"{path} does not exist: scripts/build-lambda makes the zips")
    task = folder / name
    if path.suffix == ".zip":
        path = pathlib.Path(zipfile.ZipFile(path).extract("bootstrap", task))
        path.chmod(0o755)
    return Contender(name, [str(path)], task)


def make_trust(folder: pathlib.Path, plain: bool) -> dict[str, str]:
    """What the functions are to trust; unless plain, a certificate for 127.0.0.1 with it."""
    # The public authorities, which both have to read on Lambda too: Node.js has them built in, others
    # take them from the system. Amazon Linux has them in one file; elsewhere there is a folder of
    # hundreds besides, which would be read as well were the file not named.
    system = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
    public = next((path.read_text() for path in map(pathlib.Path, system) if path.exists()), "")
    if plain:
        (folder / "all.pem").write_text(public)
        return {"SSL_CERT_FILE": str(folder / "all.pem")}

    def openssl(*arguments: str) -> None:
        try:
            subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
        except FileNotFoundError:
            sys.exit("openssl is not installed: install it, or measure with --plain")

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
    request = ["-req", "-in", "server.csr", "-extfile", "server.ext", "-days", "2"]
    openssl("x509", *request, *authority, "-out", "server.pem")
    (folder / "all.pem").write_text(public + (folder / "ca.pem").read_text())
    return {"NODE_EXTRA_CA_CERTS": str(folder / "ca.pem"), "SSL_CERT_FILE": str(folder / "all.pem")}


class Function:
    """One process of a contender, with a Runtime API, a parameter and a queue of its own."""

    def __init__(self, contender: Contender, folder: pathlib.Path, trust: dict[str, str]) -> None:
        self.contender = contender
        self.pid: int | None = None
        self.log = folder / f"{contender.name}.log"
        self.runtime = fakes.RuntimeApi()
        tls = fakes.server_tls(folder) if (folder / "server.pem").exists() else None
        self.aws = fakes.Aws(PARAMETER, callbacks.SECRET, tls)
        self.environment = {
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLENOTREAL00",
            "AWS_SECRET_ACCESS_KEY": "example-key-not-real",
            "AWS_SESSION_TOKEN": "example-token-not-real",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_LAMBDA_RUNTIME_API": self.runtime.address,
            "AWS_LAMBDA_FUNCTION_NAME": "receiver",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/receiver",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0",
            "LAMBDA_TASK_ROOT": str(contender.folder),
            "_HANDLER": "handler.handler",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # The SDK's warning that Node.js 20 grows old would cost Node.js time.
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            "SECRET_PARAMETERS": PARAMETER,
            "QUEUE_URL": self.aws.queue_url,
            **trust,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.runtime.close()
        self.aws.close()

    def start(self) -> tuple[int, int]:
        """Starts the process, and gives the moment just before and its number."""
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        streams = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
        command = self.contender.command
        moment = time.perf_counter_ns()
        pid = os.posix_spawn(command[0], command, self.environment, file_actions=streams)
        os.close(output)
        return moment, pid

    def run(self, events: list[bytes]) -> tuple[list[fakes.Invocation], list[fakes.Message]]:
        """Hands out the events, and gives their invocations once all are answered."""
        before = len(self.aws.messages)
        self.runtime.hand_out(events)
        if self.pid is None:
            self.started, self.pid = self.start()
        until = time.monotonic() + PATIENCE_SECONDS
        while (invocations := self.runtime.wait(1)) is None:
            failure = self.runtime.failure or self.aws.failure
            assert self.pid is not None
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                failure = f"it ended with {os.waitstatus_to_exitcode(status)}"
            if failure or time.monotonic() > until:
                self.fail(failure or f"no answer in {PATIENCE_SECONDS} seconds")
        messages = self.aws.messages[before:]
        if len(messages) != len(events):
            self.fail(f"{len(messages)} messages in the queue of {len(events)} callbacks")
        for invocation, message in zip(invocations, messages, strict=True):
            answer = json.loads(invocation.answer)
            if answer.get("statusCode") != 200:
                self.fail(f"it answered {answer}")
            if not invocation.handed_out < message.arrived < invocation.answered:
                self.fail("a callback was answered before it was in the queue")
        return invocations, messages

    def fail(self, cause: str) -> NoReturn:
        written = self.log.read_text(errors="replace")[-4000:]
        sys.exit(f"{self.contender.name}: {cause}\n{written}")

    def cpu_ns(self) -> int:
        # The clock of another process, as clock_getcpuclockid(3) numbers it.
        assert self.pid is not None
        return time.clock_gettime_ns((~self.pid << 3) | 2)

    def memory_mb(self) -> list[float]:
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        return [int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]


def play(contenders: list[Contender], folder: pathlib.Path, trust: dict[str, str]) -> dict[str, Life]:
    """One life of each contender."""
    first = callbacks.events(1)
    warm_up = callbacks.events(WARM_UP)
    batches = [callbacks.events(BATCH) for _ in range(BATCHES)]
    with contextlib.ExitStack() as stack:
        functions = [stack.enter_context(Function(each, folder, trust)) for each in contenders]
        cold, memory = {}, {}
        warm: dict[str, list[int]] = {each.name: [] for each in contenders}
        for function in functions:
            invocations, _ = function.run(first)
            cold[function.contender.name] = (invocations[0].answered - function.started) / 1e6
        for function in functions:
            function.run(warm_up)
            memory[function.contender.name] = function.memory_mb()
        cpu = {function.contender.name: -function.cpu_ns() for function in functions}
        for batch in batches:
            for function in functions:
                name = function.contender.name
                invocations, messages = function.run(batch)
                warm[name] += [
                    invocation.answered - invocation.handed_out - (message.answered - message.arrived)
                    for invocation, message in zip(invocations, messages, strict=True)
                ]
        for function in functions:
            cpu[function.contender.name] += function.cpu_ns()
        return {
            name: Life(
                cold[name],
                statistics.median(warm[name]) / 1e3,
                cpu[name] / 1e3 / len(warm[name]),
                *memory[name],
            )
            for name in warm
        }


def report(
    options: argparse.Namespace, contenders: list[Contender], rounds: list[dict[str, Life]], load: list[float]
) -> None:
    sizes = {architecture: path.stat().st_size / 1e6 for architecture, path in zips().items()}
    figures = {
        "cold_start_vs_node": ratio(rounds, contenders, "cold_ms"),
        "warm_vs_node": ratio(rounds, contenders, "warm_us"),
        "warm_cpu_vs_node": ratio(rounds, contenders, "cpu_us"),
        "memory_vs_node": ratio(rounds, contenders, "rss_mb"),
    }
    if sizes:
        # Of the larger, where there are both.
        figures["receiver_zip_mb"] = round(max(sizes.values()), 3)
    if options.json:
        told = [{name: life._asdict() for name, life in lives.items()} for lives in rounds]
        zipped = {architecture: round(size, 3) for architecture, size in sizes.items()}
        print(json.dumps({"figures": figures, "rounds": told, "zips_mb": zipped, "load": load}))
        return

    def row(label: str, cells: list[str]) -> None:
        print(f"{label:24}" + "".join(f"{cell:>26}" for cell in cells))

    print()
    row("median (quartiles)", [contender.name for contender in contenders])
    for measure, label in MEASURES.items():
        row(label, [middle(rounds, contender, measure) for contender in contenders])
    row(
        "executable, MB",
        [f"{pathlib.Path(contender.command[0]).stat().st_size / 1e6:.2f}" for contender in contenders],
    )
    print()
    for architecture, size in sizes.items():
        print(f"receiver.zip for {architecture}: {size:.3f} MB")
    node = subprocess.run([contenders[-1].command[0], "--version"], capture_output=True, text=True, check=True)
    print(
        f"{options.rounds} rounds, {'no ' if options.plain else ''}TLS, Node.js {node.stdout.strip()}, "
        f"{os.cpu_count()} processors, load {load[0]:.1f} before and {load[1]:.1f} after"
    )
    for name, value in figures.items():
        print(f"figure {name} {value}")


MEASURES = {
    "cold_ms": "cold start, ms",
    "warm_us": "warm, µs",
    "cpu_us": "warm, CPU time, µs",
    "rss_mb": "resident, MiB",
    "peak_mb": "resident at most, MiB",
}


def ratio(rounds: list[dict[str, Life]], contenders: list[Contender], measure: str) -> float:
    """Node.js to receiver: the median over the rounds."""
    ours, node = contenders[0].name, contenders[-1].name
    ratios = (getattr(lives[node], measure) / getattr(lives[ours], measure) for lives in rounds)
    return round(statistics.median(ratios), 2)


def middle(rounds: list[dict[str, Life]], contender: Contender, measure: str) -> str:
    values = [getattr(lives[contender.name], measure) for lives in rounds]
    if len(values) == 1:
        return f"{values[0]:.1f}"
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{median:.1f} ({low:.1f}..{high:.1f})"


main()
