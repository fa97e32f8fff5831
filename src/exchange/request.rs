//! A request as every door hands it on: operation, allowed headers, body, and beside them what
//! the key leaves out.

use bytes::Bytes;

use super::{Headers, Origin, Target, UnsupportedPath};

/// One HTTP transmission of a call, stripped to what may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Operation and labels.
    pub target: Target,
    /// Allow-listed headers.
    pub headers: Headers,
    /// The body as sent.
    pub body: Bytes,
    /// The endpoint it was addressed to.
    pub origin: Origin,
    /// The logical call that this transmission belongs to, where the SDK says so.
    pub invocation: Option<Invocation>,
}

/// What SDKs say of a logical call: `amz-sdk-invocation-id` is the same for each retry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Invocation {
    /// The id, unique per logical call; never stored.
    pub id: String,
}

/// The parts of an HTTP request as a transport holds them.
#[derive(Debug, Clone)]
pub struct RequestParts<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// Path and query as sent.
    pub path_and_query: &'a str,
    /// Host, with a port where there is one; empty where unknown.
    pub host: &'a str,
    /// Every header line as sent: what is not allow-listed is dropped here.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The whole body.
    pub body: Bytes,
}

impl Request {
    /// Takes what may be kept.
    ///
    /// # Errors
    /// [`UnsupportedPath`] for an operation that is not recorded.
    pub fn read(parts: RequestParts<'_>) -> Result<Self, UnsupportedPath> {
        let target = Target::parse(parts.method, parts.path_and_query)?;
        let line = |wanted: &str| {
            parts
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| *value)
        };
        let mut origin = Origin::of_host(parts.host);
        if let Some(region) = line("authorization").and_then(signed_region) {
            origin.region = Some(region.to_owned());
        }
        let invocation = line("amz-sdk-invocation-id").map(|id| Invocation { id: id.to_owned() });
        Ok(Self {
            target,
            headers: Headers::of_request(parts.headers.iter().copied()),
            body: parts.body,
            origin,
            invocation,
        })
    }
}

/// The region in a SigV4 credential scope: `Credential=KEY/20260101/eu-west-1/bedrock/…`.
fn signed_region(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut scope = credential.split(',').next()?.split('/').skip(2);
    let region = scope.next()?;
    (scope.next()? == "bedrock").then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_region_wins_over_the_host() {
        let request = Request::read(RequestParts {
            method: "POST",
            path_and_query: "/model/m/converse",
            host: "localhost:9000",
            headers: vec![
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=0",
                ),
                ("amz-sdk-invocation-id", "one-call"),
            ],
            body: Bytes::new(),
        })
        .unwrap();
        assert_eq!(request.origin.region.as_deref(), Some("eu-west-1"));
        assert_eq!(request.invocation.unwrap().id, "one-call");
        assert!(request.headers.is_empty());
    }
}
