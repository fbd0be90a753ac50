"""What edge.yaml has to hold beyond what cfn-lint knows. The form is that of rules.py."""

import itertools
import pathlib
import re
from collections.abc import Iterator
from typing import Any

from cloudformation import load
from stacks import (
    Complaints,
    Resources,
    Template,
    dashboards_that_cannot_be_drawn,
    filled,
    grants_that_differ,
    keys_used,
    metrics_of,
    named_in,
    nothing_to_take,
    of,
    parameter_arns,
    secrets_read,
    secrets_within,
    silent_alarms,
    statements,
    target,
    variants,
    wildcards,
)

RECEIVER = load(pathlib.Path(__file__).parent.parent / "template.yaml")

# CloudFront's managed policies: CachingDisabled, and AllViewerExceptHostHeader.
NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

# What the function reads, and from which parameter it comes.
SETTINGS = {
    "x-callback-secret-parameters": "SecretParameterNames",
    "x-callback-endpoints": "Endpoints",
    "x-callback-secret-region": "SecretRegion",
    "x-callback-max-age-seconds": "MaxAgeSeconds",
    "x-callback-max-body-bytes": "MaxBodyBytes",
    "x-callback-on-signature-mismatch": "OnSignatureMismatch",
    "x-callback-without-secret": "WithoutSecret",
    "x-callback-guard-capacity": "GuardCapacity",
    "x-callback-foreign-origin": "ForeignOrigin",
    "x-callback-verbatim-secrets": "SecretVerbatim",
}
# What Lambda@Edge runs, of what CloudFormation lets be created for a while yet.
RUNTIMES = {"nodejs22.x", "nodejs24.x"}
# Refused as soon as CloudFront is to run the function.
NOT_AT_THE_EDGE = {
    "Environment",
    "Layers",
    "VpcConfig",
    "TracingConfig",
    "DeadLetterConfig",
    "ReservedConcurrentExecutions",
    "KmsKeyArn",
    "FileSystemConfigs",
    "ImageConfig",
    "SnapStart",
}
ACTIONS = {"EdgeRole": {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameters"}}
WILDCARDS = [
    # Any region, of one log group.
    ("logs:CreateLogGroup", r"arn:aws:logs:\*:123456789012:log-group:/aws/lambda/us-east-1\.sinch-edge:\*"),
    ("logs:CreateLogStream", r"arn:aws:logs:\*:123456789012:log-group:/aws/lambda/us-east-1\.sinch-edge:\*"),
    ("logs:PutLogEvents", r"arn:aws:logs:\*:123456789012:log-group:/aws/lambda/us-east-1\.sinch-edge:\*"),
    # A version or label of one named parameter; no parameter's name has a colon.
    ("ssm:GetParameters", r"arn:aws:ssm:eu-west-1:123456789012:parameter/[^*:]+:\*"),
]
# Each of CloudFront's metrics has one statistic, and no other gives data.
WATCHED = {
    ("Requests", "Sum", "DistributionId"),
    ("4xxErrorRate", "Average", "DistributionId"),
    ("5xxErrorRate", "Average", "DistributionId"),
    ("FunctionExecutionErrors", "Sum", "FunctionName"),
    ("FunctionValidationErrors", "Sum", "FunctionName"),
    ("FunctionThrottles", "Sum", "FunctionName"),
}
# What the function writes where it runs in this region, under the name that its copies have there.
COUNTED = {("OriginRefused", "Sum")}
OUTPUTS = {
    "DistributionId",
    "DistributionArn",
    "DistributionDomain",
    "CallbackUrl",
    "LogBucketName",
    "AlarmTopicArn",
    "DashboardName",
}

HOST = "abc.lambda-url.eu-west-1.on.aws"
GIVEN = {
    "AWS::Region": "us-east-1",
    "ReceiverUrlHost": HOST,
    "ReceiverFunctionName": "sinch-ReceiverFunction-1ABC",
    "SecretRegion": "eu-west-1",
    "EdgeRevision": "0123456789abcdef",
    "EdgeCode": "A" * 43 + "=",
}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/made-up"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/made-up/1"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/made-up"
NAMES = itertools.cycle(["/sinch/current", "current,/sinch/a/previous", "", "/a,b,/c/d,e"])
ENDPOINTS = itertools.cycle(["", '[{"path":"/voice"}]', '[{"path":"/numbers"}]'])
ENDPOINT_NAMES = itertools.cycle(["", "/sinch/voice", "/sinch/a/numbers,mail"])
VARIANTS = [
    GIVEN
    | {
        "AlarmTopicArn": topic,
        "SecretKeyArn": key,
        "DomainName": domain,
        "CertificateArn": CERTIFICATE if domain else "",
        "WebAclArn": WEB_ACL if domain else "",
        "SecretParameterNames": next(NAMES),
        "Endpoints": next(ENDPOINTS),
        "EndpointParameterArns": parameter_arns(next(ENDPOINT_NAMES), "eu-west-1"),
    }
    for topic, key in [("", KEY), (TOPIC, "")]
    for domain in ["", "callbacks.example.com"]
]


def stacks(template: Template) -> Iterator[tuple[dict[str, str], Resources]]:
    return variants(template, VARIANTS)


def distributions(stack: Resources) -> list[dict[str, Any]]:
    return [p["DistributionConfig"] for p in of(stack, "AWS::CloudFront::Distribution").values()]


def behaviors(stack: Resources) -> Iterator[dict[str, Any]]:
    for distribution in distributions(stack):
        yield distribution["DefaultCacheBehavior"]
        yield from distribution.get("CacheBehaviors", [])


def names_in(value: Any) -> Iterator[str]:
    """All names that a value refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from re.findall(r"\$\{([\w:.]+)\}", text)
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def it_is_deployed_in_us_east_1_alone(template: Template) -> Complaints:
    here = {"Assert": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    for rule in template.get("Rules", {}).values():
        for assertion in rule["Assertions"]:
            if "RuleCondition" not in rule and here.items() <= assertion.items():
                return
    yield "no rule refuses other regions"


def each_event_has_its_one_function(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for behavior in behaviors(stack):
            viewer = [(a["EventType"], a["FunctionARN"]) for a in behavior.get("FunctionAssociations", [])]
            if viewer != [("viewer-request", {"Fn::GetAtt": ["Prefilter", "FunctionARN"]})]:
                yield f"on viewer events are {viewer}, not the prefilter on viewer-request"
            # CloudFront takes no Lambda@Edge function on a viewer event beside the prefilter.
            origin = sorted(a["EventType"] for a in behavior.get("LambdaFunctionAssociations", []))
            if origin != ["origin-request", "origin-response"]:
                yield f"Lambda@Edge has the events {origin}"


def cloudfront_runs_a_numbered_version(template: Template) -> Complaints:
    for _, stack in stacks(template):
        versions = of(stack, "AWS::Lambda::Version")
        for behavior in behaviors(stack):
            for association in behavior.get("LambdaFunctionAssociations", []):
                arn = association["LambdaFunctionARN"]
                if not isinstance(arn, dict) or arn.get("Ref") not in versions:
                    yield f"{association['EventType']} runs {arn}, which is no version of this stack"


def both_events_come_to_the_same_function(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for behavior in behaviors(stack):
            found = {str(a["LambdaFunctionARN"]) for a in behavior.get("LambdaFunctionAssociations", [])}
            if len(found) > 1:
                # Two functions share no memory: nothing would ever be confirmed where it was claimed.
                yield f"what claims and what confirms are apart: {sorted(found)}"


def the_body_is_shown_to_what_verifies_it(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for behavior in behaviors(stack):
            for association in behavior.get("LambdaFunctionAssociations", []):
                request = association["EventType"].endswith("-request")
                if association.get("IncludeBody", False) is not request:
                    yield f"{association['EventType']} has IncludeBody {association.get('IncludeBody')}"


def functions_are_such_as_the_edge_runs(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, function in of(stack, "AWS::Lambda::Function").items():
            if function.get("Runtime") not in RUNTIMES:
                yield f"{name} has the runtime {function.get('Runtime')}"
            if function.get("Architectures", ["x86_64"]) != ["x86_64"]:
                yield f"{name} runs on {function['Architectures']}"
            if found := NOT_AT_THE_EDGE & function.keys():
                yield f"{name} has {sorted(found)}, which Lambda@Edge does not take"
            if function.get("Timeout", 3) > 30:
                yield f"{name} may take {function['Timeout']} s; at the edge 30 s are the most"
        for name, function in of(stack, "AWS::CloudFront::Function").items():
            if function["FunctionConfig"]["Runtime"] != "cloudfront-js-2.0":
                yield f"{name} has the runtime {function['FunctionConfig']['Runtime']}"
            if function.get("AutoPublish") is not True:
                yield f"{name} is not published, so CloudFront goes on with the former code"


def a_new_version_is_made_with_each_change_and_with_nothing_else(template: Template) -> Complaints:
    """A version is replaced by its own properties alone, and cannot be made of a function that did not change."""
    functions = of(template["Resources"], "AWS::Lambda::Function")
    for name, version in of(template["Resources"], "AWS::Lambda::Version").items():
        if version.get("Description") != {"Ref": "EdgeRevision"}:
            yield f"{name} stays as it is when the revision changes"
        if version.get("CodeSha256") != {"Ref": "EdgeCode"}:
            yield f"{name} may be of other code than was deployed"
        function = functions[target(version["FunctionName"])]
        parameters = set(names_in(function)) & template["Parameters"].keys()
        if "EdgeRevision" not in names_in(function.get("Description")):
            edge = target(version["FunctionName"])
            yield f"{edge} may stay as it is when the revision changes: no version can be made"
        if parameters - {"EdgeRevision"}:
            yield f"{sorted(parameters - {'EdgeRevision'})} change the function, and no version with it"


def former_versions_stay(template: Template) -> Complaints:
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Version":
            if resource.get("UpdateReplacePolicy") != "Retain":
                yield f"{name}: a version with copies at the edge cannot be deleted, and an update would fail at it"
            # Where its making is rolled back it must go, or the next attempt finds nothing to make.
            if resource.get("DeletionPolicy") != "RetainExceptOnCreate":
                yield f"{name} has the DeletionPolicy {resource.get('DeletionPolicy')}"


def role_is_for_lambda_and_its_copies_at_the_edge(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, role in of(stack, "AWS::IAM::Role").items():
            for statement in role["AssumeRolePolicyDocument"]["Statement"]:
                found = statement["Principal"].get("Service", [])
                if (
                    sorted(found) != ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]
                    or len(statement["Principal"]) > 1
                ):
                    yield f"{name} may be taken by {statement['Principal']}"


def role_grants_what_its_function_calls(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from grants_that_differ(stack, ACTIONS)


def nothing_is_granted_by_wildcard_where_a_name_would_do(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from wildcards(stack, WILDCARDS)


def logs_may_be_written_in_every_region(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, function in of(stack, "AWS::Lambda::Function").items():
            group = f"arn:aws:logs:*:123456789012:log-group:/aws/lambda/us-east-1.{function.get('FunctionName')}:*"
            if not any(statement["Resource"] == group for _, statement in statements(stack)):
                yield f"{name} cannot write to {group}"


def secrets_that_may_be_read_are_those_that_are_named(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        names = ",".join([parameters["SecretParameterNames"], *named_in(parameters["EndpointParameterArns"])])
        yield from secrets_read(stack, names, parameters["SecretRegion"])


def something_is_taken(template: Template) -> Complaints:
    yield from nothing_to_take(template)


def secrets_key_is_used_through_ssm_alone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from keys_used(stack, parameters["SecretKeyArn"], parameters["SecretRegion"])


def no_secret_is_in_the_template(template: Template) -> Complaints:
    yield from secrets_within(template)


def cloudfront_signs_each_request(template: Template) -> Complaints:
    needed = {"OriginAccessControlOriginType": "lambda", "SigningBehavior": "always", "SigningProtocol": "sigv4"}
    for _, stack in stacks(template):
        access = of(stack, "AWS::CloudFront::OriginAccessControl")
        for name, properties in access.items():
            for key, value in needed.items():
                if properties["OriginAccessControlConfig"].get(key) != value:
                    yield f"{name} has {key} {properties['OriginAccessControlConfig'].get(key)}, not {value}"
        for distribution in distributions(stack):
            for origin in distribution["Origins"]:
                if target(origin.get("OriginAccessControlId")) not in access:
                    yield f"the origin {origin['Id']} is called without a signature"


def the_origin_is_the_receiver_over_tls(template: Template) -> Complaints:
    timeout = RECEIVER["Resources"]["ReceiverFunction"]["Properties"]["Timeout"]
    for _, stack in stacks(template):
        for distribution in distributions(stack):
            for origin in distribution["Origins"]:
                custom = origin.get("CustomOriginConfig", {})
                if origin["DomainName"] != HOST or origin.get("OriginPath"):
                    yield f"the origin is {origin['DomainName']}{origin.get('OriginPath', '')}"
                if (custom.get("OriginProtocolPolicy"), custom.get("OriginSSLProtocols")) != (
                    "https-only",
                    ["TLSv1.2"],
                ):
                    yield f"the origin is called by {custom}"
                # CloudFront's own default is 30 s.
                if custom.get("OriginReadTimeout", 30) <= timeout:
                    yield f"CloudFront gives up after {custom['OriginReadTimeout']} s, the receiver after {timeout} s"


def settings_reach_the_function(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        for distribution in distributions(stack):
            for origin in distribution["Origins"]:
                found = {h["HeaderName"]: h["HeaderValue"] for h in origin.get("OriginCustomHeaders", [])}
                expected = {
                    header: value
                    for header, name in SETTINGS.items()
                    # CloudFront takes no header without a value.
                    if (value := parameters.get(name, template["Parameters"][name].get("Default"))) != ""
                }
                if found != expected:
                    differ = sorted(k for k in found.keys() | expected if found.get(k) != expected.get(k))
                    yield f"headers that differ: {differ}"


def the_edge_takes_what_the_receiver_takes(template: Template) -> Complaints:
    for name in (
        "SecretParameterNames",
        "EndpointParameterArns",
        "SecretKeyArn",
        "MaxAgeSeconds",
        "OnSignatureMismatch",
    ):
        for key in ("Default", "AllowedPattern", "AllowedValues", "MinValue", "MaxValue"):
            here, there = template["Parameters"][name].get(key), RECEIVER["Parameters"][name].get(key)
            if here != there:
                yield f"{name} has the {key} {here}, the receiver's has {there}"
    for name in ("SecretParameterNames", "Endpoints"):
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
        if template["Parameters"][name].get("MaxLength") != 1783:
            yield f"{name} may be longer than the value of a header"
    # CloudFront shows a function no more of a body; of what it shows the edge refuses nothing.
    body = template["Parameters"]["MaxBodyBytes"]
    if (body["Default"], body["MinValue"], body["MaxValue"]) != (1_000_000, 1, 1_000_000):
        yield f"bodies of {body['Default']}, at most {body['MaxValue']}"


def nothing_is_cached_and_every_header_is_passed_on(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for behavior in behaviors(stack):
            if behavior.get("CachePolicyId") != NO_CACHE:
                yield f"the cache policy is {behavior.get('CachePolicyId')}"
            if behavior.get("OriginRequestPolicyId") != ALL_BUT_HOST:
                yield f"the origin request policy is {behavior.get('OriginRequestPolicyId')}"


def viewers_come_by_https_and_may_post(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for behavior in behaviors(stack):
            if behavior.get("ViewerProtocolPolicy") != "https-only":
                yield f"viewers come by {behavior.get('ViewerProtocolPolicy')}"
            if "POST" not in behavior.get("AllowedMethods", []):
                yield "CloudFront refuses POST itself"
        for distribution in distributions(stack):
            certificate = distribution.get("ViewerCertificate", {})
            # CloudFront's own certificate comes with CloudFront's own choice of protocols.
            if "AcmCertificateArn" in certificate and certificate.get("MinimumProtocolVersion") != "TLSv1.2_2021":
                yield f"viewers may use {certificate.get('MinimumProtocolVersion')}"


def a_domain_comes_with_its_certificate(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        for distribution in distributions(stack):
            found = (distribution.get("Aliases", []), distribution["ViewerCertificate"].get("AcmCertificateArn"))
            domain = parameters["DomainName"]
            if found != (([domain], CERTIFICATE) if domain else ([], None)):
                yield f"with the domain {domain or 'of CloudFront'}: {found}"


def a_web_acl_is_the_one_that_was_given(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        for distribution in distributions(stack):
            if distribution.get("WebACLId", "") != parameters["WebAclArn"]:
                yield f"requests pass {distribution.get('WebACLId')}, not {parameters['WebAclArn'] or 'none'}"


def requests_are_logged_without_access_lists(template: Template) -> Complaints:
    """CloudFront's logs by way of CloudWatch's delivery: an account may forbid access lists."""
    for _, stack in stacks(template):
        buckets = of(stack, "AWS::S3::Bucket")
        for distribution in distributions(stack):
            if "Logging" in distribution:
                yield "CloudFront would deliver by an access list"
        sources = of(stack, "AWS::Logs::DeliverySource")
        to = of(stack, "AWS::Logs::DeliveryDestination")
        logged = {
            (target(to[target(d["DeliveryDestinationArn"])]["DestinationResourceArn"]), target(d["DeliverySourceName"]))
            for d in of(stack, "AWS::Logs::Delivery").values()
        }
        if logged != {(bucket, source) for bucket in buckets for source in sources} or not logged:
            yield f"delivered are {logged}"
        for name, source in sources.items():
            about = "arn:aws:cloudfront::123456789012:distribution/${Distribution}"
            if (source["LogType"], source["ResourceArn"]) != ("ACCESS_LOGS", about):
                yield f"{name} logs {source['LogType']} of {source['ResourceArn']}"
        for delivery in of(stack, "AWS::Logs::Delivery").values():
            if found := {"cs(Cookie)", "cs-uri-query", "cs-headers", "cs-header-names"} & set(
                delivery.get("RecordFields", ["cs-uri-query"])
            ):
                yield f"more than needed is logged: {sorted(found)}"
        for name, bucket in buckets.items():
            if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
                yield f"{name} has access lists"
            policies = [p for p in of(stack, "AWS::S3::BucketPolicy").values() if target(p["Bucket"]) == name]
            allowed = [s for p in policies for s in p["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
            writers = [(s["Principal"], s["Action"]) for s in allowed]
            if writers != [({"Service": "delivery.logs.amazonaws.com"}, "s3:PutObject")]:
                yield f"into {name} may write: {writers}"
            for statement in allowed:
                if not {"aws:SourceAccount", "aws:SourceArn"} <= {
                    k for c in statement.get("Condition", {}).values() for k in c
                }:
                    yield f"others' deliveries may write into {name}"


def access_logs_are_kept_private_and_for_a_while(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, bucket in of(stack, "AWS::S3::Bucket").items():
            if (
                set(bucket.get("PublicAccessBlockConfiguration", {}).values()) != {True}
                or len(bucket["PublicAccessBlockConfiguration"]) != 4
            ):
                yield f"{name} may become public"
            if "BucketEncryption" not in bucket:
                yield f"{name} does not say that it is encrypted"
            if not any(
                "ExpirationInDays" in rule and rule["Status"] == "Enabled"
                for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])
            ):
                yield f"{name} keeps everything for ever"
            if stack[name].get("DeletionPolicy") != "RetainExceptOnCreate":
                yield f"{name} would be deleted with logs in it, which fails"


def what_the_edge_still_runs_stays_when_the_stack_goes(template: Template) -> Complaints:
    """Copies live for hours, and Lambda refuses to delete their function; the copies take the role."""
    for name, resource in template["Resources"].items():
        if resource["Type"] in ("AWS::Lambda::Function", "AWS::IAM::Role"):
            found = resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")
            if found != ("RetainExceptOnCreate", "Retain"):
                yield f"{name}: the deletion of the stack fails at it, or too soon takes it away: {found}"


def alarms_fill_nothing_in(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from filled(stack)
        if "FILL(" in str(of(stack, "AWS::CloudWatch::Dashboard")):
            yield "the dashboard fills in what has not come yet"


def alarms_wait_for_metrics_that_come_late(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
            late = any(metric["Namespace"] == "AWS/CloudFront" for metric, _ in metrics_of(alarm))
            if late and (alarm.get("EvaluationPeriods"), alarm.get("DatapointsToAlarm")) != (3, 1):
                yield f"{name} looks at the newest period alone, which CloudFront has not written yet"


def alarms_reach_someone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from silent_alarms(stack, parameters["AlarmTopicArn"])


def alarms_watch_what_can_go_wrong(template: Template) -> Complaints:
    for _, stack in stacks(template):
        prefilter = stack["Prefilter"]["Properties"]["Name"]
        copies = f"us-east-1.{stack['EdgeFunction']['Properties']['FunctionName']}"
        watched, counted = set(), set()
        for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
            for metric, statistic in metrics_of(alarm):
                if metric["Namespace"] == "SinchCallback":
                    if metric["Dimensions"] != [{"Name": "Function", "Value": copies}]:
                        yield f"{name} watches {metric['Dimensions']}, and the function writes of {copies}"
                    counted.add((metric["MetricName"], statistic))
                    continue
                about, region = metric["Dimensions"]
                expected = prefilter if about["Name"] == "FunctionName" else {"Ref": "Distribution"}
                if (
                    metric["Namespace"] != "AWS/CloudFront"
                    or about["Value"] != expected
                    or region != {"Name": "Region", "Value": "Global"}
                ):
                    yield f"{name} watches {metric['Namespace']} {metric['Dimensions']}"
                watched.add((metric["MetricName"], statistic, about["Name"]))
        if watched != WATCHED or counted != COUNTED:
            yield f"watched, or not: {sorted(watched ^ WATCHED)} {sorted(counted ^ COUNTED)}"


def dashboard_can_be_drawn(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from dashboards_that_cannot_be_drawn(stack)


def outputs_are_those_that_others_use(template: Template) -> Complaints:
    if template["Outputs"].keys() != OUTPUTS:
        yield f"outputs too many or missing: {sorted(template['Outputs'].keys() ^ OUTPUTS)}"


RULES = [
    it_is_deployed_in_us_east_1_alone,
    each_event_has_its_one_function,
    cloudfront_runs_a_numbered_version,
    both_events_come_to_the_same_function,
    the_body_is_shown_to_what_verifies_it,
    functions_are_such_as_the_edge_runs,
    a_new_version_is_made_with_each_change_and_with_nothing_else,
    former_versions_stay,
    role_is_for_lambda_and_its_copies_at_the_edge,
    role_grants_what_its_function_calls,
    nothing_is_granted_by_wildcard_where_a_name_would_do,
    logs_may_be_written_in_every_region,
    secrets_that_may_be_read_are_those_that_are_named,
    something_is_taken,
    secrets_key_is_used_through_ssm_alone,
    no_secret_is_in_the_template,
    cloudfront_signs_each_request,
    the_origin_is_the_receiver_over_tls,
    settings_reach_the_function,
    the_edge_takes_what_the_receiver_takes,
    nothing_is_cached_and_every_header_is_passed_on,
    viewers_come_by_https_and_may_post,
    a_domain_comes_with_its_certificate,
    a_web_acl_is_the_one_that_was_given,
    requests_are_logged_without_access_lists,
    access_logs_are_kept_private_and_for_a_while,
    what_the_edge_still_runs_stays_when_the_stack_goes,
    alarms_reach_someone,
    alarms_watch_what_can_go_wrong,
    alarms_fill_nothing_in,
    alarms_wait_for_metrics_that_come_late,
    dashboard_can_be_drawn,
    outputs_are_those_that_others_use,
]
