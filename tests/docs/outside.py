"""Runs commands outside the network namespace that pages are run in: what fetches from a registry.

A page's servers are alone on their ports in there, and no registry is reached. The shims of cargo and npm
hand over what has to reach one, through a socket in the file system.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

LARGEST_ORDER = 1 << 20


class Outside:
    """Takes orders at a socket until it is closed."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._order, args=(connection,), daemon=True).start()

    def _order(self, connection: socket.socket) -> None:
        with connection:
            text, descriptors, _, _ = socket.recv_fds(connection, LARGEST_ORDER, 2)
            try:
                order = json.loads(text)
                process = subprocess.Popen(
                    order["command"],
                    cwd=order["folder"],
                    env=order["environment"],
                    stdin=subprocess.DEVNULL,
                    stdout=descriptors[0],
                    stderr=descriptors[1],
                    start_new_session=True,
                )
            except OSError as error:
                os.write(descriptors[1], f"{error}\n".encode())
                return
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
            while process.poll() is None:
                # Nobody waits for it any more.
                if select.select([connection], [], [], 0.05)[0]:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    return
            with contextlib.suppress(BrokenPipeError):
                connection.send(str(process.returncode).encode())


def order(path: str, command: list[str], environment: dict[str, str]) -> int:
    """Has a command run outside, with this process's output, and gives its exit status."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(path)
        text = json.dumps({"command": command, "folder": os.getcwd(), "environment": environment})
        # What the shell's readers have seen first has to come first.
        sys.stdout.flush()
        socket.send_fds(connection, [text.encode()], [1, 2])
        answer = connection.recv(16)
    return int(answer) if answer else 1
