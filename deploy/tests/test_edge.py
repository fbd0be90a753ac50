"""The edge's rules hold, and each fails for what it is about: `BROKEN` has a twin of edge.yaml for it."""

import pathlib
from typing import Any

import edge_rules as rules
from cloudformation import load
from stacks import Template
from twins import (
    Broken,
    Change,
    add,
    changed,
    complaining,
    drop,
    lint,
    no_prop,
    prop,
    put,
    statement,
    suite_of,
)

TEMPLATE = pathlib.Path(__file__).parent.parent / "edge.yaml"
GOOD = load(TEMPLATE)

CONFIG: list[str | int] = ["DistributionConfig"]
BEHAVIOR = [*CONFIG, "DefaultCacheBehavior"]
REQUEST = [*BEHAVIOR, "LambdaFunctionAssociations", 0]
RESPONSE = [*BEHAVIOR, "LambdaFunctionAssociations", 1]
ORIGIN = [*CONFIG, "Origins", 0]


def distribution(path: Any, to: Any) -> Change:
    return prop("Distribution", *path, to=to)


def no_distribution(path: Any) -> Change:
    return no_prop("Distribution", *path)


def all_of(*changes: Change) -> Change:
    def change(template: Template) -> None:
        for one in changes:
            one(template)

    return change


def another_function(template: Template) -> None:
    """A version of a function of its own for origin-response, as sound as the first."""
    resources = template["Resources"]
    resources["OtherVersion"] = resources["EdgeVersion"]
    resources["Distribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]["LambdaFunctionAssociations"][
        1
    ] |= {"LambdaFunctionARN": {"Ref": "OtherVersion"}}


def granted(one: dict[str, Any]) -> Change:
    """A change: one more statement."""

    def change(template: Template) -> None:
        template["Resources"]["EdgeRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(one)

    return change


def secrets_of(region: str) -> Change:
    """A change of the region in which parameters may be read."""

    def change(template: Template) -> None:
        found = template["Resources"]["EdgeRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (one,) = [s for s in (s["Fn::If"][1] if "Fn::If" in s else s for s in found) if s["Sid"] == "ReadSecrets"]
        one["Resource"]["Fn::Split"][1]["Fn::Join"][1]["Fn::Split"][1]["Fn::Sub"][1]["All"] = {
            "Fn::Sub": "arn:${AWS::Partition}:ssm:" + region + ":${AWS::AccountId}:parameter"
        }

    return change


TRUST: list[str | int] = ["AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service"]
ANY_GROUP = {"Fn::Sub": "arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*"}
ONE_REGION = {
    "Fn::Sub": "arn:${AWS::Partition}:logs:us-east-1:${AWS::AccountId}:log-group:"
    "/aws/lambda/us-east-1.${AWS::StackName}-edge:log-stream"
}
UNVERSIONED = {"Fn::GetAtt": ["EdgeFunction", "Arn"]}
FORWARDED = {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "EdgeVersion"}, "IncludeBody": True}
METRIC: list[str | int] = ["Metrics", 2, "MetricStat"]

BROKEN: Broken = {
    rules.it_is_deployed_in_us_east_1_alone: {
        "anywhere": drop("Rules", "OnlyUsEast1"),
        "somewhere_else": put(["Rules", "OnlyUsEast1", "Assertions", 0, "Assert", "Fn::Equals", 1], "eu-west-1"),
        "sometimes": put(["Rules", "OnlyUsEast1", "RuleCondition"], {"Fn::Equals": [{"Ref": "DomainName"}, ""]}),
    },
    rules.each_event_has_its_one_function: {
        "typo_in_an_event": distribution([*RESPONSE, "EventType"], "origin-respond"),
        "typo_in_the_prefilters": distribution([*BEHAVIOR, "FunctionAssociations", 0, "EventType"], "viewer_request"),
        "both_on_viewer_events": distribution([*BEHAVIOR, "LambdaFunctionAssociations", 0], FORWARDED),
        "no_prefilter": no_distribution([*BEHAVIOR, "FunctionAssociations"]),
        "nothing_is_confirmed": distribution(
            [*BEHAVIOR, "LambdaFunctionAssociations"],
            [
                {"EventType": "origin-request", "LambdaFunctionARN": {"Ref": "EdgeVersion"}, "IncludeBody": True},
            ],
        ),
    },
    rules.cloudfront_runs_a_numbered_version: {
        "unversioned": all_of(
            distribution([*REQUEST, "LambdaFunctionARN"], UNVERSIONED),
            distribution([*RESPONSE, "LambdaFunctionARN"], UNVERSIONED),
        ),
        "latest": all_of(
            *(
                distribution([*event, "LambdaFunctionARN"], {"Fn::Sub": "${EdgeFunction.Arn}:$LATEST"})
                for event in (REQUEST, RESPONSE)
            )
        ),
    },
    rules.both_events_come_to_the_same_function: {
        "a_second_function": another_function,
    },
    rules.the_body_is_shown_to_what_verifies_it: {
        "no_body": no_distribution([*REQUEST, "IncludeBody"]),
        "a_body_that_a_response_event_never_has": distribution([*RESPONSE, "IncludeBody"], True),
    },
    rules.functions_are_such_as_the_edge_runs: {
        "not_nodejs": prop("EdgeFunction", "Runtime", to="provided.al2023"),
        "a_runtime_that_ends": prop("EdgeFunction", "Runtime", to="nodejs20.x"),
        "arm64": prop("EdgeFunction", "Architectures", to=["arm64"]),
        "environment": prop("EdgeFunction", "Environment", to={"Variables": {"LOG_LEVEL": "debug"}}),
        "a_layer": prop("EdgeFunction", "Layers", to=["arn:aws:lambda:us-east-1:123456789012:layer:made-up:1"]),
        "traced": prop("EdgeFunction", "TracingConfig", to={"Mode": "Active"}),
        "too_slow": prop("EdgeFunction", "Timeout", to=31),
        "the_first_dialect": prop("Prefilter", "FunctionConfig", "Runtime", to="cloudfront-js-1.0"),
        "never_published": prop("Prefilter", "AutoPublish", to=False),
    },
    rules.a_new_version_is_made_with_each_change_and_with_nothing_else: {
        "the_first_for_ever": no_prop("EdgeVersion", "Description"),
        "of_whatever_code_there_is": no_prop("EdgeVersion", "CodeSha256"),
        "of_a_function_that_did_not_change": prop("EdgeFunction", "Description", to="Verifies Sinch's callbacks"),
        "not_when_a_setting_changes": prop("EdgeFunction", "MemorySize", to={"Ref": "GuardCapacity"}),
    },
    rules.former_versions_stay: {
        "deleted_when_replaced": drop("Resources", "EdgeVersion", "UpdateReplacePolicy"),
        "in_the_way_of_the_next_attempt": put(["Resources", "EdgeVersion", "DeletionPolicy"], "Retain"),
    },
    rules.role_is_for_lambda_and_its_copies_at_the_edge: {
        "not_at_the_edge": prop("EdgeRole", *TRUST, to=["lambda.amazonaws.com"]),
        "at_the_edge_alone": prop("EdgeRole", *TRUST, to=["edgelambda.amazonaws.com"]),
        "another_service": prop(
            "EdgeRole", *TRUST, to=["lambda.amazonaws.com", "edgelambda.amazonaws.com", "ec2.amazonaws.com"]
        ),
    },
    rules.role_grants_what_its_function_calls: {
        "no_log_group": statement("EdgeRole", "Log", "Action", ["logs:CreateLogStream", "logs:PutLogEvents"]),
        "one_more": granted(
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:made-up"}
        ),
    },
    rules.nothing_is_granted_by_wildcard_where_a_name_would_do: {
        "managed_policy": prop("EdgeRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/AWSLambdaExecute"]),
        "all_but_one_queue": put(
            ["Resources", "EdgeRole", "Properties", "Policies", 0, "PolicyDocument", "Statement", 0, "NotResource"],
            "elsewhere",
        ),
    },
    rules.logs_may_be_written_in_every_region: {
        "in_one_region": statement("EdgeRole", "Log", "Resource", ONE_REGION),
    },
    rules.secrets_that_may_be_read_are_those_that_are_named: {
        "nowhere": statement(
            "EdgeRole", "ReadSecrets", "Resource", "arn:aws:ssm:eu-west-1:123456789012:parameter/other"
        ),
        "no_previous_version_of_an_endpoints": statement(
            "EdgeRole", "ReadEndpointSecrets", "Resource", {"Fn::Split": [",", {"Ref": "EndpointParameterArns"}]}
        ),
    },
    rules.something_is_taken: {
        "nothing_at_all": drop("Rules", "SomethingIsTaken"),
        "now_and_then": put(["Rules", "SomethingIsTaken", "RuleCondition"], {"Fn::Equals": [{"Ref": "Endpoints"}, ""]}),
        "secrets_are_needed": put(
            ["Rules", "SomethingIsTaken", "Assertions", 0, "Assert"],
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "SecretParameterNames"}, ""]}]},
        ),
        "endpoints_without_their_parameters": drop("Rules", "EndpointsNeedTheirParameters"),
    },
    rules.secrets_key_is_used_through_ssm_alone: {
        "ssm_of_us_east_1": statement(
            "EdgeRole",
            "DecryptSecrets",
            "Condition",
            {
                "StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"}},
            },
        ),
        "any_way_to_decrypt": statement("EdgeRole", "DecryptSecrets", "Condition", {}),
    },
    rules.no_secret_is_in_the_template: {
        "secure_string": add("Secret", "AWS::SSM::Parameter", {"Type": "SecureString", "Value": "made-up"}),
        "in_a_comment": distribution([*CONFIG, "Comment"], "{{resolve:ssm-secure:/sinch/current}}"),
    },
    rules.cloudfront_signs_each_request: {
        "no_signature": no_distribution([*ORIGIN, "OriginAccessControlId"]),
        "now_and_then": prop("ReceiverAccess", "OriginAccessControlConfig", "SigningBehavior", to="no-override"),
        "never": prop("ReceiverAccess", "OriginAccessControlConfig", "SigningBehavior", to="never"),
        "for_a_bucket": prop("ReceiverAccess", "OriginAccessControlConfig", "OriginAccessControlOriginType", to="s3"),
        "in_another_way": prop("ReceiverAccess", "OriginAccessControlConfig", "SigningProtocol", to="sigv4a"),
    },
    rules.the_origin_is_the_receiver_over_tls: {
        "in_the_clear": distribution([*ORIGIN, "CustomOriginConfig", "OriginProtocolPolicy"], "match-viewer"),
        "with_old_protocols": distribution([*ORIGIN, "CustomOriginConfig", "OriginSSLProtocols"], ["TLSv1", "TLSv1.2"]),
        "someone_else": distribution([*ORIGIN, "DomainName"], "example.com"),
        "gives_up_before_the_receiver": distribution([*ORIGIN, "CustomOriginConfig", "OriginReadTimeout"], 10),
    },
    rules.settings_reach_the_function: {
        "no_settings": no_distribution([*ORIGIN, "OriginCustomHeaders"]),
        "typo_in_a_header": distribution([*ORIGIN, "OriginCustomHeaders", 3, "HeaderName"], "x-callback-max-age"),
        "a_fixed_value": distribution([*ORIGIN, "OriginCustomHeaders", 5, "HeaderValue"], "503"),
        "region_of_the_edge": distribution([*ORIGIN, "OriginCustomHeaders", 2, "HeaderValue"], {"Ref": "AWS::Region"}),
        "a_header_without_a_value": distribution(
            [*ORIGIN, "OriginCustomHeaders", 1],
            {"HeaderName": "x-callback-endpoints", "HeaderValue": {"Ref": "Endpoints"}},
        ),
    },
    rules.the_edge_takes_what_the_receiver_takes: {
        "smaller_bodies": put(["Parameters", "MaxBodyBytes", "MaxValue"], 524288),
        "names_that_the_receiver_refuses": put(["Parameters", "SecretParameterNames", "AllowedPattern"], ".*"),
        "endpoints_that_no_header_holds": put(["Parameters", "Endpoints", "MaxLength"], 3000),
    },
    rules.nothing_is_cached_and_every_header_is_passed_on: {
        "cached": distribution([*BEHAVIOR, "CachePolicyId"], "658327ea-f89d-4fab-a63d-7e88639e58f6"),
        "with_the_viewers_host": distribution(
            [*BEHAVIOR, "OriginRequestPolicyId"], "216adef6-5c7f-47e4-b989-5492eafa07d3"
        ),
        "without_the_signature": no_distribution([*BEHAVIOR, "OriginRequestPolicyId"]),
    },
    rules.viewers_come_by_https_and_may_post: {
        "in_the_clear": distribution([*BEHAVIOR, "ViewerProtocolPolicy"], "allow-all"),
        "redirected": distribution([*BEHAVIOR, "ViewerProtocolPolicy"], "redirect-to-https"),
        "no_post": distribution([*BEHAVIOR, "AllowedMethods"], ["GET", "HEAD"]),
        "old_protocols": distribution([*CONFIG, "ViewerCertificate", "Fn::If", 1, "MinimumProtocolVersion"], "TLSv1"),
    },
    rules.a_domain_comes_with_its_certificate: {
        "no_alias": no_distribution([*CONFIG, "Aliases"]),
        "always_cloudfronts": distribution([*CONFIG, "ViewerCertificate"], {"CloudFrontDefaultCertificate": True}),
    },
    rules.a_web_acl_is_the_one_that_was_given: {
        "none": no_distribution([*CONFIG, "WebACLId"]),
        "always": distribution([*CONFIG, "WebACLId"], {"Ref": "CertificateArn"}),
    },
    rules.requests_are_logged_without_access_lists: {
        "no_log": drop("Resources", "AccessLogDelivery"),
        "by_access_list": distribution(
            [*CONFIG, "Logging"], {"Bucket": {"Fn::GetAtt": ["AccessLogBucket", "DomainName"]}}
        ),
        "of_something_else": prop(
            "AccessLogSource", "ResourceArn", to="arn:aws:cloudfront::123456789012:distribution/E1"
        ),
        "with_access_lists": prop(
            "AccessLogBucket", "OwnershipControls", "Rules", 0, "ObjectOwnership", to="BucketOwnerPreferred"
        ),
        "with_queries": prop("AccessLogDelivery", "RecordFields", 0, to="cs-uri-query"),
        "from_any_account": no_prop("AccessLogBucketPolicy", "PolicyDocument", "Statement", 0, "Condition"),
        "by_anyone": prop("AccessLogBucketPolicy", "PolicyDocument", "Statement", 0, "Principal", to="*"),
    },
    rules.access_logs_are_kept_private_and_for_a_while: {
        "public": prop("AccessLogBucket", "PublicAccessBlockConfiguration", "BlockPublicAcls", to=False),
        "for_ever": no_prop("AccessLogBucket", "LifecycleConfiguration"),
        "in_the_way_of_deletion": drop("Resources", "AccessLogBucket", "DeletionPolicy"),
    },
    rules.what_the_edge_still_runs_stays_when_the_stack_goes: {
        "function": drop("Resources", "EdgeFunction", "DeletionPolicy"),
        "role": put(["Resources", "EdgeRole", "DeletionPolicy"], "Delete"),
        "when_replaced": drop("Resources", "EdgeFunction", "UpdateReplacePolicy"),
    },
    rules.alarms_reach_someone: {
        "no_action": no_prop("FailedAlarm", "AlarmActions"),
        "no_data_means_nothing": no_prop("RefusedAlarm", "TreatMissingData"),
    },
    rules.alarms_watch_what_can_go_wrong: {
        "nobody_watches_failures": drop("Resources", "FailedAlarm"),
        "nobody_watches_what_the_origin_refuses": drop("Resources", "OriginRefusedAlarm"),
        "a_count_under_another_name": prop(
            "OriginRefusedAlarm", "Dimensions", 0, "Value", to={"Fn::Sub": "${AWS::StackName}-edge"}
        ),
        "a_count_that_is_not_written": prop("OriginRefusedAlarm", "MetricName", to="OriginRefusals"),
        "a_statistic_that_has_no_data": prop("RefusedAlarm", *METRIC, "Stat", to="Sum"),
        "one_region": prop("FailedAlarm", "Dimensions", 1, "Value", to="us-east-1"),
        "another_function": prop("PrefilterAlarm", *METRIC, "Metric", "Dimensions", 0, "Value", to="prefilter"),
    },
    rules.alarms_fill_nothing_in: {
        "refused": prop("RefusedAlarm", "Metrics", 0, "Expression", to="FILL(requests, 0) * share / 100"),
    },
    rules.alarms_wait_for_metrics_that_come_late: {
        "the_newest_alone": prop("FailedAlarm", "EvaluationPeriods", to=1),
        "all_three": no_prop("RefusedAlarm", "DatapointsToAlarm"),
    },
    rules.dashboard_can_be_drawn: {
        "not_json": prop("Dashboard", "DashboardBody", to={"Fn::Sub": '{"widgets": ['}),
    },
    rules.outputs_are_those_that_others_use: {
        "no_arn": drop("Outputs", "DistributionArn"),
    },
}


test_template_holds, test_broken_twin_fails_by_its_rule_alone, test_each_rule_has_a_broken_twin = suite_of(
    rules.RULES, GOOD, BROKEN
)


def test_any_log_group_is_a_wildcard_and_not_the_functions() -> None:
    assert complaining(rules.RULES, changed(GOOD, statement("EdgeRole", "Log", "Resource", ANY_GROUP))) == [
        "nothing_is_granted_by_wildcard_where_a_name_would_do",
        "logs_may_be_written_in_every_region",
    ]


def test_tests_of_another_region_are_a_wildcard_and_not_those_that_are_named() -> None:
    assert complaining(rules.RULES, changed(GOOD, secrets_of("${AWS::Region}"))) == [
        "nothing_is_granted_by_wildcard_where_a_name_would_do",
        "secrets_that_may_be_read_are_those_that_are_named",
    ]


def test_cfn_lint_finds_nothing() -> None:
    found = lint(TEMPLATE)
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)
