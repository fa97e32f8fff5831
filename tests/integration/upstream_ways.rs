//! How a request gets there: proxies, and an SSO portal that the chain asks on its way.

use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::Upstream;
use bytes::Bytes;
use http::Response;
use http_body_util::Full;

use crate::upstream::{ID, SECRET, bedrock, environment, outgoing, sent, upstream};
use crate::upstream_credentials::Home;
use crate::upstream_stand_in::{StandIn, converse};

const CALL: &str = "/model/m/converse";
/// The AWS CLI names a login's file by its session.
const SHA1_OF_WORK: &str = "e274eeff768c6396088ec6eb091f4bf4d47ab1e0";

async fn unsigned(url: &str, environment: Environment) -> Upstream {
    Upstream::builder()
        .endpoint_url(Some(url.to_owned()))
        .environment(environment.with("BEDROCK_REPLAY_SIGN", "never"))
        .load()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_environments_proxy_is_asked() {
    let proxy = StandIn::open(|_| converse()).await;
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let environment = Environment::default().with(variable, proxy.url());
        let upstream = unsigned("http://bedrock.invalid", environment).await;
        assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 200);
        assert_eq!(proxy.last().header("host"), "bedrock.invalid", "{variable}");
    }
}

#[tokio::test]
async fn a_host_that_the_proxy_is_not_for_is_asked_itself() {
    let proxy = StandIn::open(|_| converse()).await;
    let environment = Environment::default()
        .with("HTTP_PROXY", proxy.url())
        .with("NO_PROXY", "bedrock.invalid");
    let upstream = unsigned("http://bedrock.invalid", environment).await;
    assert!(upstream.send(outgoing(CALL, "{}")).await.is_err());
    assert_eq!(proxy.seen().len(), 0);
}

#[tokio::test]
async fn no_proxy_stands_between_this_machine_and_itself() {
    let (bedrock, proxy) = (bedrock().await, StandIn::open(|_| converse()).await);
    bedrock.allow(ID, SECRET, None);
    let upstream = upstream(&bedrock, environment().with("HTTP_PROXY", proxy.url())).await;
    assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 200);
    assert_eq!(proxy.seen().len(), 0);
}

#[tokio::test]
async fn a_proxy_that_is_no_address_is_refused_without_being_repeated() {
    let environment = Environment::default().with("HTTPS_PROXY", "http://me:hunter2@ a b");
    let error = Upstream::builder().environment(environment).load().await;
    let error = error.unwrap_err().to_string();
    insta::assert_snapshot!(error, @"the proxy in `HTTPS_PROXY` is no address (expected `http://HOST:PORT`)");
}

#[tokio::test]
async fn a_login_by_sso_becomes_credentials() {
    let bedrock = bedrock().await;
    bedrock.allow("ASIASSO", "secret-of-sso", Some("token-of-sso"));
    let portal = StandIn::open(|seen| {
        assert_eq!(seen.header("x-amz-sso_bearer_token"), "a-login");
        assert!(seen.path_and_query.contains("account_id=123456789012"));
        Response::new(role_credentials())
    })
    .await;
    let home = Home::new(
        "[default]\nregion = us-east-1\nsso_session = work\nsso_account_id = 123456789012\n\
         sso_role_name = Bench\n\
         [sso-session work]\nsso_region = us-east-1\nsso_start_url = https://work.awsapps.com/start\n",
    );
    home.write(
        &format!(".aws/sso/cache/{SHA1_OF_WORK}.json"),
        &serde_json::json!({
            "accessToken": "a-login",
            "expiresAt": "2099-01-01T00:00:00Z",
            "region": "us-east-1",
            "startUrl": "https://work.awsapps.com/start",
        })
        .to_string(),
    );
    let environment = home
        .environment()
        .with("AWS_ENDPOINT_URL_SSO", portal.url());
    let upstream = upstream(&bedrock, environment).await;
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
}

fn role_credentials() -> Full<Bytes> {
    serde_json::json!({ "roleCredentials": {
        "accessKeyId": "ASIASSO",
        "secretAccessKey": "secret-of-sso",
        "sessionToken": "token-of-sso",
        "expiration": 4_070_908_800_000_i64,
    }})
    .to_string()
    .into()
}
