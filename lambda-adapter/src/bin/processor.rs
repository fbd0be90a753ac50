//! The Lambda function that records: SQS -> DynamoDB, EventBridge.

use std::process::ExitCode;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use sinch_callback_lambda::{
    AwsConfig, DeliveryTable, Environment, EventBus, ProcessorConfig, ProcessorFunction,
    ProcessorQueue, start_logs,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment::of_process();
    let config = match ProcessorConfig::read(environment) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("the processor cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    start_logs(config.shared.log_level);
    match run(environment, &config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the processor ends");
            ExitCode::FAILURE
        }
    }
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
