"""Events for --notify-url keep pace with callbacks, whatever the receiver of events takes for each."""

import http.server
import threading
import time
from pathlib import Path

import sender
from conftest import Serve
from figures import figure

EVENTS = 2_000
# How long the receiver of events takes for each.
WORK_S = 0.1
# Events a second that must be taken here, beside whatever else this machine does; the target of a
# quiet one is 500, and what one connection at a time gives is 10.
LEAST = 250


class Subscriber(http.server.ThreadingHTTPServer):
    """Takes each event after a while, and remembers when."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[float] = []
        self.all_taken = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(WORK_S)
        self.send_response(204)
        self.end_headers()
        assert isinstance(self.server, Subscriber)
        self.server.taken.append(time.monotonic())
        if len(self.server.taken) == EVENTS:
            self.server.all_taken.set()

    def log_message(self, *_: object) -> None:
        pass


def test_a_slow_receiver_of_events_does_not_hold_them_up(serve: Serve, tmp_path: Path) -> None:
    secret = tmp_path / "notify.txt"
    secret.write_text("made-up-secret-for-events")
    with Subscriber() as subscriber:
        url = f"http://127.0.0.1:{subscriber.server_port}/"
        receiver = serve("--notify-url", url, "--notify-secret-file", str(secret), log_level="warn")
        requests = b"".join(sender.callback(f"notified-{number}") for number in range(EVENTS))
        with sender.connect(receiver.address) as connection:
            replies = sender.Replies(connection)
            writer = threading.Thread(target=connection.sendall, args=(requests,))
            writer.start()
            for _ in range(EVENTS):
                reply = replies.next()
                assert reply is not None and reply[0] == 200, reply
            writer.join()
        assert subscriber.all_taken.wait(120), f"{len(subscriber.taken)} of {EVENTS} events came"
        first, last = subscriber.taken[0], subscriber.taken[-1]
        rate = (EVENTS - 1) / (last - first)
        figure("notify_per_s", round(rate))
        assert rate >= LEAST
        subscriber.shutdown()
