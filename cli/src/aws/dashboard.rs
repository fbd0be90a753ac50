use clap::Args;
use sinch_callback_lambda::{DeliveryTable, Retention, TableError};
use sinch_callback_pipeline::MessageView;
use sinch_callback_server::{
    Gate, ListenAddress,
    dashboard::{self, Questions},
};

use super::AwsArgs;
use crate::{command_error::CommandError, output, stop_signals::StopSignals};

/// Show the pages of `serve` over the stack's table, on this machine alone
#[derive(Args, Debug)]
#[command(after_help = "\
Reads and never writes, with your own credentials for AWS. Messages are found by their ids and by \
correlation ids, each as a whole; what only a look at all of the table would answer says so.

Examples:
  sinch-callback dashboard --table sinch-DeliveryTable-1ABC
  sinch-callback dashboard --table sinch-DeliveryTable-1ABC --region eu-west-1 \\
      --listen 127.0.0.1:9000")]
pub(crate) struct DashboardArgs {
    /// DynamoDB table of the states: the stack's output TableName
    #[arg(long, value_name = "NAME")]
    table: String,

    /// Address and port of the pages: a loopback address
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8082")]
    listen: ListenAddress,

    #[command(flatten)]
    aws: AwsArgs,
}

/// The table as pages ask it.
struct Table(DeliveryTable);

impl Questions for Table {
    type Error = TableError;

    async fn message(&self, id: &str) -> Result<Option<MessageView>, TableError> {
        self.0.message(id).await
    }

    async fn correlated(&self, correlation_id: &str) -> Result<Vec<String>, TableError> {
        self.0.correlated(correlation_id).await
    }
}

pub(crate) async fn run(args: DashboardArgs) -> Result<(), CommandError> {
    let listen = args.listen;
    let sockets = listen.bind().await.map_err(|error| {
        CommandError::failed(
            format!("cannot listen on {listen} (another address: --listen)"),
            error,
        )
    })?;
    if !sockets.loopback() {
        return Err(CommandError::Misuse(format!(
            "--listen {listen} can be reached from other machines, and the pages show messages: \
             listen on loopback (--listen 127.0.0.1:8082)"
        )));
    }
    // Nothing is written here: for how long it is kept does not matter.
    let config = args.aws.config().await;
    let table = DeliveryTable::new(&config, args.table, Retention::default());
    let mut stop = StopSignals::listen()?;
    output::line(&format!("dashboard on {}", sockets.url()));
    dashboard::show(Table(table), sockets, Gate::new([], None), stop.received()).await;
    Ok(())
}
