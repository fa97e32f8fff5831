//! The SDK's configuration without TLS: every endpoint here is on this machine.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

pub use aws_config::BehaviorVersion;

/// As `aws_config::load_defaults`.
pub async fn load_defaults(version: BehaviorVersion) -> SdkConfig {
    let loader = aws_config::defaults(version).http_client(http_client());
    loader.load().await
}

pub fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
