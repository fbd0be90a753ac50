//! `demo`: the whole story on one machine, over real HTTP, checked.

mod day;
mod deliveries;
mod mishaps;
mod published;
mod reached;
mod receiver;
mod report;
mod shown;
mod stand_in;

use clap::Args;
use sinch_callback::Secret;
use sinch_callback_server::ids;

use self::{day::Day, receiver::Receiver, report::Report};
use crate::{command_error::CommandError, output, stop_signals::StopSignals};

/// Show the whole story: real and forged callbacks against a real receiver, and what became of them
#[derive(Args, Debug)]
#[command(after_help = "\
Starts receivers on free ports of this machine, with temporary stores and fresh secrets. First they \
get the callbacks that Sinch's own SDK tests publish, at a clock fixed at the time of those; then a \
mixed day of traffic, an outage and a crash. Then intents are sent by a stand-in for Sinch, at twenty \
times the speed: a failure, silence, a lost answer, a late success, a flood. Every answer, every delivery \
and every outcome is compared with what it must be.

Exit code: 0 when everything was as it must be, 1 when something was not.

Examples:
  sinch-callback demo
  sinch-callback demo --keep    and look at what it has stored")]
pub(crate) struct DemoArgs {
    /// Keep the receiver serving afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,

    /// Messages of ordinary traffic, besides the particular cases
    #[arg(long, value_name = "N", default_value_t = 200)]
    messages: u32,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: DemoArgs) -> Result<(), CommandError> {
    let mut report = Report::new(args.json);
    published::play(&mut report).await?;

    let folder = tempfile::tempdir()
        .map_err(|error| CommandError::failed("no temporary folder can be made", error))?;
    let secrets = [demo_secret(), demo_secret()];
    let [current, previous] = secrets.each_ref().map(|text| {
        Secret::new(text).map_err(|error| CommandError::failed("no secret can be made", error))
    });
    let receiver = Receiver::start(folder.path(), &secrets, &[]).await?;
    let mut day = Day::new(receiver, current?, previous?, args.messages);
    day.play(&mut report).await?;
    let receiver = day.crash_and_recover(&mut report, &secrets).await?;
    deliveries::check(&receiver, &day, &mut report).await?;
    reached::play(&mut report).await?;

    let outcome = report.finish();
    if args.keep {
        output::line(&format!(
            "\nStill serving; what it knows is at {}\nTry\n  curl {0}/api/summary\n  curl '{0}/api/messages?state=failed'\n  curl {0}/metrics\n  sinch-callback status --data {} MESSAGE_ID\nCtrl-C ends it and removes the store.",
            receiver.admin(),
            receiver.data().display()
        ));
        StopSignals::listen()?.received().await;
    }
    receiver.stop().await?;
    outcome
}

/// A fresh secret that looks like what it is.
pub(super) fn demo_secret() -> String {
    format!("demo-secret-{}", ids::unique())
}
