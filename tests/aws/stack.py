"""The whole stack: created from deploy/template.yaml on ministack, on loopback.

ministack runs both compiled functions, serves the Function URL, moves queued messages to the
processor, and holds the functions to the policies of their roles (AUTH=true).
"""

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

import cloudformation
from poll import eventually
from proxy import FaultProxy
from sinch import Callback, new_report, sign

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "deploy" / "template.yaml"
REGION = "us-east-1"
# The account's root, to ministack. Not a secret of anything.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

# What stands in messages, by which they are deflated.
WORDS = (REPOSITORY / "lambda-adapter" / "src" / "dynamodb" / "message.words").read_bytes()

FOR_MINISTACK = "for-ministack"
LOG_PAGE = 10_000


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def code(self) -> str:
        return json.loads(self.body)["code"]

    def __str__(self) -> str:
        return f"{self.status} {self.body[:200]!r}"


class Ministack:
    """The fake AWS, a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.proxy = FaultProxy(("127.0.0.1", self.port))
        self.log = folder / "ministack.log"
        scratch = folder / "scratch"
        scratch.mkdir()
        python = os.environ.get("MINISTACK_PYTHON")
        assert python, "MINISTACK_PYTHON is not set: run scripts/test aws, or eval scripts/setup-aws --env"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [python, "-m", "ministack"],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(scratch),
                    "TMPDIR": str(scratch),
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(self.port),
                    "MINISTACK_HOST": "127.0.0.1",
                    # Its MQTT broker would listen on every address.
                    "IOT_MTLS_ENABLED": "0",
                    "SFTP_ENABLED": "0",
                    # Roles' policies are enforced.
                    "AUTH": "true",
                    "MINISTACK_REGION": REGION,
                    # Handed on to the functions.
                    "AWS_ENDPOINT_URL": self.proxy.url,
                    **CREDENTIALS,
                },
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # The functions stay in its process group, and end with it.
                start_new_session=True,
            )
        try:
            eventually(self.ready, limit=60)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/_ministack/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=16, retries={"max_attempts": 2}),
        )

    def processes(self) -> list[int]:
        """ministack and the functions that it runs."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getpgid(int(entry.name)) == self.process.pid:
                        found.append(int(entry.name))
                except ProcessLookupError:
                    continue
        return found

    def environments(self, function_name: str) -> list[int]:
        """The processes that run this function at present."""
        wanted = f"AWS_LAMBDA_FUNCTION_NAME={function_name}".encode()
        found = []
        for pid in self.processes():
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            if wanted in environment.split(b"\0"):
                found.append(pid)
        return found

    def stop(self) -> None:
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                break
            try:
                self.process.wait(5)
                eventually(lambda: not self.processes(), limit=5)
            except (subprocess.TimeoutExpired, AssertionError):
                continue
        self.process.wait()
        self.proxy.stop()


def create(cloud: Ministack, name: str, template: Path, zips: Path, parameters: dict[str, str]) -> dict[str, str]:
    """Makes a stack of a template, and gives its outputs once its functions run."""
    loaded = cloudformation.load(template)
    s3 = cloud.client("s3")
    bucket = f"{name}-code"
    s3.create_bucket(Bucket=bucket)
    # What `aws cloudformation package` does: a path becomes a place in S3.
    for resource in loaded["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            file = Path(resource["Properties"]["Code"]).name
            s3.put_object(Bucket=bucket, Key=file, Body=(zips / file).read_bytes())
            resource["Properties"]["Code"] = {"S3Bucket": bucket, "S3Key": file}
    client = cloud.client("cloudformation")
    client.create_stack(
        StackName=name,
        TemplateBody=json.dumps(loaded),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )

    def created() -> bool:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"].endswith(("FAILED", "ROLLBACK_COMPLETE")):
            events = client.describe_stack_events(StackName=name)["StackEvents"]
            raise RuntimeError(
                "\n".join(
                    f"{e['LogicalResourceId']} {e['ResourceStatus']} {e.get('ResourceStatusReason')}"
                    for e in events
                    if e["ResourceStatus"].endswith("FAILED")
                )
            )
        return stack["StackStatus"] == "CREATE_COMPLETE"

    eventually(created, limit=60)
    described = client.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in described["Outputs"]}
    functions = cloud.client("lambda")
    for output, function in outputs.items():
        if output.endswith("FunctionName"):
            functions.get_waiter("function_active_v2").wait(
                FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
            )
    return outputs


def allow_what_ministack_misreads(cloud: Ministack, role: str, *actions: str) -> None:
    """ministack takes these, whatever they name, as asked of everything."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    cloud.client("iam").put_role_policy(
        RoleName=role,
        PolicyName=FOR_MINISTACK,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


class Stack:
    """One stack of the template, and what tests ask of it."""

    # The one that its receiver was first given.
    secret: str
    # By product.
    endpoint_secrets: dict[str, str]
    endpoints: dict[str, str]

    def __init__(self, cloud: Ministack, name: str, zips: Path, parameters: dict[str, str]) -> None:
        self.cloud = cloud
        self.proxy = cloud.proxy
        self.name = name
        self.dynamodb = cloud.client("dynamodb")
        self.sqs = cloud.client("sqs")
        self.ssm = cloud.client("ssm")
        self.functions = cloud.client("lambda")
        self.iam = cloud.client("iam")
        self._create(zips, parameters)
        allow_what_ministack_misreads(cloud, self.role("Receiver"), "ssm:GetParameters")
        self._shorten_waits()
        self._events: dict[str, dict] = {}
        self._event_repeats: dict[str, int] = {}
        self._lock = threading.Lock()
        self._event_queue = self._listen_to_bus()
        # A receiver reads its secrets as it starts, so the first callback would find none ready.
        self.connections = threading.local()

    # How it comes to be.

    def _create(self, zips: Path, parameters: dict[str, str]) -> None:
        self.outputs = create(self.cloud, self.name, TEMPLATE, zips, parameters)

    def update(self, **parameters: str) -> None:
        """Gives parameters of the stack another value, as a deployment does."""
        client = self.cloud.client("cloudformation")
        (described,) = client.describe_stacks(StackName=self.name)["Stacks"]
        given = {p["ParameterKey"]: p["ParameterValue"] for p in described["Parameters"]} | parameters
        client.update_stack(
            StackName=self.name,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        client.get_waiter("stack_update_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    def role(self, function: str) -> str:
        name = self.outputs[f"{function}FunctionName"]
        return self.functions.get_function_configuration(FunctionName=name)["Role"].split("/")[-1]

    def policy(self, function: str) -> list[dict]:
        """The statements of a function's role, as they came out of the template."""
        policies = self.iam.list_role_policies(RoleName=self.role(function))["PolicyNames"]
        found = [
            self.iam.get_role_policy(RoleName=self.role(function), PolicyName=name)["PolicyDocument"]
            for name in policies
            if name != FOR_MINISTACK
        ]
        return [statement for policy in found for statement in policy["Statement"]]

    def _shorten_waits(self) -> None:
        """A failed message is handed out again after seconds instead of the template's minutes."""
        self.sqs.set_queue_attributes(QueueUrl=self.outputs["QueueUrl"], Attributes={"VisibilityTimeout": "2"})

    def _listen_to_bus(self) -> str:
        """A rule that copies every event of the bus into a queue of ours."""
        events = self.cloud.client("events")
        queue = self.sqs.create_queue(QueueName=f"{self.name}-events")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus = self.outputs["EventBusName"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                }
            ],
        }
        self.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        events.put_rule(
            Name="everything",
            EventBusName=bus,
            EventPattern=json.dumps({"source": ["sinch-callback"]}),
        )
        events.put_targets(Rule="everything", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return queue

    def redeploy_receiver(self) -> None:
        """Replaces the receiver's environments by new ones, as a deployment does. ministack keeps them
        unless a variable changes."""
        name = self.outputs["ReceiverFunctionName"]
        before = self.cloud.environments(name)
        own = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": own | {"REDEPLOYED": str(time.time_ns())}}
        )
        self.functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
        eventually(lambda: self.post(sign(b"{}", self.secret)).status == 200)
        eventually(lambda: not set(before) & set(self.cloud.environments(name)))

    # What goes in.

    def signed(self, body: bytes | None = None, *, at: int | None = None) -> Callback:
        """A callback as Sinch would sign it; a report of its own where no body is given."""
        return sign(new_report() if body is None else body, self.secret, at=at)

    def post(
        self,
        callback: Callback,
        *,
        iam: bool = True,
        method: str = "POST",
        path: str = "/callbacks",
    ) -> Answer:
        """Sends a callback to the Function URL, signed for IAM as CloudFront would sign it."""
        host = self.outputs["ReceiverUrlHost"]
        headers = {"content-type": callback.content_type, **callback.headers}
        if iam:
            headers["x-amz-content-sha256"] = hashlib.sha256(callback.body).hexdigest()
            request = AWSRequest(method, f"https://{host}{path}", data=callback.body, headers=headers)
            credentials = Credentials(*CREDENTIALS.values())
            SigV4Auth(credentials, "lambda", REGION).add_auth(request)
            headers = dict(request.headers.items())
        headers["Host"] = host
        return self._exchange(method, path, callback.body, headers)

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Over this thread's connection, as a sender keeps one open."""
        for last in (False, True):
            connection = getattr(self.connections, "it", None)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=60)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections.it = connection
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return Answer(answer.status, answer.read())
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self.connections.it = None
                if last:
                    raise
        raise AssertionError("not reached")

    def enqueue(self, text: str, *, group: str, dedup: str) -> None:
        """Puts a message straight into the queue."""
        self.sqs.send_message(
            QueueUrl=self.outputs["QueueUrl"],
            MessageBody=text,
            MessageGroupId=group,
            MessageDeduplicationId=dedup,
        )

    def pause_processing(self, paused: bool) -> None:
        mappings = self.functions.list_event_source_mappings(FunctionName=self.outputs["ProcessorFunctionName"])[
            "EventSourceMappings"
        ]
        for mapping in mappings:
            self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not paused)

    # What comes out.

    def items(self, pk: str) -> list[dict]:
        # A page has a megabyte at most.
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.outputs["TableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        return [plain(item) for page in pages for item in page["Items"]]

    def message(self, message_id: str) -> Any:
        """The message: where it stands; None where there is none."""
        items = self.items(f"message#{message_id}")
        return next((aggregate(item) for item in items if item["sk"] == "state"), None)

    def log(self, message_id: str) -> list[dict]:
        """What each report on a message did, as they were received."""
        return [
            line
            | {"step": line["step"] if line["step"] in STILL else "moved"}
            | {"content_key": entry["key"], "repeats": entry.get("repeats", 0)}
            for entry in (self.message(message_id) or {"log": []})["log"]
            for line in entry["reports"]
        ]

    def repeats(self, message_id: str, content_key: str) -> int:
        """How often an event of a message came again."""
        (line,) = [line for line in self.log(message_id) if line["content_key"] == content_key]
        return line["repeats"]

    def callback(self, content_key: str) -> Any:
        """A callback's item; None where there is none."""
        items = self.items(f"callback#{content_key}")
        return next((i for i in items if i["sk"] == "callback"), None)

    def body(self, content_key: str) -> bytes | None:
        """The raw body of a callback; a large one lies in several items."""
        pieces = [i for i in self.items(f"callback#{content_key}") if "body" in i]
        pieces.sort(key=lambda item: (item["sk"] != "callback", item["sk"]))
        return zlib.decompress(b"".join(piece["body"] for piece in pieces), -15) if pieces else None

    def logged(self, message_id: str, reports: int, limit: float = 30) -> dict:
        """The message's item once so many of its reports are in the log."""

        def check() -> dict:
            assert len(self.log(message_id)) == reports, f"{len(self.log(message_id))} of {reports} in the log"
            return self.message(message_id)

        return eventually(check, limit)

    def put(self, item: dict) -> None:
        """Writes an item of plain values."""

        def typed(value: Any) -> dict:
            match value:
                case bool():
                    return {"BOOL": value}
                case int():
                    return {"N": str(value)}
                case bytes():
                    return {"B": value}
            return {"S": value}

        item = {name: typed(value) for name, value in item.items() if value is not None}
        self.dynamodb.put_item(TableName=self.outputs["TableName"], Item=item)

    def scan(self, prefix: str) -> list[dict]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.outputs["TableName"],
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        return [plain(item) for page in pages for item in page["Items"]]

    def events(self, message_id: str) -> list[dict]:
        """The events of the bus about a message: the envelopes, without repeats of an id."""
        self.drain_events()
        return [e for e in self._events.values() if e["detail"].get("message_id") == message_id]

    def all_events(self) -> list[dict]:
        self.drain_events()
        return list(self._events.values())

    def forget_events(self) -> None:
        """Spares the next test those that nobody has looked at."""
        self.sqs.purge_queue(QueueUrl=self._event_queue)

    def times_sent(self, event_id: str) -> int:
        return self._event_repeats.get(event_id, 0)

    def drain_events(self) -> None:
        with self._lock:
            while True:
                messages = self.sqs.receive_message(QueueUrl=self._event_queue, MaxNumberOfMessages=10).get(
                    "Messages", []
                )
                if not messages:
                    return
                for message in messages:
                    event = json.loads(message["Body"])
                    event_id = event["detail"]["id"]
                    self._events[event_id] = event
                    self._event_repeats[event_id] = self._event_repeats.get(event_id, 0) + 1
                self.sqs.delete_message_batch(
                    QueueUrl=self._event_queue,
                    Entries=[{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)],
                )

    def queued(self) -> int:
        return self.waiting(self.outputs["QueueUrl"])

    def waiting(self, queue_url: str) -> int:
        """Messages in a queue, in somebody's hands or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def idle(self) -> bool:
        return self.queued() == 0

    def log_lines(self, function: str) -> list[str]:
        """What a function wrote, out of CloudWatch Logs, without Lambda's own lines."""
        logs = self.cloud.client("logs")
        name = self.outputs[f"{function}FunctionName"]
        config = self.functions.get_function_configuration(FunctionName=name)
        group = config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
        lines: list[str] = []
        start: int | None = 0
        while True:
            # ministack cuts the list and names no next page; it is in the order of time.
            page = logs.filter_log_events(logGroupName=group, startTime=start)["events"]
            cut = len(page) == LOG_PAGE
            start = page[-1]["timestamp"] if cut else None
            lines += [line for e in page if e["timestamp"] != start for line in e["message"].splitlines()]
            if not cut:
                break
        return [line for line in lines if not re.match(r"(START|END|REPORT) RequestId: ", line)]


# What a report did that moved no leg; else its step is the leg's name.
STILL = ("repeated", "late", "unknown")


def text_of(item: dict) -> str:
    """What an item has of its message."""
    if "m" not in item:
        # As it was written at first.
        return zlib.decompress(item["message"], -15).decode()
    clear = item["pk"] + item.get("correlation_id", "")
    return zlib.decompressobj(-15, zdict=clear.encode() + WORDS).decompress(item["m"]).decode()


def aggregate(item: dict) -> dict:
    """The message of an item, and beside it where the log says that it stands."""
    found = json.loads(text_of(item))
    last = found["log"][-1]
    return found | {
        "state": last.get("to"),
        "contradicted": last.get("contradicted", False),
        "expires_at": item["expires_at"],
    }


def legs(message: dict) -> dict[str, str]:
    """Where a message stands on each channel."""
    return {leg["channel"]: leg["leg"] for leg in delivery(message)["legs"]}


def delivery(message: dict) -> dict:
    """What a message's reports say."""
    return message["delivery"]


def plain(item: dict) -> dict:
    """DynamoDB's typed values as plain ones."""

    def value(typed: dict) -> Any:
        ((kind, content),) = typed.items()
        match kind:
            case "S" | "BOOL":
                return content
            case "N":
                return int(content)
            case "B":
                return content if isinstance(content, bytes) else base64.b64decode(content)
            case "M":
                return {k: value(v) for k, v in content.items()}
            case "L":
                return [value(v) for v in content]
            case "NULL":
                return None
        raise TypeError(kind)

    return {name: value(typed) for name, typed in item.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
