//! The Lambda function that records: SQS -> DynamoDB, EventBridge. With `FUNCTION=watcher`, the one that
//! looks each minute at what is due.

use std::process::ExitCode;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sinch_callback_lambda::{
    AwsConfig, DeliveryTable, Environment, EventBus, InvalidConfig, ProcessorConfig,
    ProcessorFunction, ProcessorQueue, StackEar, WatcherConfig, WatcherFunction, start_logs,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment::of_process();
    let ended = if WatcherConfig::is_asked_for(environment) {
        Box::pin(watch(environment)).await
    } else {
        Box::pin(process(environment)).await
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
    let function = ProcessorFunction::new(config, table, bus, queue);
    let function = &function;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        function.process(event).await.map_err(Error::from)
    }))
    .await
}
