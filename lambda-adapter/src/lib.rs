//! The pipeline's ports on AWS, and the Lambda functions over them: `receiver` (Function URL -> SQS),
//! and `processor` (SQS -> DynamoDB, EventBridge), whose program is also the watcher: each minute it
//! tells what is overdue.
//!
//! Each SDK stays inside its one file: [`Parameters`] (SSM), [`SqsQueue`], [`DeliveryTable`]
//! (DynamoDB), [`EventBus`].

#![expect(
    clippy::std_instead_of_core,
    reason = "a host has std; which half of it a name lives in is nobody's concern here"
)]

mod backoff;
mod parameter_store;
mod ssm_secrets;

#[cfg(feature = "sdk")]
mod client;
#[cfg(feature = "sdk")]
mod clock;
#[cfg(feature = "sdk")]
mod dynamodb;
#[cfg(feature = "sdk")]
mod eventbridge;
#[cfg(feature = "sdk")]
mod lasting;
#[cfg(feature = "sdk")]
mod looks;
#[cfg(feature = "sdk")]
mod random;
#[cfg(feature = "sdk")]
mod retention;
#[cfg(feature = "sdk")]
mod sqs;
#[cfg(feature = "sdk")]
mod ssm;

#[cfg(feature = "functions")]
mod config;
#[cfg(feature = "functions")]
mod endpoints;
#[cfg(feature = "functions")]
mod function_url;
#[cfg(feature = "functions")]
mod hearing;
#[cfg(feature = "functions")]
mod logs;
#[cfg(feature = "functions")]
mod metrics;
#[cfg(feature = "functions")]
mod processor;
#[cfg(feature = "functions")]
mod receiver;
#[cfg(feature = "functions")]
mod recovery;
#[cfg(feature = "functions")]
mod signed_call;
#[cfg(feature = "functions")]
mod watcher;

pub use backoff::retry_after_secs;
pub use parameter_store::{Parameter, ParameterStore};
pub use ssm_secrets::{SecretRead, SecretsError, SecretsPolicy, SsmSecrets};

#[cfg(feature = "sdk")]
pub use client::{AwsConfig, AwsError};
#[cfg(feature = "sdk")]
pub use clock::Clock;
#[cfg(feature = "sdk")]
pub use dynamodb::{DeliveryTable, DueMessage, TableError, TableSize};
#[cfg(feature = "sdk")]
pub use eventbridge::{EventBus, EventBusError};
#[cfg(feature = "sdk")]
pub use lasting::Lasting;
#[cfg(feature = "sdk")]
pub use looks::LookQueue;
#[cfg(feature = "sdk")]
pub use retention::Retention;
#[cfg(feature = "sdk")]
pub use sqs::{DeadLetter, DeadLetters, ProcessorQueue, SqsError, SqsHandoff, SqsQueue};
#[cfg(feature = "sdk")]
pub use ssm::{ParameterError, Parameters};

#[cfg(feature = "functions")]
pub use config::{
    Environment, Found, InvalidConfig, ProcessorConfig, ReceiverConfig, RecoveryConfig, Role,
    Shared, WatcherConfig,
};
#[cfg(feature = "functions")]
pub use function_url::{HttpAnswer, HttpEvent, Unreadable};
#[cfg(feature = "functions")]
pub use hearing::{Ear, Heard, StackEar};
#[cfg(feature = "functions")]
pub use logs::start_logs;
#[cfg(feature = "functions")]
pub use metrics::{Metrics, Sample, Unit};
#[cfg(feature = "functions")]
pub use processor::{NothingProcessed, ProcessorFunction, SourceQueue};
#[cfg(feature = "functions")]
pub use receiver::{ForgetSecrets, KeptSecrets, Queue, ReceiverFunction};
#[cfg(feature = "functions")]
pub use recovery::{NotDone, RecoveryFunction};
#[cfg(feature = "functions")]
pub use watcher::{CallbacksTeller, NotLooked, WatchStore, WatcherFunction};
