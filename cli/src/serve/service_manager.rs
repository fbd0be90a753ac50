//! What systemd is told (`sd_notify`), where it has started us and wants to know.

use std::{ffi::OsString, os::unix::net::UnixDatagram};

/// The socket that a service manager listens on; silent where there is none.
#[derive(Debug, Default)]
pub(super) struct ServiceManager {
    socket: Option<UnixDatagram>,
}

impl ServiceManager {
    /// The one that has started this process.
    pub(super) fn find() -> Self {
        match std::env::var_os("NOTIFY_SOCKET") {
            Some(name) if !name.is_empty() => Self::at(&name),
            _ => Self::default(),
        }
    }

    fn at(name: &OsString) -> Self {
        let connected = UnixDatagram::unbound().and_then(|socket| {
            connect(&socket, name)?;
            // Whoever does not listen is not waited for.
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        match connected {
            Ok(socket) => Self {
                socket: Some(socket),
            },
            Err(error) => {
                tracing::warn!(%error, "the service manager at NOTIFY_SOCKET is not reached");
                Self::default()
            }
        }
    }

    /// Callbacks are taken; or, after a reload, everything has been read again.
    pub(super) fn ready(&self) {
        self.tell("READY=1\n");
    }

    /// Secrets and settings are being read again.
    pub(super) fn reloading(&self) {
        let micros = monotonic_micros();
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}\n"));
    }

    /// No further callbacks are taken.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1\n");
    }

    fn tell(&self, state: &str) {
        if let Some(socket) = &self.socket
            && let Err(error) = socket.send(state.as_bytes())
        {
            tracing::warn!(%error, "the service manager was not told");
        }
    }
}

#[cfg(target_os = "linux")]
fn connect(socket: &UnixDatagram, name: &OsString) -> std::io::Result<()> {
    use std::os::{
        linux::net::SocketAddrExt,
        unix::{ffi::OsStrExt, net::SocketAddr},
    };
    match name.as_bytes().strip_prefix(b"@") {
        Some(abstract_name) => socket.connect_addr(&SocketAddr::from_abstract_name(abstract_name)?),
        None => socket.connect(name),
    }
}

#[cfg(not(target_os = "linux"))]
fn connect(socket: &UnixDatagram, name: &OsString) -> std::io::Result<()> {
    socket.connect(name)
}

/// Microseconds of the clock that never goes back, as systemd counts them.
fn monotonic_micros() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let secs = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
    secs.saturating_mul(1_000_000).saturating_add(nanos / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        let mut bytes = [0; 256];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_manager_at_a_path_and_one_at_an_abstract_name_are_told_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let mut listeners = vec![(
            UnixDatagram::bind(&path).unwrap(),
            path.clone().into_os_string(),
        )];
        #[cfg(target_os = "linux")]
        {
            use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};
            let name = format!("sinch-callback-test-{}", std::process::id());
            let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
            let listener = UnixDatagram::bind_addr(&address).unwrap();
            listeners.push((listener, format!("@{name}").into()));
        }
        for (listener, name) in listeners {
            let manager = ServiceManager::at(&name);
            manager.ready();
            assert_eq!(heard(&listener), "READY=1\n");
            manager.reloading();
            let reloading = heard(&listener);
            let micros = reloading
                .strip_prefix("RELOADING=1\nMONOTONIC_USEC=")
                .unwrap();
            assert!(micros.trim().parse::<u64>().unwrap() > 0, "{reloading}");
            manager.stopping();
            assert_eq!(heard(&listener), "STOPPING=1\n");
        }
        ServiceManager::default().ready();
    }
}
