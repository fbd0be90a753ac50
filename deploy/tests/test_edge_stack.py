"""scripts/deploy --edge with the real AWS CLI, against ministack: both stacks are made, and made anew.

ministack has CloudFront's and Lambda's configuration and refuses a version of what did not change, as
Lambda does. It runs nothing at the edge: that is tests/edge.
"""

import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from stack import CREDENTIALS, Ministack

ROOT = pathlib.Path(__file__).parents[2]

REGION = "eu-central-1"
HOME = {"region_name": REGION}
EDGE = {"region_name": "us-east-1"}


def archive(name: str, text: str) -> bytes:
    """A zip with one file, the same each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return content.getvalue()


class Account:
    """An account on ministack, and a checkout that is deployed to it without being built."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.cloud = Ministack(folder)
        # Lambda takes code from its own region alone, on ministack too.
        self.aws("s3", HOME).create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.aws("s3", EDGE).create_bucket(Bucket="edge-code")
        self.aws("ssm", HOME).put_parameter(Name="/sinch/current", Type="SecureString", Value="made-up-secret")
        for name in ("scripts/deploy", "deploy/template.yaml", "deploy/edge.yaml"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        for name in ("receiver", "processor"):
            self.file(f"target/lambda/x86_64/{name}.zip", archive("bootstrap", "#!/bin/sh\n"))
        self.file("edge/dist/cloudfront/prefilter.js", b"function handler(event) { return event.request; }\n")
        self.code("first")
        # ministack has no alarms over expressions, and no delivery of logs.
        for name in ("RefusedAlarm", "PrefilterAlarm", "AccessLogSource", "AccessLogDestination", "AccessLogDelivery"):
            (resource,) = re.findall(rf"  {name}:\n(?:    .*\n|\n)+", self.text("deploy/edge.yaml"))
            self.template(resource, "")

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def file(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    def code(self, text: str) -> None:
        self.file(
            "target/edge/origin-request.zip", archive("origin-request.js", f"exports.handler = () => '{text}';\n")
        )

    def template(self, old: str, new: str) -> None:
        assert old in self.text("deploy/edge.yaml")
        self.file("deploy/edge.yaml", self.text("deploy/edge.yaml").replace(old, new).encode())

    def aws(self, service: str, where: dict[str, str]) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.cloud.url,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            **where,
        )

    def deployed(self, *more: str) -> subprocess.CompletedProcess[str]:
        """A deployment that goes well."""
        ran = self.deploy(*more)
        assert ran.returncode == 0, "\n".join([ran.stdout, ran.stderr, *self.failures()])
        return ran

    def failures(self) -> Iterator[str]:
        for name, where in (("sinch-callback", HOME), ("sinch-callback-edge", EDGE)):
            try:
                events = self.aws("cloudformation", where).describe_stack_events(StackName=name)["StackEvents"]
            except ClientError:
                continue
            for event in events:
                if event["ResourceStatus"].endswith("FAILED"):
                    yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"

    def deploy(
        self, *more: str, edge: tuple[str, ...] = ("--edge", "--edge-bucket", "edge-code", "--edge-log-days", "0")
    ) -> subprocess.CompletedProcess[str]:
        return self.run(
            "--bucket",
            "code",
            "--secret-parameter",
            "/sinch/current",
            "--region",
            REGION,
            "--arch",
            "x86_64",
            "--no-build",
            *edge,
            "--set",
            "FailedSharePercent=0",
            *more,
        )

    def log_retention(self, region: str) -> list[int]:
        found = self.aws("logs", {"region_name": region}).describe_log_groups(
            logGroupNamePrefix="/aws/lambda/us-east-1.sinch-callback-edge-edge"
        )
        return [group["retentionInDays"] for group in found["logGroups"]]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "scripts/deploy", *arguments],
            env={
                # The tools' own Python and AWS CLI.
                "PATH": f"{self.folder / 'bin'}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "AWS_ENDPOINT_URL": self.cloud.url,
                **CREDENTIALS,
            },
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def keep_copies(self, kept: bool) -> None:
        """Lambda refuses to delete the edge's function while copies of it are at the edge; ministack never does."""
        path = self.folder / "bin/aws"
        if not kept:
            path.unlink()
            return
        path.parent.mkdir(exist_ok=True)
        real = pathlib.Path(sys.executable).with_name("aws")
        path.write_text(
            '#!/bin/sh\ncase "$*" in *delete-function*)\n'
            "    echo 'An error occurred (InvalidParameterValueException) when calling the DeleteFunction operation: "
            "Lambda was unable to delete the function because it is a replicated function.' >&2; exit 254 ;;\n"
            f'esac\nexec {real} "$@"\n',
            encoding="utf-8",
        )
        path.chmod(0o755)

    def stack(self, name: str, where: dict[str, str]) -> dict[str, Any]:
        return self.aws("cloudformation", where).describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self) -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in self.stack("sinch-callback-edge", EDGE)["Outputs"]}

    def distribution(self) -> dict[str, Any]:
        found = self.aws("cloudfront", EDGE).get_distribution(Id=self.outputs()["DistributionId"])
        return found["Distribution"]["DistributionConfig"]

    def versions_at_the_edge(self) -> dict[str, str]:
        behavior = self.distribution()["DefaultCacheBehavior"]
        items = behavior["LambdaFunctionAssociations"]["Items"]
        return {item["EventType"]: item["LambdaFunctionARN"].rsplit(":", 1)[1] for item in items}

    def versions(self) -> list[str]:
        found = self.aws("lambda", EDGE).list_versions_by_function(FunctionName="sinch-callback-edge-edge")["Versions"]
        return [version["Version"] for version in found]


@pytest.fixture(name="account", scope="module")
def fixture_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("account"))
    yield account
    account.cloud.stop()
    assert account.cloud.processes() == []


def both(version: str) -> dict[str, str]:
    return {"origin-request": version, "origin-response": version}


def test_bucket_of_another_region_is_refused_before_anything_is_made(account: Account) -> None:
    ran = account.deploy("--edge-bucket", "code")
    assert ran.returncode == 1 and "the bucket code is in eu-central-1" in ran.stderr, ran.stdout + ran.stderr
    with pytest.raises(ClientError, match="does not exist"):
        account.stack("sinch-callback", HOME)


def test_both_stacks_are_made_and_a_new_version_with_each_change_alone(account: Account) -> None:
    ran = account.deployed()

    receiver = account.stack("sinch-callback", HOME)
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in receiver["Parameters"]}
    assert parameters["DistributionArn"] == account.outputs()["DistributionArn"]
    assert f"target    {account.outputs()['CallbackUrl']}\n" in ran.stdout

    config = account.distribution()
    (origin,) = config["Origins"]["Items"]
    headers = {h["HeaderName"]: h["HeaderValue"] for h in origin["CustomHeaders"]["Items"]}
    (host,) = [o["OutputValue"] for o in receiver["Outputs"] if o["OutputKey"] == "ReceiverUrlHost"]
    assert origin["DomainName"] == host
    assert headers["x-callback-secret-parameters"] == "/sinch/current"
    assert headers["x-callback-secret-region"] == REGION
    access = account.aws("cloudfront", EDGE).get_origin_access_control(Id=origin["OriginAccessControlId"])
    assert access["OriginAccessControl"]["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    associations = config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"]
    assert {a["EventType"]: a.get("IncludeBody", False) for a in associations} == {
        "origin-request": True,
        "origin-response": False,
    }
    assert account.versions_at_the_edge() == both("1")

    # Nothing changed: nothing is made.
    account.deployed()
    assert account.versions() == ["$LATEST", "1"]

    account.code("second")
    account.deployed()
    assert account.versions_at_the_edge() == both("2")
    # The former one stays: its copies may be in use yet.
    assert account.versions() == ["$LATEST", "1", "2"]

    # The configuration is part of a version too.
    account.template("MemorySize: 128", "MemorySize: 256")
    account.deployed()
    assert account.versions_at_the_edge() == both("3")

    # A setting travels in a header, and needs no version.
    account.deployed("--edge-set", "GuardCapacity=5", "--edge-log-days", "14")
    assert [account.log_retention(region) for region in ("us-east-1", "eu-central-1")] == [[14], [14]]
    assert account.versions_at_the_edge() == both("3")
    (origin,) = account.distribution()["Origins"]["Items"]
    assert {"HeaderName": "x-callback-guard-capacity", "HeaderValue": "5"} in origin["CustomHeaders"]["Items"]

    # Why the revision stands in the function too: of what did not change Lambda makes no version.
    account.template(", revision ${EdgeRevision}", "")
    account.deployed()
    account.template("# Distribution\n", "# The distribution\n")
    assert account.deploy().returncode != 0
    assert any("A version for this Lambda function exists" in reason for reason in account.failures())


def edges_role(account: Account) -> str:
    return (
        account.aws("lambda", EDGE)
        .get_function_configuration(FunctionName="sinch-callback-edge-edge")["Role"]
        .rsplit("/", 1)[1]
    )


def test_edge_is_removed_in_two_phases_and_not_while_sinch_has_no_other_way_in(account: Account) -> None:
    ran = account.run("--remove-edge", "--region", REGION)
    assert ran.returncode == 1 and "nobody could call the receiver" in ran.stderr, ran.stdout + ran.stderr
    assert account.stack("sinch-callback-edge", EDGE)["StackStatus"].endswith("COMPLETE")

    opened = account.deploy("--public-url", edge=())
    assert opened.returncode == 0, opened.stdout + opened.stderr
    role, bucket = edges_role(account), account.outputs()["LogBucketName"]

    account.keep_copies(True)
    ran = account.run("--remove-edge", "--region", REGION)
    assert ran.returncode == 3 and "Run the same command again tomorrow" in ran.stdout, ran.stdout + ran.stderr
    with pytest.raises(ClientError, match="does not exist"):
        account.stack("sinch-callback-edge", EDGE)
    # The function and its role outlive the stack, and the receiver lets the distribution in no more.
    assert edges_role(account) == role
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in account.stack("sinch-callback", HOME)["Parameters"]}
    assert (parameters["DistributionArn"], parameters["PublicUrl"]) == ("", "true")

    again = account.deploy()
    assert again.returncode == 1 and "--remove-edge first" in again.stderr

    account.keep_copies(False)
    ran = account.run("--remove-edge", "--region", REGION)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with pytest.raises(ClientError, match="Function not found"):
        edges_role(account)
    with pytest.raises(ClientError, match=r"NoSuchEntity|cannot be found"):
        account.aws("iam", EDGE).get_role(RoleName=role)
    # What was logged stays.
    account.aws("s3", EDGE).head_bucket(Bucket=bucket)

    ran = account.run("--remove-edge", "--region", REGION)
    assert ran.returncode == 0 and "nothing is left of the edge" in ran.stdout
