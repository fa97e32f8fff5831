//! Who may come in: programs that were told of the endpoint, and no web page. A page in a
//! developer's browser can send requests to this machine; it must not be able to spend money
//! through a recorder.

use std::net::IpAddr;

use http::Version;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

use super::access::Access;
use super::refusal::Refusal;

/// The header that carries a token.
pub const TOKEN_HEADER: &str = "x-bedrock-replay-token";

/// Refuses whoever shows by a header that a web page sent it, or another name than this
/// machine's.
pub fn check(parts: &Parts, access: &Access) -> Result<(), Refusal> {
    let hosts = parts.headers.get_all(HOST);
    let mut named = hosts.iter().filter_map(|host| host.to_str().ok());
    let target = parts.uri.authority().map(Authority::as_str);
    // HTTP/2 says in its `:authority` what HTTP/1.1 says in its one `Host`.
    let host = match (named.next(), named.next(), target) {
        (Some(host), None, _) => Some(host),
        (None, None, Some(_)) if parts.version == Version::HTTP_2 => None,
        _ => return Err(Refusal::invalid("expected one `Host` header").closing()),
    };
    if host.is_some_and(|host| host.contains('@')) {
        return Err(Refusal::invalid("a `Host` header names no user").closing());
    }
    for authority in target.into_iter().chain(host) {
        if access.is_loopback() && !is_this_machine(authority) {
            return Err(Refusal::forbidden(format!(
                "the host `{authority}` is not this machine (expected `127.0.0.1`, `[::1]` or `localhost`)"
            ))
            .closing());
        }
    }
    not_from_a_page(parts, host.or(target).unwrap_or_default())
}

/// A page that another program serves on this machine is a page of another origin, too.
fn not_from_a_page(parts: &Parts, host: &str) -> Result<(), Refusal> {
    let line = |name: &str| parts.headers.get(name)?.to_str().ok();
    if let Some(origin) = parts.headers.get(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if !authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)) {
            return Err(Refusal::forbidden(
                "a web page of another origin may not call this endpoint",
            )
            .closing());
        }
    }
    match line("sec-fetch-site") {
        None | Some("none" | "same-origin") => Ok(()),
        Some(_) => Err(Refusal::forbidden("a web page may not call this endpoint").closing()),
    }
}

/// Asks for the token, where there is one.
pub fn admit(access: &Access, shown: Option<&str>) -> Result<(), Refusal> {
    let Some(expected) = access.token() else {
        return Ok(());
    };
    match shown {
        Some(shown) if expected.is(shown) => Ok(()),
        Some(_) => Err(Refusal::forbidden("the token is not the endpoint's")),
        None => Err(Refusal::forbidden(format!(
            "this endpoint expects a token (in the header `{TOKEN_HEADER}`, or in the endpoint URL: `http://HOST:PORT/token/TOKEN`)"
        ))),
    }
}

fn is_this_machine(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_this_machine() {
        for host in [
            "localhost",
            "LocalHost:8181",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:80",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "127.0.0.1.nip.io",
            "::1",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
