//! Commands for the stack on AWS (feature `aws`).

mod dashboard;
mod forget;
mod redrive;
mod secret;

use clap::Args;
use sinch_callback_lambda::AwsConfig;

pub(crate) use dashboard::{DashboardArgs, run as dashboard};
pub(crate) use forget::forget;
pub(crate) use redrive::{RedriveArgs, run as redrive};
pub(crate) use secret::{SecretCommand, run as secret};

/// Which account and region: what is not given here comes from the environment and the files of
/// the AWS CLI.
#[derive(Args, Debug)]
pub(crate) struct AwsArgs {
    /// AWS region; else that of the environment or of the AWS CLI's files
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

impl AwsArgs {
    pub(crate) async fn config(&self) -> AwsConfig {
        AwsConfig::of_shell(self.region.clone()).await
    }
}
