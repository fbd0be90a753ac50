"""An account on ministack, and a checkout that is deployed to it by scripts/deploy, without being built."""

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
from botocore.exceptions import ClientError

from stack import CREDENTIALS, Ministack

ROOT = pathlib.Path(__file__).parents[2]

REGION = "eu-central-1"
HOME = {"region_name": REGION}


def archive(name: str, text: str) -> bytes:
    """A zip with one file, the same each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return content.getvalue()


class Account:
    # The stacks that are made, and where.
    STACKS: tuple[tuple[str, dict[str, str]], ...] = (("sinch-callback", HOME),)

    def __init__(self, folder: pathlib.Path, *templates: str) -> None:
        self.folder = folder
        self.cloud = Ministack(folder)
        # Lambda takes code from its own region alone, on ministack too.
        self.aws("s3", HOME).create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.aws("ssm", HOME).put_parameter(Name="/sinch/current", Type="SecureString", Value="made-up-secret")
        for name in ("scripts/deploy", "deploy/template.yaml", *templates):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        for name in ("receiver", "processor"):
            self.file(f"target/lambda/x86_64/{name}.zip", archive("bootstrap", "#!/bin/sh\n"))

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def file(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    def without(self, path: str, *resources: str) -> None:
        """Takes resources out of a template that ministack does not have."""
        for name in resources:
            (resource,) = re.findall(rf"  {name}:\n(?:    .*\n|\n)+", self.text(path))
            self.file(path, self.text(path).replace(resource, "").encode())

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
        for name, where in self.STACKS:
            try:
                events = self.aws("cloudformation", where).describe_stack_events(StackName=name)["StackEvents"]
            except ClientError:
                continue
            for event in events:
                if event["ResourceStatus"].endswith("FAILED"):
                    yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"

    def deploy(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.run(
            *("--bucket", "code", "--secret-parameter", "/sinch/current", "--region", REGION),
            *("--arch", "x86_64", "--no-build", "--set", "FailedSharePercent=0"),
            *more,
        )

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

    def stack(self, name: str, where: dict[str, str] = HOME) -> dict[str, Any]:
        return self.aws("cloudformation", where).describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name: str, where: dict[str, str] = HOME) -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in self.stack(name, where)["Outputs"]}

    def parameters(self, name: str, where: dict[str, str] = HOME) -> dict[str, str]:
        return {p["ParameterKey"]: p["ParameterValue"] for p in self.stack(name, where)["Parameters"]}
