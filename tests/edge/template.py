"""What deploy/edge.yaml makes of the distribution, as far as the emulator is told."""

from typing import Any

from cloudformation import load
from stack import REPOSITORY

TEMPLATE = REPOSITORY / "deploy" / "edge.yaml"


class EdgeTemplate:
    def __init__(self, **parameters: str) -> None:
        template = load(TEMPLATE)
        self.resources = template["Resources"]
        self.parameters = {
            name: parameters.get(name, declared.get("Default")) for name, declared in template["Parameters"].items()
        }
        (self.config,) = (
            resource["Properties"]["DistributionConfig"]
            for resource in self.resources.values()
            if resource["Type"] == "AWS::CloudFront::Distribution"
        )
        (self.function,) = (
            resource["Properties"]
            for resource in self.resources.values()
            if resource["Type"] == "AWS::Lambda::Function"
        )

    def value(self, written: Any) -> str:
        return str(self.parameters[written["Ref"]] if isinstance(written, dict) else written)

    def origin(self) -> dict:
        (origin,) = self.config["Origins"]
        return {
            "domainName": self.value(origin["DomainName"]),
            "customHeaders": {
                header["HeaderName"]: self.value(header["HeaderValue"]) for header in origin["OriginCustomHeaders"]
            },
            "readTimeoutSeconds": origin["CustomOriginConfig"]["OriginReadTimeout"],
        }
