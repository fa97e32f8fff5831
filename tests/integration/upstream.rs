//! What is sent on is signed anew, so that AWS accepts it: whatever the client wrote, and
//! whatever it signed with.

use aws_smithy_types::byte_stream::ByteStream;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{Outgoing, Signing, Upstream, UpstreamError};
use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::upstream_stand_in::{StandIn, converse};

pub const ID: &str = "AKIDEXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// An environment with keys and no metadata service.
pub fn environment() -> Environment {
    Environment::default()
        .with("AWS_ACCESS_KEY_ID", ID)
        .with("AWS_SECRET_ACCESS_KEY", SECRET)
        .with("AWS_REGION", "us-east-1")
        .with("AWS_EC2_METADATA_DISABLED", "true")
        .with("BEDROCK_REPLAY_SIGN", "always")
}

pub async fn bedrock() -> StandIn {
    StandIn::start("bedrock", "us-east-1", |_| converse()).await
}

pub async fn upstream(bedrock: &StandIn, environment: Environment) -> Upstream {
    Upstream::builder()
        .endpoint_url(Some(bedrock.url()))
        .environment(environment)
        .load()
        .await
        .unwrap()
}

pub fn outgoing(path_and_query: &str, body: impl Into<Bytes>) -> Outgoing {
    Outgoing {
        method: Method::POST,
        path_and_query: path_and_query.to_owned(),
        headers: HeaderMap::new(),
        body: body.into(),
        region: None,
    }
}

/// Status and text of an answer.
pub async fn sent(upstream: &Upstream, outgoing: Outgoing) -> (u16, String) {
    let mut response = upstream.send(outgoing).await.unwrap();
    let status = response.status().as_u16();
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.unwrap().into_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

pub async fn refused(upstream: &Upstream, outgoing: Outgoing) -> UpstreamError {
    let error = upstream.send(outgoing).await.unwrap_err();
    assert!(error.is_user(), "the SDK would retry {error:?}");
    UpstreamError::find(&error).unwrap().clone()
}

#[tokio::test]
async fn every_form_of_a_path_is_signed_as_it_is_sent() {
    let bedrock = bedrock().await;
    bedrock.allow(ID, SECRET, None);
    let upstream = upstream(&bedrock, environment()).await;
    for path in [
        "/model/anthropic.claude-3-5-haiku-20241022-v1:0/converse",
        "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse",
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0/invoke",
        "/model/arn:aws:bedrock:us-east-1:123456789012:inference-profile%2Fx/invoke",
        "/guardrail/g1/version/DRAFT/apply",
        "/model/with%20space/invoke",
        "/async-invoke?maxResults=5&statusEquals=In%20Progress&nextToken=a%2Bb%3D&empty",
        "/async-invoke?b=2&a=1&a=0",
    ] {
        let (status, text) = sent(&upstream, outgoing(path, "{}")).await;
        assert_eq!(status, 200, "{path}: {text}");
        assert_eq!(bedrock.last().path_and_query, path);
    }
}

#[tokio::test]
async fn every_body_is_signed() {
    let bedrock = bedrock().await;
    bedrock.allow(ID, SECRET, None);
    let upstream = upstream(&bedrock, environment()).await;
    let long: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for body in [
        Bytes::new(),
        Bytes::from("{\"a\":\"é\"}"),
        Bytes::from(long),
    ] {
        let (status, text) = sent(&upstream, outgoing("/model/m/invoke", body.clone())).await;
        assert_eq!(status, 200, "{text}");
        assert_eq!(bedrock.last().body, body);
    }
}

#[tokio::test]
async fn nothing_of_the_clients_own_signature_goes_on() {
    let bedrock = bedrock().await;
    bedrock.allow(ID, SECRET, None);
    let upstream = upstream(&bedrock, environment()).await;
    let mut client = outgoing(
        "/model/m/converse?X-Amz-Signature=0&X-Amz-Credential=dummy&a=b%20c",
        "{}",
    );
    for (name, value) in [
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=dummy/20260101/eu-west-1/bedrock/aws4_request",
        ),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amz-security-token", "dummy"),
        ("x-amz-content-sha256", "dummy"),
        ("host", "127.0.0.1:8181"),
        ("expect", "100-continue"),
        ("transfer-encoding", "chunked"),
        ("x-amzn-bedrock-guardrailidentifier", "g1"),
        ("x-amzn-bedrock-trace", "ENABLED  full"),
        ("content-type", "application/json"),
        ("amz-sdk-invocation-id", "7b1c"),
        ("user-agent", "Boto3/1.43"),
    ] {
        client.headers.append(name, value.parse().unwrap());
    }
    let (status, text) = sent(&upstream, client).await;
    assert_eq!(status, 200, "{text}");
    let seen = bedrock.last();
    assert!(!format!("{seen:?}").contains("dummy"), "{seen:?}");
    assert_eq!(seen.path_and_query, "/model/m/converse?a=b%20c");
    assert_eq!(seen.header("x-amzn-bedrock-guardrailidentifier"), "g1");
    assert_eq!(seen.header("user-agent"), "Boto3/1.43");
    assert!(
        seen.header("authorization")
            .contains("x-amzn-bedrock-trace")
    );
}

#[tokio::test]
async fn a_wrong_secret_region_or_token_is_refused_by_the_stand_in() {
    let bedrock = bedrock().await;
    bedrock.allow(ID, SECRET, Some("session"));
    let right = environment().with("AWS_SESSION_TOKEN", "session");
    for (environment, status) in [
        (right.clone(), 200),
        (right.clone().with("AWS_SECRET_ACCESS_KEY", "other"), 403),
        (right.clone().with("AWS_SESSION_TOKEN", ""), 403),
        (right.clone().with("AWS_SESSION_TOKEN", "another"), 403),
        (right.with("AWS_REGION", "eu-west-1"), 403),
    ] {
        let upstream = upstream(&bedrock, environment).await;
        let answer = sent(&upstream, outgoing("/model/m/converse", "{}")).await;
        assert_eq!(answer.0, status, "{}", answer.1);
    }
}

#[tokio::test]
async fn a_flag_names_the_region_before_the_client_and_the_client_before_the_environment() {
    let environment = environment().with("AWS_REGION", "eu-west-1");
    for (flag, client, expected) in [
        (Some("us-west-2"), Some("ap-southeast-1"), "us-west-2"),
        (None, Some("ap-southeast-1"), "ap-southeast-1"),
        (None, None, "eu-west-1"),
    ] {
        let upstream = Upstream::builder()
            .region(flag.map(str::to_owned))
            .environment(environment.clone())
            .load()
            .await
            .unwrap();
        let endpoint = upstream.endpoint(client).await.unwrap();
        assert_eq!(endpoint.region(), expected);
        assert_eq!(
            endpoint.url(),
            format!("https://bedrock-runtime.{expected}.amazonaws.com")
        );
    }
}

#[tokio::test]
async fn an_endpoint_on_this_machine_is_sent_no_credentials_unless_asked() {
    let bedrock = bedrock().await;
    let quiet = environment().with("BEDROCK_REPLAY_SIGN", "");
    let upstream = upstream(&bedrock, quiet).await;
    assert_eq!(
        sent(&upstream, outgoing("/model/m/converse", "{}")).await.0,
        403
    );
    assert_eq!(bedrock.last().header("authorization"), "");
}

#[tokio::test]
async fn a_bearer_token_wins() {
    let bedrock = bedrock().await;
    let environment = environment().with("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1");
    let upstream = upstream(&bedrock, environment).await;
    sent(&upstream, outgoing("/model/m/converse", "{}")).await;
    let seen = bedrock.last();
    assert_eq!(seen.header("authorization"), "Bearer bedrock-api-key-1");
    assert_eq!(seen.header("x-amz-date"), "");
}

#[tokio::test]
async fn credentials_never_cross_a_network_in_the_clear() {
    let upstream = Upstream::builder()
        .endpoint_url(Some("http://10.255.255.1:8080".to_owned()))
        .environment(environment())
        .load()
        .await
        .unwrap();
    let error = refused(&upstream, outgoing("/model/m/converse", "{}")).await;
    insta::assert_snapshot!(error, @"credentials are not sent over plain http to `10.255.255.1:8080` (use `https`, or set `BEDROCK_REPLAY_SIGN=never` for a gateway that signs by itself)");
}

#[tokio::test]
async fn missing_credentials_are_one_clear_error() {
    let environment = Environment::default()
        .with("AWS_EC2_METADATA_DISABLED", "true")
        .with("AWS_REGION", "us-east-1");
    let upstream = Upstream::builder()
        .environment(environment)
        .signing(Signing::Auto)
        .load()
        .await
        .unwrap();
    let error = refused(&upstream, outgoing("/model/m/converse", "{}")).await;
    insta::assert_snapshot!(error, @"no AWS credentials were found in the environment, the default profile, web identity, container or instance metadata, and this request has to be sent to bedrock-runtime.us-east-1.amazonaws.com (log in, for instance with `aws sso login`, or set `AWS_PROFILE`; what is recorded replays without)");
}

#[tokio::test]
async fn a_missing_region_is_one_clear_error() {
    let environment = environment().with("AWS_REGION", "");
    let upstream = Upstream::builder()
        .environment(environment)
        .load()
        .await
        .unwrap();
    let error = refused(&upstream, outgoing("/model/m/converse", "{}")).await;
    insta::assert_snapshot!(error, @"no AWS region is known, so that there is no endpoint to send this request to (set `AWS_REGION`, or `region` in the AWS profile)");
}

#[tokio::test]
async fn no_form_of_it_shows_a_credential() {
    let bedrock = bedrock().await;
    bedrock.allow(ID, SECRET, Some("a-session-token"));
    let environment = environment()
        .with("AWS_SESSION_TOKEN", "a-session-token")
        .with("HTTPS_PROXY", "http://me:hunter2@proxy.invalid:1");
    let builder = Upstream::builder().environment(environment.clone());
    let upstream = upstream(&bedrock, environment.clone()).await;
    assert_eq!(
        sent(&upstream, outgoing("/model/m/converse", "{}")).await.0,
        200
    );
    let shown = format!(
        "{environment:?} {builder:?} {upstream:?} {:?}",
        upstream.probe().await
    );
    for secret in [SECRET, "a-session-token", "hunter2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("AWS_SECRET_ACCESS_KEY"), "{shown}");
}

mod the_sdks_door {
    //! `Cassette::client` sends through the same layer.

    use bedrock_replay::client::CassetteOptions;
    use bedrock_replay::playback::Unused;
    use bedrock_replay::{Cassette, Mode};

    use super::*;
    use crate::lab::{ask, stored, user};

    fn options(folder: &tempfile::TempDir, mode: Mode) -> CassetteOptions {
        Cassette::options(folder.path().join("a.sqlite"))
            .mode(mode)
            .unused(Unused::Ok)
    }

    #[tokio::test]
    async fn what_is_recorded_is_signed() {
        let folder = tempfile::tempdir().unwrap();
        let bedrock = bedrock().await;
        bedrock.allow(ID, SECRET, Some("session"));
        let cassette = options(&folder, Mode::RecordAll)
            .environment(environment().with("AWS_SESSION_TOKEN", "session"))
            .endpoint_url(bedrock.url())
            .open()
            .unwrap();
        let client = cassette.client().await.unwrap();
        assert_eq!(ask(&client, "Hello").await, "Why?");
        cassette.finish().unwrap();
        assert_eq!(bedrock.seen().len(), 1);
        assert_eq!(stored(&folder.path().join("a.sqlite")).len(), 1);
    }

    #[tokio::test]
    async fn what_is_recorded_replays_without_credentials_and_only_the_rest_fails() {
        let folder = tempfile::tempdir().unwrap();
        let bedrock = bedrock().await;
        bedrock.allow(ID, SECRET, None);
        let cassette = options(&folder, Mode::RecordAll)
            .environment(environment())
            .endpoint_url(bedrock.url())
            .open()
            .unwrap();
        ask(&cassette.client().await.unwrap(), "Hello").await;
        cassette.finish().unwrap();

        let nobody = Environment::default()
            .with("AWS_EC2_METADATA_DISABLED", "true")
            .with("AWS_REGION", "us-east-1");
        let cassette = options(&folder, Mode::RecordMissing)
            .environment(nobody)
            .open()
            .unwrap();
        let client = cassette.client().await.unwrap();
        assert_eq!(ask(&client, "Hello").await, "Why?");
        let model = "amazon.nova-lite-v1:0";
        let new = client.converse().model_id(model).messages(user("New"));
        let error = new.send().await.unwrap_err();
        assert!(matches!(
            UpstreamError::find(&error),
            Some(UpstreamError::NoCredentials { .. })
        ));
        let report = cassette.finish().unwrap();
        assert_eq!((report.replayed, report.recorded), (1, 0));
        assert_eq!(stored(&folder.path().join("a.sqlite")).len(), 1);
    }

    #[tokio::test]
    async fn a_configuration_of_ones_own_keeps_its_signature() {
        let folder = tempfile::tempdir().unwrap();
        let bedrock = bedrock().await;
        bedrock.allow("AKIDOWN", "own-secret", None);
        let cassette = options(&folder, Mode::RecordAll)
            .environment(Environment::default())
            .open()
            .unwrap();
        let own = aws_sdk_bedrockruntime::Config::builder()
            .behavior_version(aws_sdk_bedrockruntime::config::BehaviorVersion::latest())
            .region(aws_sdk_bedrockruntime::config::Region::new("us-east-1"))
            .endpoint_url(bedrock.url())
            .credentials_provider(aws_sdk_bedrockruntime::config::Credentials::new(
                "AKIDOWN",
                "own-secret",
                None,
                None,
                "test",
            ));
        let inner = aws_smithy_http_client::Builder::new().build_http();
        let client =
            aws_sdk_bedrockruntime::Client::from_conf(cassette.configure(own, inner).build());
        assert_eq!(ask(&client, "Hello").await, "Why?");
    }
}
