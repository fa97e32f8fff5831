//! The client that reaches AWS: TLS by ring, the standard credential chain.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// An HTTP client for `https` and plain `http` endpoints.
pub fn http_client() -> SharedHttpClient {
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// The standard configuration: environment, profiles, SSO, web identity, instance metadata.
pub async fn configuration(region: Option<Region>) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    match region {
        Some(region) => loader.region(region).load().await,
        None => loader.load().await,
    }
}
