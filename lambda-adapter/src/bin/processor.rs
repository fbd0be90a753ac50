//! The Lambda function that records: SQS -> DynamoDB, EventBridge. With `FUNCTION=watcher`, the one that
//! looks each minute at what is due; with `FUNCTION=recovery`, the one that acts on intents.

use std::process::ExitCode;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sinch_callback_lambda::{
    AwsConfig, DeliveryTable, Environment, EventBus, InvalidConfig, LookQueue, ProcessorConfig,
    ProcessorFunction, ProcessorQueue, RecoveryConfig, RecoveryFunction, Role, StackEar,
    WatcherConfig, WatcherFunction, start_logs,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment::of_process();
    let ended = match Role::read(environment) {
        Ok(Role::Processor) => Box::pin(process(environment)).await,
        Ok(Role::Watcher) => Box::pin(watch(environment)).await,
        Ok(Role::Recovery) => Box::pin(recover(environment)).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            tracing::error!(%error, "the function ends");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the function cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn process(environment: Environment) -> Result<Result<(), Error>, InvalidConfig> {
    let config = ProcessorConfig::read(environment)?;
    start_logs(config.shared.log_level);
    Ok(run(environment, &config).await)
}

async fn watch(environment: Environment) -> Result<Result<(), Error>, InvalidConfig> {
    let config = WatcherConfig::read(environment)?;
    start_logs(config.shared.log_level);
    let aws = AwsConfig::of_function(environment).await;
    let table = DeliveryTable::new(&aws, config.table_name.clone(), config.retention);
    let bus = EventBus::new(&aws, config.event_bus_name.clone());
    let ear = StackEar::new(
        &aws,
        config.queue_url.clone(),
        config.receiver_name.clone(),
        config.shared.metrics_namespace.clone(),
    );
    let function = WatcherFunction::new(&config, table, bus, ear);
    let function = &function;
    let served = lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        Box::pin(async move { function.take(event).await.map_err(Error::from) })
    }));
    Ok(served.await)
}

async fn recover(environment: Environment) -> Result<Result<(), Error>, InvalidConfig> {
    let config = RecoveryConfig::read(environment)?;
    start_logs(config.shared.log_level);
    let aws = AwsConfig::of_function(environment).await;
    let function = match RecoveryFunction::open(&config, &aws).await {
        Ok(function) => function,
        Err(error) => return Ok(Err(error.into())),
    };
    let function = &function;
    let served = lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        Box::pin(async move { function.take(event).await.map_err(Error::from) })
    }));
    Ok(served.await)
}

async fn run(environment: Environment, config: &ProcessorConfig) -> Result<(), Error> {
    let aws = AwsConfig::of_function(environment).await;
    let table = DeliveryTable::new(&aws, config.table_name.clone(), config.retention)
        .archiving(config.archives);
    let bus = EventBus::new(&aws, config.event_bus_name.clone());
    let queue = ProcessorQueue::new(
        &aws,
        config.queue_url.clone(),
        config.dead_letter_queue_url.clone(),
    );
    let recovery = config.recovery_queue_url.clone();
    let queue = queue.with_recovery(recovery.map(|url| LookQueue::new(&aws, url)));
    let function = ProcessorFunction::new(config, table, bus, queue);
    let function = &function;
    // What may be under way is more than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| {
        Box::pin(async move { function.process(event).await.map_err(Error::from) })
    }))
    .await
}
