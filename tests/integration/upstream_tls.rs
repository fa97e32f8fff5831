//! A private authority: its certificates hold where `AWS_CA_BUNDLE` names it, and not elsewhere.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_bedrockruntime::Client;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{Upstream, UpstreamError};
use bedrock_replay::{Cassette, Mode};
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::lab::HAIKU;
use crate::upstream::{environment, outgoing, sent};
use crate::upstream_stand_in::converse;

const CALL: &str = "/model/m/converse";

/// An authority that nobody else knows.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(parameters, key),
            pem,
        }
    }

    fn bundle(&self, folder: &Path) -> PathBuf {
        let path = folder.join("bundle.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }

    /// A Bedrock of this machine with a certificate of this authority.
    async fn bedrock(&self) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(listen(listener, TlsAcceptor::from(Arc::new(config))));
        address
    }
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client that does not trust the certificate hangs up.
        let Ok(stream) = acceptor.accept(stream).await else {
            continue;
        };
        let answering = service_fn(|request: hyper::Request<hyper::body::Incoming>| async {
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(converse())
        });
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), answering));
    }
}

fn url(address: SocketAddr) -> String {
    format!("https://localhost:{}", address.port())
}

async fn upstream(address: SocketAddr, environment: Environment) -> Upstream {
    let upstream = Upstream::builder().endpoint_url(Some(url(address)));
    upstream.environment(environment).load().await.unwrap()
}

fn trusting(bundle: &Path) -> Environment {
    environment().with("AWS_CA_BUNDLE", bundle.to_str().unwrap())
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_the_environment_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let address = authority.bedrock().await;
    let trusted = trusting(&authority.bundle(folder.path()));
    let upstream = upstream(address, trusted).await;
    assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 200);
}

#[tokio::test]
async fn a_bundle_takes_the_place_of_all_other_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let address = Authority::new().bedrock().await;
    let stranger = trusting(&Authority::new().bundle(folder.path()));
    let upstream = upstream(address, stranger).await;
    let refused = upstream.send(outgoing(CALL, "{}")).await.unwrap_err();
    assert!(refused.is_user(), "tried again in vain: {refused:?}");
    let told = UpstreamError::find(&refused).unwrap().to_string();
    assert!(
        told.starts_with("`localhost` is not trusted: invalid peer certificate"),
        "{told}"
    );
    assert!(told.contains("AWS_CA_BUNDLE"), "{told}");
}

#[tokio::test]
async fn a_cassettes_own_client_trusts_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let address = authority.bedrock().await;
    let cassette = Cassette::options(folder.path().join("new.sqlite"))
        .mode(Mode::RecordAll)
        .environment(trusting(&authority.bundle(folder.path())))
        .endpoint_url(url(address))
        .open()
        .unwrap();
    let client: Client = cassette.client().await.unwrap();
    let answered = client.converse().model_id(HAIKU).send().await;
    assert!(answered.is_ok(), "{answered:?}");
    cassette.finish().unwrap();
}

#[tokio::test]
async fn a_bundle_that_holds_no_certificate_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.pem");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    for (content, problem) in [
        (None, "No such file"),
        (Some(""), "it holds no certificate"),
        (Some("no PEM at all"), "it holds no certificate"),
        (Some(broken), "certificate 1 cannot be read: "),
        (Some(cut), "certificate 1 is no PEM: "),
    ] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let loaded = Upstream::builder()
            .environment(trusting(&path))
            .load()
            .await;
        let told = loaded.unwrap_err().to_string();
        let place = format!("the file `{}` of `AWS_CA_BUNDLE`", path.display());
        assert!(told.starts_with(&place), "{told}");
        assert!(told.contains(problem), "{problem}: {told}");
        assert!(told.contains("expected PEM"), "{told}");
    }
}
