//! Whose certificates are trusted: the machine's authorities, or those that `AWS_CA_BUNDLE` names.

use std::fs;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::UpstreamError;
use crate::environment::Environment;

/// The variable of every AWS SDK and of the AWS CLI.
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// The trust that the environment asks for. A bundle takes the place of the machine's own
/// authorities, as it does for the AWS CLI.
pub fn trust(environment: &Environment) -> Result<TlsContext, UpstreamError> {
    let Some(path) = environment.get(BUNDLE) else {
        return Ok(TlsContext::default());
    };
    let unusable = |problem: String| UpstreamError::BadCaBundle {
        variable: BUNDLE,
        path: path.to_owned(),
        problem,
    };
    let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    check(&pem).map_err(unusable)?;
    let store = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(store).build();
    context.map_err(|error| unusable(error.to_string()))
}

/// What the HTTP client would panic at.
fn check(pem: &[u8]) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let number = index + 1;
        let certificate =
            certificate.map_err(|error| format!("certificate {number} is no PEM: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("certificate {number} cannot be read: {error}"))?;
    }
    if roots.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    Ok(())
}
