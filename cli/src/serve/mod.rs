//! `serve`: the whole job on one machine.

mod admin;
mod args;
mod recovery;
mod refused;
mod reload;
mod service_manager;
mod span;

use sinch_callback_server::{Server, clock::Clock};

pub(crate) use self::args::ServeArgs;
use self::{
    refused::refused,
    reload::{HangUp, Reload},
    service_manager::ServiceManager,
};
use crate::{command_error::CommandError, output, settings::Settings, stop_signals::StopSignals};

pub(crate) async fn run(args: ServeArgs, settings: Settings) -> Result<(), CommandError> {
    let mut hang_up = HangUp::listen()?;
    let config = args.config()?;
    if let Clock::FixedAt(moment) = config.clock {
        tracing::warn!(
            at = %moment,
            "THE CLOCK IS STOPPED (--clock-at): whoever has an old callback can play it here. For tests only"
        );
    }
    let secrets = config.secrets.count();
    let server = Server::open(config).await.map_err(refused)?;
    let callbacks = args.listen.bind().await.map_err(|error| {
        CommandError::failed(
            format!(
                "cannot listen on {} (another address: --listen)",
                args.listen
            ),
            error,
        )
    })?;
    let admin = args.admin.listen().await?;
    let mut running = server.start();
    // Whoever reads that we are ready may ask us to stop at once.
    let mut stop = StopSignals::listen()?;
    let url = callbacks.url();
    let admin_url = admin
        .as_ref()
        .map_or_else(|| "off".into(), |(sockets, _)| sockets.url());
    let told = match &admin {
        Some(_) => format!("admin on {admin_url}"),
        None => "admin off".into(),
    };
    // Serving begins first: whoever reads that we are ready finds the process as it stays.
    running.take_callbacks(callbacks);
    if let Some((sockets, gate)) = admin {
        running.answer_operators(sockets, gate);
    }
    // Programs read these two: they stand on standard output, in front of all else there.
    output::line(&format!("listening on {url}"));
    output::line(&told);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        callbacks = url,
        admin = admin_url,
        data = %args.data.display(),
        secrets,
        max_age = %args.max_age,
        max_body = args.max_body,
        retain_days = args.retain_days,
        notify = args.notify_url.is_some(),
        "started"
    );
    let mut reload = Reload {
        settings,
        manager: ServiceManager::find(),
    };
    reload.manager.ready();
    loop {
        tokio::select! {
            () = stop.received() => break,
            () = hang_up.received() => reload.run(&running).await,
        }
    }
    reload.manager.stopping();
    tracing::info!("stopping: requests under way are finished first");
    running.stop().await.map_err(refused)
}
