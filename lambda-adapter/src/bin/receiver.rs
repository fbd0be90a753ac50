//! The Lambda function that receives: Function URL -> SQS.

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::{Error, LambdaEvent, Runtime, layers::TracingLayer, service_fn};
use sinch_callback_lambda::{
    AwsConfig, Clock, Environment, ForgetSecrets, HttpEvent, Parameters, ReceiverConfig,
    ReceiverFunction, SqsQueue, start_logs,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment::of_process();
    let config = match ReceiverConfig::read(environment) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("the receiver cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    start_logs(config.shared.log_level);
    if let Clock::FixedAt(at) = config.shared.clock {
        tracing::warn!(%at, "THE CLOCK IS STOPPED (CLOCK_AT): old callbacks count as fresh. For tests only");
    }
    match run(environment, &config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the receiver ends");
            ExitCode::FAILURE
        }
    }
}

async fn run(environment: Environment, config: &ReceiverConfig) -> Result<(), Error> {
    let aws = AwsConfig::of_function(environment).await;
    let queue = SqsQueue::new(&aws, config.queue_url.clone());
    let function = ReceiverFunction::new(config, &Parameters::new(&aws), queue);
    function.warm_up().await;
    let function = &function;
    let answer = service_fn(|event: LambdaEvent<HttpEvent>| async move {
        Ok::<_, Error>(function.answer(event).await)
    });
    Runtime::new(answer)
        // Names each log line's invocation.
        .layer(TracingLayer::new())
        .register_snapstart_resource(Arc::new(ForgetSecrets(function.secrets())))
        .run()
        .await
}
