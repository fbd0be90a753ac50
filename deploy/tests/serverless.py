"""What is wrong with functions, queues, tables and their alarms, in whichever template they stand."""

from typing import Any

from stacks import Complaints, Resources, Template, metrics_of, of, resources, target


def roles_for_others(stack: Resources) -> Complaints:
    for name, role in of(stack, "AWS::IAM::Role").items():
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if statement["Principal"] != {"Service": "lambda.amazonaws.com"}:
                yield f"{name} may be taken by {statement['Principal']}"


def queues_without(stack: Resources, needed: dict[str, Any]) -> Complaints:
    """Queues that lack a property, or have another value of it; None stands for a property that must not be."""
    for name, queue in of(stack, "AWS::SQS::Queue").items():
        for key, value in needed.items():
            if queue.get(key) != value:
                yield f"{name} has {key} {queue.get(key)}, not {value}"


def queues_that_go(stack: Resources) -> Complaints:
    for name in of(stack, "AWS::SQS::Queue"):
        found = stack[name].get("DeletionPolicy"), stack[name].get("UpdateReplacePolicy")
        if found != ("RetainExceptOnCreate", "Retain"):
            yield f"{name} goes with what was acknowledged: {found}"


def dead_letters_of_others(stack: Resources) -> Complaints:
    queues = of(stack, "AWS::SQS::Queue")
    for queue in queues.values():
        dead = target(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        if dead in queues:
            arn = f"arn:aws:sqs:eu-central-1:123456789012:{queue.get('QueueName')}"
            allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn]}
            if queues[dead].get("RedriveAllowPolicy") != allowed:
                yield f"{dead} takes others' messages: {queues[dead].get('RedriveAllowPolicy')}, not those of {arn}"


def queues_that_set_aside_too_soon_or_never(stack: Resources) -> Complaints:
    queues = of(stack, "AWS::SQS::Queue")
    for source in of(stack, "AWS::Lambda::EventSourceMapping").values():
        redrive = queues[target(source["EventSourceArn"])].get("RedrivePolicy", {})
        if target(redrive.get("deadLetterTargetArn")) not in queues or redrive.get("maxReceiveCount") != 1000:
            # SQS takes no more. With the functions' own waits it is half a day.
            yield f"{target(source['EventSourceArn'])} has no dead-letter queue after a thousand attempts"


def impatient_queues(stack: Resources) -> Complaints:
    for source in of(stack, "AWS::Lambda::EventSourceMapping").values():
        queue = stack[target(source["EventSourceArn"])]["Properties"]
        function = stack[target(source["FunctionName"])]["Properties"]
        # AWS's own defaults: 30 s and 3 s.
        if queue.get("VisibilityTimeout", 30) < 6 * function.get("Timeout", 3):
            yield f"{queue.get('VisibilityTimeout')} s is less than six times {function.get('Timeout')} s"


def batches_that_fail_whole(stack: Resources) -> Complaints:
    for name, source in of(stack, "AWS::Lambda::EventSourceMapping").items():
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} does not ask for ReportBatchItemFailures"


def environments_that_differ(stack: Resources, needed: dict[str, set[str]]) -> Complaints:
    """Variables that a function has and does not read, or the other way round."""
    functions = of(stack, "AWS::Lambda::Function")
    if functions.keys() != needed.keys():
        yield f"the functions are {sorted(functions)}"
    for name, function in functions.items():
        differ = needed.get(name, set()) ^ function["Environment"]["Variables"].keys()
        if differ:
            yield f"{name} has, or lacks, {sorted(differ)}"


def functions_run_otherwise(template: Template, parameters: dict[str, str]) -> Complaints:
    for architecture, tracing in (("arm64", "PassThrough"), ("x86_64", "Active")):
        stack = resources(template, parameters | {"Architecture": architecture, "Tracing": tracing})
        for name, function in of(stack, "AWS::Lambda::Function").items():
            if function.get("TracingConfig") != {"Mode": tracing}:
                yield f"{name} is traced otherwise than {tracing}"
            if function.get("Architectures") != [architecture]:
                yield f"{name} runs on {function.get('Architectures')}, not {architecture}"


def logs_without_end(stack: Resources) -> Complaints:
    groups = of(stack, "AWS::Logs::LogGroup")
    for name, function in of(stack, "AWS::Lambda::Function").items():
        # Without one of ours Lambda makes a group that keeps everything for ever.
        if target(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield f"{name} has no log group of this stack"
    for name, group in groups.items():
        if not group.get("RetentionInDays"):
            yield f"{name} keeps its logs for ever"


def lines_too_many_or_dropped(stack: Resources) -> Complaints:
    # Levels exist in JSON alone. A line without a level, as those with metrics, counts as INFO.
    needed = {"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "TRACE"}
    for name, function in of(stack, "AWS::Lambda::Function").items():
        for key, value in needed.items():
            found = function.get("LoggingConfig", {}).get(key)
            if found != value:
                yield f"{name} has {key} {found}, not {value}"


def tables_that_lose_or_tell(stack: Resources) -> Complaints:
    needed = {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }
    for name, table in of(stack, "AWS::DynamoDB::Table").items():
        for key, value in needed.items():
            if table.get(key) != value:
                yield f"{name} has {key} {table.get(key)}, not {value}"
        for index in table.get("GlobalSecondaryIndexes", []):
            if index["Projection"] != {"ProjectionType": "KEYS_ONLY"}:
                yield f"each report writes to the index {index['IndexName']} of {name} too"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if stack[name].get(policy) != "Retain":
                yield f"{name} goes with the stack: {policy} is {stack[name].get(policy)}"


def dues_that_are_not_found(stack: Resources, index: str, shard: str, at: str) -> Complaints:
    """Tables without this index of what is due, by its shard and its time."""
    for name, table in of(stack, "AWS::DynamoDB::Table").items():
        found = [
            [(key["AttributeName"], key["KeyType"]) for key in one["KeySchema"]]
            for one in table.get("GlobalSecondaryIndexes", [])
            if one["IndexName"] == index
        ]
        if found != [[(shard, "HASH"), (at, "RANGE")]]:
            yield f"{name} has the index {index} of {found}"
        types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
        if (types.get(shard), types.get(at)) != ("N", "N"):
            yield f"{name} has no numbers to be due by"


def looks_otherwise(stack: Resources, function: str, schedule: str) -> Complaints:
    """A function that looks at what is due, and is invoked otherwise than each minute and by its schedule alone."""
    schedules = {
        (name, target(one["Arn"])): rule["ScheduleExpression"]
        for name, rule in of(stack, "AWS::Events::Rule").items()
        for one in rule.get("Targets", [])
        if "ScheduleExpression" in rule
    }
    if schedules != {(schedule, function): "rate(1 minute)"}:
        yield f"looked at is {schedules}"
    granted = [
        (p["Principal"], target(p.get("SourceArn")), p["Action"])
        for p in of(stack, "AWS::Lambda::Permission").values()
        if target(p["FunctionName"]) == function
    ]
    if granted != [("events.amazonaws.com", schedule, "lambda:InvokeFunction")]:
        yield f"{function} may be invoked by {granted}"
    if not stack[function]["Properties"].get("Timeout", 3) < 60:
        yield "a look may still be under way when the next one begins"


def watched_otherwise(stack: Resources, wanted: set[tuple[str, str, str, str | None]]) -> Complaints:
    """`wanted`: each metric that an alarm watches, its resource, and the one value that it counts, if any."""
    watched = set()
    for alarm in of(stack, "AWS::CloudWatch::Alarm").values():
        for metric, _ in metrics_of(alarm):
            about, *counted = [dimension["Value"] for dimension in metric["Dimensions"]]
            watched.add((metric["Namespace"], metric["MetricName"], target(about), *(counted or [None])))
    if watched != wanted:
        yield f"watched, or not: {sorted(map(str, watched ^ wanted))}"


def metrics_elsewhere(stack: Resources) -> Complaints:
    for name, function in of(stack, "AWS::Lambda::Function").items():
        namespace = function["Environment"]["Variables"].get("METRICS_NAMESPACE", "SinchCallback")
        if namespace != "SinchCallback":
            yield f"{name} writes its metrics to {namespace}, alarms read those of SinchCallback"
