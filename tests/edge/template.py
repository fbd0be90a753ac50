"""What deploy/edge.yaml makes of the distribution, as far as the emulator is told."""

from typing import Any

from cloudformation import load
from stack import REPOSITORY

TEMPLATE = REPOSITORY / "deploy" / "edge.yaml"


class EdgeTemplate:
    def __init__(self, **parameters: str) -> None:
        template = load(TEMPLATE)
        self.resources = template["Resources"]
        self.conditions = template["Conditions"]
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

    def chosen(self, written: Any) -> Any:
        """What `Fn::If` leaves of a value: `{}` of one that is not there."""
        if "Fn::If" not in written:
            return written
        condition, yes, _ = written["Fn::If"]
        (name,) = (e[0]["Ref"] for e in (self.conditions[condition]["Fn::Not"][0]["Fn::Equals"],))
        return yes if self.parameters[name] else {}

    def origin(self) -> dict:
        (origin,) = self.config["Origins"]
        return {
            "domainName": self.value(origin["DomainName"]),
            "customHeaders": {
                header["HeaderName"]: self.value(header["HeaderValue"])
                for header in map(self.chosen, origin["OriginCustomHeaders"])
                if header
            },
            "readTimeoutSeconds": origin["CustomOriginConfig"]["OriginReadTimeout"],
        }
