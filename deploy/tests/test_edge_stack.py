"""scripts/deploy --edge with the real AWS CLI, against ministack: both stacks are made, and made anew.

ministack has CloudFront's and Lambda's configuration and refuses a version of what did not change, as
Lambda does. It runs nothing at the edge: that is tests/edge.
"""

import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

import account as accounts
from account import HOME, REGION, archive

EDGE = {"region_name": "us-east-1"}
WITH_EDGE = ("--edge", "--edge-bucket", "edge-code", "--edge-log-days", "0")


class Account(accounts.Account):
    STACKS = (("sinch-callback", HOME), ("sinch-callback-edge", EDGE))

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder, "deploy/edge.yaml")
        self.aws("s3", EDGE).create_bucket(Bucket="edge-code")
        self.file("edge/dist/cloudfront/prefilter.js", b"function handler(event) { return event.request; }\n")
        self.code("first")
        # ministack has no alarms over expressions, and no delivery of logs.
        for name in ("RefusedAlarm", "PrefilterAlarm", "AccessLogSource", "AccessLogDestination", "AccessLogDelivery"):
            self.without("deploy/edge.yaml", name)

    def code(self, text: str) -> None:
        self.file(
            "target/edge/origin-request.zip", archive("origin-request.js", f"exports.handler = () => '{text}';\n")
        )

    def template(self, old: str, new: str) -> None:
        assert old in self.text("deploy/edge.yaml")
        self.file("deploy/edge.yaml", self.text("deploy/edge.yaml").replace(old, new).encode())

    def deploy(self, *more: str, edge: tuple[str, ...] = WITH_EDGE) -> subprocess.CompletedProcess[str]:
        return super().deploy(*edge, *more)

    def log_retention(self, region: str) -> list[int]:
        found = self.aws("logs", {"region_name": region}).describe_log_groups(
            logGroupNamePrefix="/aws/lambda/us-east-1.sinch-callback-edge-edge"
        )
        return [group["retentionInDays"] for group in found["logGroups"]]

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

    def edges(self) -> dict[str, str]:
        """The outputs of the edge's stack."""
        return self.outputs("sinch-callback-edge", EDGE)

    def distribution(self) -> dict[str, Any]:
        found = self.aws("cloudfront", EDGE).get_distribution(Id=self.edges()["DistributionId"])
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
        account.stack("sinch-callback")


def test_both_stacks_are_made_and_a_new_version_with_each_change_alone(account: Account) -> None:
    ran = account.deployed()

    receiver = account.stack("sinch-callback")
    assert account.parameters("sinch-callback")["DistributionArn"] == account.edges()["DistributionArn"]
    assert f"target    {account.edges()['CallbackUrl']}\n" in ran.stdout

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
    role, bucket = edges_role(account), account.edges()["LogBucketName"]

    account.keep_copies(True)
    ran = account.run("--remove-edge", "--region", REGION)
    assert ran.returncode == 3 and "Run the same command again tomorrow" in ran.stdout, ran.stdout + ran.stderr
    with pytest.raises(ClientError, match="does not exist"):
        account.stack("sinch-callback-edge", EDGE)
    # The function and its role outlive the stack, and the receiver lets the distribution in no more.
    assert edges_role(account) == role
    parameters = account.parameters("sinch-callback")
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
