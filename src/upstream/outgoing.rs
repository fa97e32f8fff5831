//! A request on its way out: the client's, without its signature and its connection.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};

/// A request that is to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The path as the client wrote it, escapes and all, and its query.
    pub path_and_query: String,
    /// The client's headers; those that are its signature or its connection's stay behind.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The region of the client's own credential scope.
    pub region: Option<String>,
}

/// The client's signature and its connection: nothing of either holds for another host.
const LEFT_BEHIND: [&str; 17] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
];

/// What this program's own doors are told by, and nobody else.
const OWN_PREFIX: &str = "x-bedrock-replay-";

/// The parts of a presigned URL.
const PRESIGNED: [&str; 7] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The headers that go on.
pub fn headers(client: &HeaderMap) -> HeaderMap {
    let of_the_connection: Vec<HeaderName> = client
        .get_all(http::header::CONNECTION)
        .iter()
        .filter_map(|names| names.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let goes_on = |name: &HeaderName| {
        !LEFT_BEHIND.contains(&name.as_str())
            && !name.as_str().starts_with(OWN_PREFIX)
            && !of_the_connection.contains(name)
    };
    let lines = client.iter().filter(|(name, _)| goes_on(name));
    lines
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Path and query without a signature; everything else as it was written.
pub fn path_and_query(client: &str) -> String {
    let (path, query) = match client.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (client, None),
    };
    let kept: Vec<&str> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !is_presigned(pair))
        .collect();
    if kept.iter().all(|pair| pair.is_empty()) {
        return path.to_owned();
    }
    format!("{path}?{}", kept.join("&"))
}

fn is_presigned(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    PRESIGNED
        .iter()
        .any(|signed| name.eq_ignore_ascii_case(signed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn the_clients_signature_and_connection_stay_behind() {
        let client: HeaderMap = [
            ("authorization", "AWS4-HMAC-SHA256 …"),
            ("x-amz-date", "20260101T000000Z"),
            ("x-amz-security-token", "token"),
            ("x-amz-content-sha256", "00"),
            ("host", "127.0.0.1:8181"),
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("content-length", "3"),
            ("expect", "100-continue"),
            ("x-bedrock-replay-scope", "mine"),
            ("content-type", "application/json"),
            ("x-amzn-bedrock-guardrailidentifier", "g1"),
            ("amz-sdk-invocation-id", "1"),
        ]
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), http::HeaderValue::from_str(value)))
        .map(|(name, value): (HeaderName, _)| {
            (name, value.unwrap_or_else(|_| "x".parse().unwrap()))
        })
        .collect();
        let mut kept = names(&headers(&client)).join(" ");
        kept.push(' ');
        for name in [
            "content-type ",
            "x-amzn-bedrock-guardrailidentifier ",
            "amz-sdk-invocation-id ",
        ] {
            assert!(kept.contains(name), "{kept}");
            kept = kept.replace(name, "");
        }
        assert_eq!(kept, "");
    }

    #[test]
    fn a_repeated_header_goes_on_whole() {
        let mut client = HeaderMap::new();
        client.append("x-a", "1".parse().unwrap());
        client.append("x-a", "2".parse().unwrap());
        assert_eq!(headers(&client).get_all("x-a").iter().count(), 2);
    }

    #[test]
    fn a_presigned_query_loses_its_signature_and_nothing_else() {
        let path = "/model/a%3Ab/invoke";
        let signed = format!("{path}?X-Amz-Signature=0&b=%20&X-AMZ-Credential=k&a");
        assert_eq!(path_and_query(&signed), format!("{path}?b=%20&a"));
        assert_eq!(path_and_query(&format!("{path}?x-amz-expires=5")), path);
        assert_eq!(path_and_query(path), path);
    }
}
