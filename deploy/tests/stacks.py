"""What a template makes of its parameters, and what is wrong in any template.

Conditions and functions are evaluated, so that a rule looks at stacks as they will be.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

# A template as YAML has it, and the resources of a stack, evaluated.
Template = dict[str, Any]
Resources = dict[str, dict[str, Any]]
# What is wrong, in words.
Complaints = Iterator[str]

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "sinch",
}
NO_VALUE = {"Ref": "AWS::NoValue"}


def resources(template: Template, parameters: dict[str, str]) -> Resources:
    """The resources of the stack that these parameters make; others have their defaults.

    A `Ref` or `Fn::GetAtt` of a resource stays as it is.
    """
    values = PSEUDO | {name: p["Default"] for name, p in template["Parameters"].items() if "Default" in p} | parameters

    def holds(condition: dict[str, Any]) -> bool:
        ((name, argument),) = condition.items()
        if name == "Condition":
            return holds(template["Conditions"][argument])
        if name == "Fn::Not":
            return not holds(argument[0])
        if name == "Fn::And":
            return all(map(holds, argument))
        if name == "Fn::Equals":
            return str(evaluate(argument[0])) == str(evaluate(argument[1]))
        raise NotImplementedError(name)

    def substitute(text: str, own: dict[str, Any]) -> str:
        return re.sub(r"\$\{([\w:]+)\}", lambda match: str((values | own).get(match[1], match[0])), text)

    def evaluate(value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(evaluate, value) if item != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return values.get(argument, value)
            if name == "Fn::If":
                condition, yes, no = argument
                return evaluate(yes if holds({"Condition": condition}) else no)
            if name == "Fn::Sub":
                text, own = argument if isinstance(argument, list) else (argument, {})
                return substitute(text, evaluate(own))
            if name == "Fn::Join":
                return argument[0].join(evaluate(argument[1]))
            if name == "Fn::Split":
                return evaluate(argument[1]).split(argument[0])
            if name == "Fn::Select":
                return evaluate(argument[1])[int(argument[0])]
        return {key: item for key, item in ((k, evaluate(v)) for k, v in value.items()) if item != NO_VALUE}

    return {
        name: evaluate(resource)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or holds({"Condition": resource["Condition"]})
    }


def variants(template: Template, parameters: list[dict[str, str]]) -> Iterator[tuple[dict[str, str], Resources]]:
    """The stacks of several sets of parameters: each set with its resources."""
    for one in parameters:
        yield one, resources(template, one)


def of(stack: Resources, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of all resources of a kind, by their names."""
    return {name: r.get("Properties", {}) for name, r in stack.items() if r["Type"] == kind}


def target(value: Any) -> Any:
    """The name of the resource that a `Ref` or `Fn::GetAtt` is about."""
    if isinstance(value, dict):
        return value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
    return None


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(stack: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of each role's policies, with the role's name."""
    for name, role in of(stack, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


# What is wrong in whatever template it stands.


def wildcards(stack: Resources, allowed: list[tuple[str, str]]) -> Complaints:
    """Wider grants than by name; `allowed` are the wildcards that stay, as (action, pattern of the resource)."""
    for name, role in of(stack, "AWS::IAM::Role").items():
        if role.get("ManagedPolicyArns"):
            yield f"{name} has managed policies, which are wider than its function"
    for name, statement in statements(stack):
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{name} is granted all but something"
        for action, resource in itertools.product(as_list(statement.get("Action")), as_list(statement.get("Resource"))):
            if "*" in str(action):
                yield f"{name} may do {action}"
            if not isinstance(resource, str) or "*" not in resource:
                continue
            if not any(action == a and re.fullmatch(pattern, resource) for a, pattern in allowed):
                yield f"{name} may do {action} on {resource}"


def grants_that_differ(stack: Resources, needed: dict[str, set[str]]) -> Complaints:
    """Actions that a role has and its function does not call, or the other way round. Keys have a rule of their own."""
    granted: dict[str, set[str]] = {name: set() for name in of(stack, "AWS::IAM::Role")}
    for name, statement in statements(stack):
        granted[name].update(a for a in as_list(statement.get("Action")) if not a.startswith("kms:"))
    for name in granted.keys() | needed.keys():
        differ = granted.get(name, set()) ^ needed.get(name, set())
        if differ:
            yield f"{name} is granted, or lacks, {sorted(differ)}"


def secrets_read(stack: Resources, names: str, region: str, ends: tuple[str, ...] = ("", ":*")) -> Complaints:
    """Parameters that may be read and are not named, or the other way round. `:*` is any version."""
    prefix = f"arn:aws:ssm:{region}:123456789012:parameter"
    expected = {f"{prefix}/{name.removeprefix('/')}{end}" for name in names.split(",") if name for end in ends}
    granted = {
        resource
        for _, statement in statements(stack)
        if "ssm:GetParameters" in as_list(statement.get("Action"))
        for resource in as_list(statement["Resource"])
    }
    if granted != expected:
        yield f"of {names} may be read: {sorted(granted)}"


def parameter_arns(names: str, region: str) -> str:
    """What SSM says of these parameters."""
    prefix = f"arn:aws:ssm:{region}:123456789012:parameter/"
    return ",".join(prefix + name.removeprefix("/") for name in names.split(",") if name)


def named_in(arns: str) -> list[str]:
    return [arn.partition(":parameter/")[2] for arn in arns.split(",") if arn]


def nothing_to_take(template: Template) -> Complaints:
    """Stacks that CloudFormation would make, and that would take no callback."""
    without = {"Fn::And": [{"Fn::Equals": [{"Ref": name}, ""]} for name in ("SecretParameterNames", "Endpoints")]}
    rule = template.get("Rules", {}).get("SomethingIsTaken", {})
    if "RuleCondition" in rule or {"Fn::Not": [without]} not in [a["Assert"] for a in rule.get("Assertions", [])]:
        yield "a stack without secrets and endpoints would be made"
    rule = template.get("Rules", {}).get("EndpointsNeedTheirParameters", {})
    if rule.get("RuleCondition") != {"Fn::Not": [{"Fn::Equals": [{"Ref": "Endpoints"}, ""]}]}:
        yield "endpoints would be given without their secrets"


def keys_used(stack: Resources, key: str, region: str) -> Complaints:
    """Other uses of keys than that of the secrets, by way of SSM."""
    granted = [s for _, s in statements(stack) if any(str(a).startswith("kms:") for a in as_list(s.get("Action")))]
    expected = {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": f"ssm.{region}.amazonaws.com"}},
    }
    if [{k: v for k, v in s.items() if k != "Sid"} for s in granted] != ([expected] if key else []):
        yield f"with the key {key or 'aws/ssm'}: {granted}"


def secrets_within(template: Template, public: frozenset[str] = frozenset()) -> Complaints:
    """Places of a secret; `public` are parameters that hold none."""
    for name, resource in template["Resources"].items():
        # CloudFormation makes no SecureString, and a String is readable to all who may list it.
        if resource["Type"] in ("AWS::SSM::Parameter", "AWS::SecretsManager::Secret") and name not in public:
            yield f"{name} would hold a secret"
    if "{{resolve:" in json.dumps(template):
        yield "a dynamic reference would put a secret into a configuration that many may read"


def silent_alarms(stack: Resources, topic: str) -> Complaints:
    """Alarms that tell nobody; `topic` is the one that was given, if any."""
    topics = [topic] if topic else [{"Ref": name} for name in of(stack, "AWS::SNS::Topic")]
    for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
        actions = alarm.get("AlarmActions", [])
        if not actions or actions != topics or alarm.get("ActionsEnabled", True) is not True:
            yield f"{name} tells nobody: {actions}"
        if "TreatMissingData" not in alarm:
            yield f"{name} does not say what no data means"


def metrics_of(alarm: dict[str, Any]) -> list[tuple[dict[str, Any], str | None]]:
    """The metrics that an alarm watches, as (metric, statistic)."""
    found = [
        (m["MetricStat"]["Metric"], m["MetricStat"]["Stat"]) for m in alarm.get("Metrics", []) if "MetricStat" in m
    ]
    return found or [(alarm, alarm.get("Statistic"))]


def filled(stack: Resources) -> Complaints:
    """Alarms that make up data: the newest point of a metric that comes late is then always the made-up one."""
    for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
        for metric in alarm.get("Metrics", []):
            if "FILL(" in metric.get("Expression", ""):
                yield f"{name} fills in what has not come yet: {metric['Expression']}"


def dashboards_that_cannot_be_drawn(stack: Resources) -> Complaints:
    for name, dashboard in of(stack, "AWS::CloudWatch::Dashboard").items():
        try:
            widgets = json.loads(dashboard["DashboardBody"])["widgets"]
        except ValueError as error:
            yield f"{name} is not JSON: {error}"
            continue
        for widget in widgets:
            if not {"title", "region", "metrics"} <= widget["properties"].keys():
                yield f"{name} has a widget without title, region or metrics: {widget}"
