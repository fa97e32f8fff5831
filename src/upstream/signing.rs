//! The signature: SigV4 as the SDKs write it for service `bedrock`, or a bearer token.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

use super::{Outlook, UpstreamError};

/// The name that Bedrock Runtime is signed for.
const SERVICE: &str = "bedrock";

/// Writes `authorization` and what belongs to it. The defaults of aws-sigv4 are those of every
/// service but S3: the path is normalised and escaped once more, the body is signed.
pub fn sigv4(
    request: &mut Request<Bytes>,
    credentials: Credentials,
    region: &str,
    now: SystemTime,
) -> Result<(), UpstreamError> {
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(unsignable)?
        .into();
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        readable(request)?.into_iter(),
        SignableBody::Bytes(request.body()),
    );
    let signed = sign(signable.map_err(unsignable)?, &params).map_err(unsignable)?;
    let (headers, _query) = signed.into_parts().0.into_parts();
    for header in headers {
        insert(request, header.name(), header.value())?;
    }
    Ok(())
}

/// Writes a bearer token, as an API key of Bedrock is sent.
pub fn bearer(request: &mut Request<Bytes>, token: &str) -> Result<(), UpstreamError> {
    insert(request, "authorization", &format!("Bearer {token}"))
}

fn insert(request: &mut Request<Bytes>, name: &str, value: &str) -> Result<(), UpstreamError> {
    let name: HeaderName = name.parse().map_err(unsignable)?;
    let mut value = HeaderValue::from_str(value).map_err(|_| UpstreamError::Credentials {
        reason: "they hold a character that no HTTP header may hold".to_owned(),
        hint: "look for a line break or a space that was copied along".to_owned(),
        outlook: Outlook::Lasting,
    })?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(())
}

fn readable(request: &Request<Bytes>) -> Result<Vec<(&str, &str)>, UpstreamError> {
    let lines = request.headers().iter();
    lines
        .map(|(name, value)| match value.to_str() {
            Ok(value) => Ok((name.as_str(), value)),
            Err(_) => Err(UpstreamError::Unsignable {
                reason: format!("its header `{name}` is not plain text"),
            }),
        })
        .collect()
}

fn unsignable(error: impl std::error::Error) -> UpstreamError {
    UpstreamError::Unsignable {
        reason: error.to_string(),
    }
}
