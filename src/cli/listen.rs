//! Where a command listens: read from the command line, and told to scripts.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};

/// Reads an address. A name is none: what `localhost` means is another machine's choice, and it
/// may be two addresses.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let example = match text.rsplit_once(':') {
        Some(("localhost", port)) => port.parse().ok(),
        _ => None,
    };
    let example = SocketAddr::from((Ipv4Addr::LOCALHOST, example.unwrap_or(8080)));
    let address = text.parse();
    address.map_err(|_| format!("expected an IP address and a port such as `{example}`"))
}

/// Scripts wait for this line.
pub fn say_where(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    out.flush()
}
