//! As whom: a role in another account, and every source of the standard chain that a machine
//! without AWS can show.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedrock_replay::clock::Clock;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{Outlook, Upstream, UpstreamError};
use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use jiff::Timestamp;

use crate::upstream::{ID, SECRET, bedrock, environment, outgoing, refused, sent};
use crate::upstream_stand_in::{StandIn, converse, refuse, role};

const ROLE: &str = "arn:aws:iam::123456789012:role/BedrockInvokeRole";
const CALL: &str = "/model/m/converse";

/// A clock that a test sets.
#[derive(Debug)]
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time.parse().unwrap())))
    }

    fn forward(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

async fn on(bedrock: &StandIn, environment: Environment, clock: Arc<Hand>) -> Upstream {
    Upstream::builder()
        .endpoint_url(Some(bedrock.url()))
        .environment(environment)
        .clock(clock)
        .load()
        .await
        .unwrap()
}

/// An STS that gives `ASIA1`, `ASIA2` …, each for an hour of 2026-01-01 from 00:00.
async fn sts() -> StandIn {
    let given = AtomicU64::new(0);
    StandIn::start("sts", "us-east-1", move |seen| {
        let number = given.fetch_add(1, Ordering::Relaxed) + 1;
        let action = &seen.form()["Action"];
        let expiry = format!("2026-01-01T{number:02}:00:00Z");
        role(action, &format!("ASIA{number}"), &expiry)
    })
    .await
}

fn with_role(sts: &StandIn) -> Environment {
    environment()
        .with("AWS_ENDPOINT_URL_STS", sts.url())
        .with("BEDROCK_ASSUME_ROLE_ARN", ROLE)
        .with("BEDROCK_ASSUME_ROLE_EXTERNAL_ID", "weekly benchmark/7")
        .with("BEDROCK_ASSUME_ROLE_SESSION_NAME", "weekly")
}

#[tokio::test]
async fn a_role_is_assumed_and_renewed_before_it_expires() {
    let (bedrock, sts) = (bedrock().await, sts().await);
    sts.allow(ID, SECRET, None);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let clock = Hand::at("2026-01-01T00:00:00Z");
    let upstream = on(&bedrock, with_role(&sts), clock.clone()).await;

    for _ in 0..3 {
        let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
        assert_eq!(status, 200, "{text}");
    }
    assert_eq!(sts.seen().len(), 1);
    let form = sts.last().form();
    assert_eq!(form["RoleArn"], ROLE);
    assert_eq!(form["ExternalId"], "weekly benchmark/7");
    assert_eq!(form["RoleSessionName"], "weekly");

    clock.forward(Duration::from_secs(59 * 60 + 30));
    bedrock.forbid("ASIA1");
    bedrock.allow("ASIA2", "secret-of-ASIA2", Some("token-of-ASIA2"));
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(sts.seen().len(), 2);
}

#[tokio::test]
async fn requests_at_one_time_share_one_renewal() {
    let (bedrock, sts) = (bedrock().await, sts().await);
    sts.allow(ID, SECRET, None);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let upstream = on(&bedrock, with_role(&sts), Hand::at("2026-01-01T00:00:00Z")).await;
    let calls = (0..16).map(|_| {
        let upstream = upstream.clone();
        tokio::spawn(async move { sent(&upstream, outgoing(CALL, "{}")).await.0 })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(sts.seen().len(), 1);
}

#[tokio::test]
async fn a_role_that_is_refused_says_why_and_shows_no_secret() {
    let bedrock = bedrock().await;
    let sts = StandIn::open(|_| forbidden_role()).await;
    let upstream = on(&bedrock, with_role(&sts), Hand::at("2026-01-01T00:00:00Z")).await;
    let error = refused(&upstream, outgoing(CALL, "{}")).await;
    insta::assert_snapshot!(error, @"the role `arn:aws:iam::123456789012:role/BedrockInvokeRole` of `BEDROCK_ASSUME_ROLE_ARN` could not be assumed: AccessDenied: User: arn:aws:iam::987654321098:user/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/BedrockInvokeRole (check the role's trust policy, `BEDROCK_ASSUME_ROLE_EXTERNAL_ID`, and that your own credentials may call `sts:AssumeRole`)");
    assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    assert_eq!(bedrock.seen().len(), 0);
}

#[tokio::test]
async fn a_profile_names_its_keys_its_region_and_its_role() {
    let (bedrock, sts) = (bedrock().await, sts().await);
    sts.allow("AKIDPROFILE", "profile-secret", None);
    bedrock.allow("AKIDPROFILE", "profile-secret", None);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let home = Home::new(
        "[profile weekly]\nregion = us-east-1\n\
         [profile other-account]\nregion = us-east-1\nsource_profile = weekly\n\
         role_arn = arn:aws:iam::123456789012:role/r\nexternal_id = 7\n",
    );
    home.write(
        ".aws/credentials",
        "[weekly]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = profile-secret\n",
    );
    for profile in ["weekly", "other-account"] {
        let environment = home
            .environment()
            .with("AWS_PROFILE", profile)
            .with("AWS_ENDPOINT_URL_STS", sts.url());
        let upstream = on(&bedrock, environment, Hand::at("2026-01-01T00:00:00Z")).await;
        let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
        assert_eq!(status, 200, "{profile}: {text}");
    }
    assert_eq!(sts.last().form()["ExternalId"], "7");
}

#[tokio::test]
async fn a_process_gives_credentials_and_is_asked_again_when_they_expire() {
    let bedrock = bedrock().await;
    let home = Home::new("");
    home.write(
        ".aws/config",
        &format!(
            "[default]\nregion = us-east-1\ncredential_process = cat {}\n",
            home.path("given.json")
        ),
    );
    home.write("given.json", &given("ASIA1", "2026-01-01T01:00:00Z"));
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let clock = Hand::at("2026-01-01T00:00:00Z");
    let upstream = on(&bedrock, home.environment(), clock.clone()).await;
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");

    home.write("given.json", &given("ASIA2", "2026-01-01T03:00:00Z"));
    bedrock.forbid("ASIA1");
    bedrock.allow("ASIA2", "secret-of-ASIA2", Some("token-of-ASIA2"));
    clock.forward(Duration::from_hours(2));
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
}

#[tokio::test]
async fn a_process_that_fails_is_told_without_its_arguments() {
    let bedrock = bedrock().await;
    let command = "sh -c 'echo your session is over >&2; exit 3' hunter2";
    let home = Home::new(&format!("[default]\ncredential_process = {command}\n"));
    let environment = home.environment().with("AWS_REGION", "us-east-1");
    let upstream = on(&bedrock, environment, Hand::at("2026-01-01T00:00:00Z")).await;
    let error = refused(&upstream, outgoing(CALL, "{}")).await.to_string();
    assert!(error.contains("your session is over"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_web_identity_becomes_a_role() {
    let (bedrock, sts) = (bedrock().await, unguarded_sts().await);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let home = Home::new("");
    home.write("token", "a.web.identity");
    let environment = home
        .environment()
        .with("AWS_REGION", "us-east-1")
        .with("AWS_ENDPOINT_URL_STS", sts.url())
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", home.path("token"))
        .with("AWS_ROLE_ARN", ROLE)
        .with("AWS_ROLE_SESSION_NAME", "ci");
    let upstream = on(&bedrock, environment, Hand::at("2026-01-01T00:00:00Z")).await;
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
    let form = sts.last().form();
    assert_eq!(form["WebIdentityToken"], "a.web.identity");
    assert_eq!(form["RoleArn"], ROLE);
    assert_eq!(form["RoleSessionName"], "ci");
}

#[tokio::test]
async fn a_container_gives_credentials() {
    let bedrock = bedrock().await;
    let container = StandIn::open(|seen| {
        assert_eq!(seen.header("authorization"), "container-token");
        Response::new(given_by_a_container().into())
    })
    .await;
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let environment = Home::new("")
        .environment()
        .with("AWS_REGION", "us-east-1")
        .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
    let upstream = on(&bedrock, environment, Hand::at("2026-01-01T00:00:00Z")).await;
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
}

#[tokio::test]
async fn credentials_that_are_over_before_their_time_are_asked_for_again() {
    let home = Home::new("[default]\nregion = us-east-1\n");
    let keys = |id: &str| {
        format!(
            "[default]\naws_access_key_id = {id}\naws_secret_access_key = s\naws_session_token = t\n"
        )
    };
    home.write(".aws/credentials", &keys("ASIAOLD"));
    let bedrock = StandIn::open(|seen| match seen.header("authorization") {
        signed if signed.contains("ASIAOLD") => refuse("ExpiredTokenException", "over"),
        _ => converse(),
    })
    .await;
    let upstream = on(
        &bedrock,
        home.environment(),
        Hand::at("2026-01-01T00:00:00Z"),
    )
    .await;
    // Nothing else is to be had: AWS's own answer goes to the caller.
    assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 403);
    assert_eq!(bedrock.seen().len(), 1);

    home.write(".aws/credentials", &keys("ASIANEW"));
    assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 200);
    assert_eq!(bedrock.seen().len(), 3);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_by_aws_own() {
    let bedrock = StandIn::open(|seen| {
        let on_time = seen.header("x-amz-date").starts_with("20260101T0030");
        let mut answer = if on_time {
            converse()
        } else {
            refuse("InvalidSignatureException", "Signature expired")
        };
        let date = "Thu, 01 Jan 2026 00:30:07 GMT";
        answer.headers_mut().insert("date", date.parse().unwrap());
        answer
    })
    .await;
    let upstream = on(&bedrock, environment(), Hand::at("2026-01-01T00:00:00Z")).await;
    for expected in [2, 3] {
        assert_eq!(sent(&upstream, outgoing(CALL, "{}")).await.0, 200);
        assert_eq!(bedrock.seen().len(), expected);
    }
}

#[tokio::test]
async fn a_server_error_of_sts_without_a_code_is_told_as_that_and_may_be_over_soon() {
    for (status, body, outlook) in [
        (503, "", Outlook::Passing),
        (
            500,
            "<ErrorResponse><Error/></ErrorResponse>",
            Outlook::Passing,
        ),
        (403, "<html>Sorry</html>", Outlook::Lasting),
    ] {
        let bedrock = bedrock().await;
        let sts = StandIn::open(move |_| {
            let body = Bytes::from_static(body.as_bytes());
            let answer = Response::builder().status(status);
            answer.body(body.into()).unwrap()
        })
        .await;
        let upstream = on(&bedrock, with_role(&sts), Hand::at("2026-01-01T00:00:00Z")).await;
        let error = upstream.send(outgoing(CALL, "{}")).await.unwrap_err();
        let found = UpstreamError::find(&error).unwrap();
        assert_eq!(found.outlook(), outlook, "{status} {error:?}");
        let told =
            format!("could not be assumed: STS answered with HTTP {status} and no error code");
        assert!(found.to_string().contains(&told), "{found}");
        assert_eq!(error.is_io(), outlook == Outlook::Passing);
    }
}

/// How STS says no.
fn forbidden_role() -> Response<Full<Bytes>> {
    let user = "arn:aws:iam::987654321098:user/me";
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>AccessDenied</Code><Message>User: {user} is not authorized to perform: \
         sts:AssumeRole on resource: {ROLE}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Response::builder().status(403).body(body.into()).unwrap()
}

/// A home folder with an AWS configuration.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write(".aws/config", config);
        home
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Nothing but this folder.
    pub fn environment(&self) -> Environment {
        Environment::default()
            .with("HOME", self.path(""))
            .with("AWS_EC2_METADATA_DISABLED", "true")
            .with("BEDROCK_REPLAY_SIGN", "always")
    }
}

/// What a credential process prints.
fn given(id: &str, expiry: &str) -> String {
    serde_json::json!({
        "Version": 1,
        "AccessKeyId": id,
        "SecretAccessKey": format!("secret-of-{id}"),
        "SessionToken": format!("token-of-{id}"),
        "Expiration": expiry,
    })
    .to_string()
}

fn given_by_a_container() -> String {
    serde_json::json!({
        "AccessKeyId": "ASIA1",
        "SecretAccessKey": "secret-of-ASIA1",
        "Token": "token-of-ASIA1",
        "Expiration": "2026-01-01T01:00:00Z",
    })
    .to_string()
}

/// An STS for calls that are signed by nobody: a web identity is its own proof.
async fn unguarded_sts() -> StandIn {
    StandIn::open(|seen| role(&seen.form()["Action"], "ASIA1", "2026-01-01T01:00:00Z")).await
}
