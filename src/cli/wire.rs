//! A connector to an endpoint that needs no signature.

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

pub fn connector() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::builder().build_http())
}
