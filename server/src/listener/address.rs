use core::{fmt, str::FromStr};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use rustix::net::sockopt::set_ipv6_v6only;
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// Where to listen: an address, a name, or every interface, and a port.
///
/// # Examples
/// ```
/// use sinch_callback_server::ListenAddress;
///
/// let address: ListenAddress = "localhost:8080".parse()?;
/// assert_eq!(address.to_string(), "localhost:8080");
/// assert!("::1:8080".parse::<ListenAddress>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    /// Written as nothing: every interface, IPv6 and IPv4.
    Every,
    Address(IpAddr),
    Name(String),
}

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

const FORM: &str = "expected ADDRESS:PORT, as in 127.0.0.1:8080, [::1]:8080, localhost:8080 or :8080 for every interface";

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, port) = text
            .rsplit_once(':')
            .ok_or_else(|| format!("there is no port: {FORM}"))?;
        let port = port
            .parse()
            .map_err(|_| format!("the port is no number up to 65535: {FORM}"))?;
        let in_brackets = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = match in_brackets {
            Some(address) => Host::Address(
                address
                    .parse::<Ipv6Addr>()
                    .map_err(|_| format!("what stands in brackets is no IPv6 address: {FORM}"))?
                    .into(),
            ),
            None if host.is_empty() => Host::Every,
            None if host.contains(':') => {
                return Err(format!("an IPv6 address stands in brackets: {FORM}"));
            }
            None => match host.parse::<Ipv4Addr>() {
                Ok(address) => Host::Address(address.into()),
                Err(_) if is_name(host) => Host::Name(host.to_owned()),
                Err(_) => return Err(format!("{host:?} is neither an address nor a name: {FORM}")),
            },
        };
        Ok(Self { host, port })
    }
}

/// Whether a text may be the name of a host. One that ends in a number would be a mistyped address.
fn is_name(text: &str) -> bool {
    let last_is_number = text
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !last_is_number && text.bytes().all(fits)
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Every => write!(f, ":{}", self.port),
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl ListenAddress {
    /// The name or the address as it was written, where it is of one host.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        match &self.host {
            Host::Every => None,
            Host::Address(address) if address.is_unspecified() => None,
            Host::Address(address) => Some(address.to_string()),
            Host::Name(name) => Some(name.clone()),
        }
    }

    /// Listens on each address that it stands for, all of them on one port.
    ///
    /// # Errors
    /// Where a name has no address, or none of the sockets can be opened.
    pub async fn bind(&self) -> io::Result<Sockets> {
        let listeners = match &self.host {
            Host::Every => vec![every(self.port)?],
            Host::Address(address) => vec![listen(SocketAddr::new(*address, self.port))?],
            Host::Name(name) => {
                let mut addresses: Vec<_> =
                    lookup_host((name.as_str(), self.port)).await?.collect();
                // IPv4 is told first: what reads our first line may know nothing else.
                addresses.sort_by_key(|address| (address.is_ipv6(), *address));
                addresses.dedup();
                all(&addresses)?
            }
        };
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<Result<_, _>>()?;
        Ok(Sockets {
            listeners,
            addresses,
        })
    }
}

/// The sockets of one [`ListenAddress`]; at least one.
#[derive(Debug)]
pub struct Sockets {
    pub(crate) listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Sockets {
    /// Where they can be reached, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        self.addresses
            .first()
            .map(|address| format!("http://{address}"))
            .unwrap_or_default()
    }

    /// Whether nobody but this machine reaches them.
    #[must_use]
    pub fn loopback(&self) -> bool {
        self.addresses
            .iter()
            .all(|address| address.ip().to_canonical().is_loopback())
    }
}

/// One socket of both families, or of IPv4 where the system has no other.
fn every(port: u16) -> io::Result<TcpListener> {
    match listen((Ipv6Addr::UNSPECIFIED, port).into()) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            listen((Ipv4Addr::UNSPECIFIED, port).into())
        }
        listener => listener,
    }
}

/// A socket for each address. One that this machine does not have, as `::1` where IPv6 is off, is
/// passed over; the port that the first one got is that of all.
fn all(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        let mut address = *address;
        if let Some(first) = listeners.first() {
            address.set_port(first.local_addr()?.port());
        }
        match listen(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(error) => failure = error,
        }
    }
    if listeners.is_empty() {
        return Err(failure);
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Every interface means both families, whatever the system's own default.
    if address.is_ipv6() && address.ip().is_unspecified() {
        set_ipv6_v6only(&socket, false)?;
    }
    // A port whose last connections are still being forgotten can be taken again.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written() {
        for text in [
            "127.0.0.1:8080",
            "[::1]:0",
            "localhost:8080",
            ":8080",
            "[::]:1",
        ] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_cause() {
        for (text, cause) in [
            ("8080", "no port"),
            ("localhost", "no port"),
            ("localhost:http", "no number up to 65535"),
            ("localhost:65536", "no number up to 65535"),
            ("localhost:", "no number up to 65535"),
            ("::1:8080", "brackets"),
            ("[::1:8080", "brackets"),
            ("[localhost]:8080", "no IPv6 address"),
            ("127.0.0.256:8080", "neither an address nor a name"),
            ("127.0.0:8080", "neither an address nor a name"),
            ("http://localhost:8080", "brackets"),
            ("a/b:8080", "neither an address nor a name"),
            ("*:8080", "neither an address nor a name"),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(
                error.contains(cause) && error.contains(":8080 "),
                "{text}: {error}"
            );
        }
    }
}
