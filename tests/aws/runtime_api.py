"""Runs one environment of a compiled function, as Lambda runs it: through the Runtime API.

For what the whole stack cannot show exactly: one environment at a time, its clock stopped, its
process killed, a deadline of our choice.
"""

import os
import queue
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import runtime_handler
import servers
from runtime_handler import Outcome


class Died(Exception):
    """The process ended before it answered."""


class Function:
    def __init__(self, bootstrap: Path, environment: dict[str, str], log: Path) -> None:
        self._events: queue.Queue = queue.Queue()
        self._outcomes: dict[str, queue.Queue] = {}
        self._deadlines: dict[str, float] = {}
        self.init_error: dict | None = None
        self.idle = threading.Event()
        self._server = servers.Server(("127.0.0.1", 0), runtime_handler.handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [bootstrap],
                cwd=bootstrap.parent,
                env={
                    "PATH": os.environ["PATH"],
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
                    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                    "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{log.stem}",
                    "AWS_LAMBDA_LOG_STREAM_NAME": "made-up",
                    "AWS_LAMBDA_FUNCTION_NAME": log.stem,
                    "_HANDLER": "bootstrap",
                    "LAMBDA_TASK_ROOT": str(bootstrap.parent),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def invoke(self, event: dict, seconds: float = 10.0) -> Outcome:
        """Hands an event over and waits until `seconds` are up, as Lambda does."""
        return self.begin(event, seconds)()

    def begin(self, event: dict, seconds: float = 10.0) -> Callable[[], Outcome]:
        """Hands an event over; what it gives waits for the outcome."""
        request_id = str(uuid.uuid4())
        outcome = self._outcomes[request_id] = queue.Queue()
        self._events.put((request_id, event, seconds))
        # The invocation's time begins when the function takes it; starting has its own, of 10 s.
        limit = time.monotonic() + 10 + seconds

        def wait() -> Outcome:
            while True:
                try:
                    return outcome.get(timeout=0.05)
                except queue.Empty:
                    if self.process.poll() is not None:
                        raise Died(f"exit {self.process.returncode}: {self.log_text()}") from None
                    deadline = min(limit, self._deadlines.get(request_id, limit))
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"no answer within {seconds} s") from None

        return wait

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def log_lines(self) -> list[str]:
        return self.log_text().splitlines()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._server.shutdown()
        self._server.server_close()

    # What the function asks for.

    def next_event(self) -> tuple[str, dict, float] | None:
        self.idle.set()
        while self.process_runs():
            try:
                request_id, event, seconds = self._events.get(timeout=0.1)
            except queue.Empty:
                continue
            self._deadlines[request_id] = time.monotonic() + seconds
            return request_id, event, time.time() + seconds
        return None

    def process_runs(self) -> bool:
        process = getattr(self, "process", None)
        return process is None or process.poll() is None

    def take(self, request_id: str, outcome: Outcome) -> None:
        self._outcomes[request_id].put(outcome)
