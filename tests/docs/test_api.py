"""The running server answers what openapi.json says, and nothing that it does not say."""

import dataclasses
import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import receiver
import routes
import signing
from openapi import Answer, Document
from openapi_document import METHODS
from served import World, ask

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = Document(ROOT / "docs" / "src" / "reference" / "openapi.json")
TOKEN = "made-up-token-of-the-documents"
# Answers that need a broken store, a full machine or another second: by operation, and for every one.
UNSEEN = {
    # One of Voice that waits for an answer is another path's, and what is too large is other tests' matter.
    ("POST", "/callbacks"): {"413", "422", "503"},
    ("GET", "/readyz"): {"503"},
    ("GET", "/api/stream"): {"503"},
    ("POST", "/login"): {"503"},
    ("POST", "/api/watches"): {"409"},
}
UNREADABLE = "503"


def routes_of_the_document() -> set[tuple[str, str]]:
    return {(method, path) for method, path, _ in DOCUMENT.operations()}


def test_the_document_is_one() -> None:
    assert DOCUMENT.content["openapi"].startswith("3.1.")
    ids = [operation["operationId"] for _, _, operation in DOCUMENT.operations()]
    assert len(ids) == len(set(ids))
    for schema in DOCUMENT.content["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in DOCUMENT.references():
        if reference.startswith("#"):
            DOCUMENT.resolved({"$ref": reference})
        else:
            assert (DOCUMENT.path.parent / reference).is_file(), reference


def test_nothing_is_described_that_nothing_refers_to() -> None:
    used = set(DOCUMENT.references())
    for kind in ("schemas", "responses", "parameters", "headers"):
        for name in DOCUMENT.content["components"][kind]:
            # The data of the stream's events, which no content type of OpenAPI describes.
            assert f"#/components/{kind}/{name}" in used or name == "Changed", name


def test_a_path_s_parameters_are_described() -> None:
    for method, path, operation in DOCUMENT.operations():
        parameters = [DOCUMENT.resolved(parameter) for parameter in operation.get("parameters", [])]
        described = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def test_every_route_of_the_server_is_in_the_document_and_the_reverse() -> None:
    assert routes.of(ROOT / "server" / "src") == routes_of_the_document()


def test_a_route_is_found_however_it_is_written() -> None:
    text = """
        .route("/a", get(one).post(two))
        .route(
            "/b/{*path}",
            get(three),
        )
        .route("/c", get(|headers: HeaderMap| page(DELIVERIES, headers)))
        .with_state(app)
    """
    found = {("GET", "/a"), ("POST", "/a"), ("GET", "/b/{path}"), ("GET", "/c")}
    assert set(routes.of_text(text)) == found


class Asking:
    """Asks, and looks at each answer."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str, str]] = set()
        self.complaints: list[str] = []

    def look(self, answer: Answer) -> Answer:
        found = DOCUMENT.operation(answer.method, answer.target)
        if found:
            self.seen.add((answer.method, found[0], str(answer.status)))
        self.complaints += DOCUMENT.complaints(answer)
        return answer

    def json(self, answer: Answer) -> Any:
        return json.loads(self.look(answer).body)


@pytest.fixture(scope="module")
def asking(world: World, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    """Every operation with its answers, as far as a client can bring them about."""
    made = Asking()
    messages(made, world)
    callbacks(made, world)
    intents(made, world)
    surroundings(made, world)
    folder = tmp_path_factory.mktemp("gated")
    (folder / "token.txt").write_text(TOKEN + "\n")
    with receiver.Receiver(folder, "--admin-token-file", str(folder / "token.txt")) as gated:
        gate(made, gated.admin)
    return made


def messages(asking: Asking, world: World) -> None:
    listed = asking.json(world.ask("GET", "/api/messages?limit=500"))["messages"]
    assert len({message["state"] for message in listed}) > 3
    for message in listed:
        asking.look(world.ask("GET", f"/api/messages/{message['message_id']}"))
        asking.look(world.ask("GET", f"/api/messages/{message['message_id']}/timeline"))
    asking.look(world.ask("GET", "/api/messages/01NOBODY"))
    asking.look(world.ask("GET", "/api/messages/01NOBODY/timeline"))
    asking.look(world.ask("GET", f"/api/messages/{listed[0]['message_id']}?masked=1"))
    for path in ("messages", "messages.csv", "messages/x", "messages/x/timeline", "search", "overview", "watches"):
        asking.look(world.ask("GET", f"/api/{path}?unknown=1"))
    for path in ("callbacks", "callbacks/x", "unrecognized", "intents"):
        asking.look(world.ask("GET", f"/api/{path}?unknown=1"))
    for query in (
        "state=failed&limit=2",
        "reason=unknown",
        "channel=SMS&prefix=46&masked=1",
        "state=overdue",
        "limit=1",
    ):
        asking.look(world.ask("GET", f"/api/messages?{query}"))
    asking.look(world.ask("GET", "/api/messages.csv?reveal=1"))
    for query in (f"q={listed[0]['message_id'][:8]}", "q=%2B1&by=recipient&reveal=1", "q=nobody"):
        asking.look(world.ask("GET", f"/api/search?{query}"))
    asking.look(world.ask("GET", "/api/overview"))
    asking.look(world.ask("GET", "/api/overview?from=2&to=1"))
    asking.look(world.ask("GET", "/api/summary"))
    asking.look(world.ask("GET", "/api/stream"))
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    watch = {"message_id": "01WATCHED-TOO", "deadline": tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ")}
    for _ in range(2):
        asking.look(world.ask("POST", "/api/watches", watch))
    asking.look(world.ask("POST", "/api/watches", {"message_id": ""}))
    asking.look(world.ask("GET", "/api/watches?limit=1"))


def callbacks(asking: Asking, world: World) -> None:
    for kind in ("callbacks", "unrecognized"):
        listed = asking.json(world.ask("GET", f"/api/{kind}"))["callbacks"]
        assert listed
        for callback in listed:
            asking.look(world.ask("GET", f"/api/{kind}/{callback['content_key']}"))
        asking.look(world.ask("GET", f"/api/{kind}/{'0' * 32}"))
        asking.look(world.ask("GET", f"/api/{kind}?before=2&limit=1"))
    asking.look(world.post(b"{}"))
    asking.look(world.post(b'{"a":1}', secret="some-other-secret-of-a-stranger"))
    asking.look(world.post(b'{"a":2}', at=1_000_000_000))
    asking.look(ask(world.receiver.address, "POST", "/callbacks", b"{}"))
    asking.look(ask(world.receiver.address, "GET", "/callbacks"))
    asking.look(ask(world.receiver.address, "GET", "/healthz"))
    asking.look(ask(world.receiver.address, "GET", "/nowhere"))


def intents(asking: Asking, world: World) -> None:
    for state in ("", "?state=done", "?state=waiting&limit=1"):
        for intent in asking.json(world.ask("GET", f"/api/intents{state}"))["intents"]:
            asking.look(world.ask("GET", f"/api/intents/{intent['key']}"))
    # Nothing is reported of it, so that it is still there to be cancelled.
    asking.look(world.accept("another", "+15550110"))
    asking.look(world.accept("another", "+15550110"))
    asking.look(world.accept("another", "+15550106"))
    asking.look(world.ask("POST", "/api/intents", {"key": "no plan"}))
    for verb in ("retry", "cancel"):
        for key in ("another", "another", "nobody", "fails", "person"):
            asking.look(world.ask("POST", f"/api/intents/{key}/{verb}", {}))
    asking.look(world.ask("GET", "/api/intents/nobody"))
    asking.look(world.ask("GET", "/api/recovery"))
    for body in ({"paused": True, "why": "a test"}, {"paused": False}, {"paused": "no"}):
        asking.look(world.ask("POST", "/api/recovery", body))
    asking.look(world.ask("GET", "/api/suppressions"))
    for body in ({"channel": "SMS", "identity": "+15550101"}, {"channel": "PIGEON", "identity": ""}):
        asking.look(world.ask("POST", "/api/suppressions/lift", body))
    for path in (
        "intents",
        "watches",
        "recovery",
        "suppressions/lift",
        "intents/another/cancel",
        "intents/another/retry",
    ):
        asking.look(world.ask("POST", f"/api/{path}", b"{}"))
        too_large = {"content-type": "application/json"}
        asking.look(ask(world.receiver.admin, "POST", f"/api/{path}", b" " * 65_537, too_large))


def surroundings(asking: Asking, world: World) -> None:
    for path in (
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/session",
        "/",
        "/inspector",
        "/login",
        "/nowhere",
        "/assets/no",
    ):
        asking.look(world.ask("GET", path))
    asking.look(world.ask("GET", "/assets/common/nothing.js"))
    page = world.ask("GET", "/").body.decode()
    (asset, *_) = re.findall(r'"/?(assets/[^"]+)"', page)
    tag = asking.look(world.ask("GET", f"/{asset}")).headers["etag"]
    asking.look(world.ask("GET", f"/{asset}", **{"if-none-match": tag}))
    for path in ("/", "/inspector"):
        tag = world.ask("GET", path).headers["etag"]
        asking.look(world.ask("GET", path, **{"if-none-match": tag}))


def gate(asking: Asking, admin: tuple[str, int]) -> None:
    """What a listener with a token answers to whoever has none, and to foreign pages."""
    foreign = {"host": "elsewhere.example"}
    for method, path, _ in DOCUMENT.operations():
        if path != "/callbacks":
            target = re.sub(r"\{\w+\}", "x", path)
            body = b"" if method == "POST" else None
            asking.look(ask(admin, method, target, body))
            asking.look(ask(admin, method, target, body, foreign))
    html = {"accept": "text/html"}
    for path in ("/", "/inspector"):
        asking.look(ask(admin, "GET", path, None, html))
    form = {"content-type": "application/x-www-form-urlencoded"}
    page = asking.look(ask(admin, "GET", "/login"))
    asking.look(ask(admin, "GET", "/login", None, {"if-none-match": page.headers["etag"]}))
    asking.look(ask(admin, "POST", "/login", b"token=wrong", form))
    cookie = asking.look(ask(admin, "POST", "/login", f"token={TOKEN}".encode(), form)).headers["set-cookie"]
    session = {"cookie": cookie.split(";")[0]}
    assert asking.json(ask(admin, "GET", "/api/session", None, session)) == {"login": True}
    asking.look(ask(admin, "POST", "/logout", b"", session))
    token = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    assert asking.look(ask(admin, "GET", "/api/summary", None, token)).status == 200
    # Intents are off here.
    asking.look(ask(admin, "POST", "/api/intents", b"{}", token))


def test_every_answer_is_in_the_document(asking: Asking) -> None:
    assert not asking.complaints


def test_every_answer_of_the_document_was_given(asking: Asking) -> None:
    missing = []
    for method, path, operation in DOCUMENT.operations():
        for status in operation["responses"]:
            seen = (method, path, status) in asking.seen
            unseen = status in UNSEEN.get((method, path), set())
            unreadable = status == UNREADABLE and (method, path) != ("POST", "/api/intents")
            if not (seen or unseen or unreadable):
                missing.append(f"{method} {path}: {status}")
    assert not missing


def test_no_path_takes_a_method_that_the_document_does_not_have(world: World) -> None:
    for path, item in DOCUMENT.paths.items():
        for method in METHODS:
            if method not in item and path != "/callbacks":
                answer = world.ask(method.upper(), re.sub(r"\{\w+\}", "x", path), b"")
                assert answer.status == 405, (method, path, answer.status)


@pytest.fixture
def message(world: World) -> Answer:
    (first, *_) = json.loads(world.ask("GET", "/api/messages").body)["messages"]
    answer = world.ask("GET", f"/api/messages/{first['message_id']}")
    assert list(DOCUMENT.complaints(answer)) == []
    return answer


def changed(answer: Answer) -> Iterator[tuple[str, Answer]]:
    """The same answer, wrong in one way each."""
    body = json.loads(answer.body)
    yield "is none of", dataclasses.replace(answer, status=202)
    yield "of an operation", dataclasses.replace(answer, target="/api/nothing")
    yield "is text/html", dataclasses.replace(answer, headers={**answer.headers, "content-type": "text/html"})
    for why, wrong in (
        ("'version' is a required property", {key: value for key, value in body.items() if key != "version"}),
        ("'more' was unexpected", {**body, "more": 1}),
        ("is not of type", {**body, "contradicted": "no"}),
        ("is not valid under any", {**body, "state": "lost"}),
        ("'step' is a required property", {**body, "log": [{}]}),
    ):
        yield why, dataclasses.replace(answer, body=json.dumps(wrong).encode())


def test_an_answer_of_another_form_is_found(message: Answer) -> None:
    for why, wrong in changed(message):
        found = list(DOCUMENT.complaints(wrong))
        assert any(why in complaint for complaint in found), (why, found)


def test_signed_headers_are_the_document_s() -> None:
    """The parameters of a callback are the headers that it is signed by."""
    operation = DOCUMENT.paths["/callbacks"]["post"]
    assert {parameter["name"] for parameter in operation["parameters"]} == set(signing.signed_headers(b"", "s"))
