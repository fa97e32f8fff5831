//! Secrets, each with the place where it is planted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Where a secret is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A header of the request, under this name.
    RequestHeader(&'static str),
    /// A member of the request's query.
    Query(&'static str),
    /// Before the host: `user:password@`.
    User,
    /// In the SDK's own credentials, with which it signs.
    Credentials,
    /// A header of the response.
    ResponseHeader(&'static str),
    /// In the model's ARN; a rule removes it.
    Label,
    /// In the body of the request; a rule removes it.
    RequestBody,
    /// In what the model says; a rule removes it.
    ResponseBody,
    /// In the text of a connector's error.
    ErrorText,
}

pub struct Planted {
    pub place: Place,
    /// What must not be found.
    pub secret: &'static str,
    /// What stands there, the secret in it.
    pub text: &'static str,
}

pub const fn planted(place: Place, secret: &'static str, text: &'static str) -> Planted {
    Planted {
        place,
        secret,
        text,
    }
}

/// Secrets of letters and digits, so that no encoding of text disguises one.
pub const PLANTED: &[Planted] = &[
    planted(Place::Credentials, "AKIAQ7ZK3M5WX2RTB8HD", ""),
    planted(
        Place::Credentials,
        "hJ7kLm2nPq9rStUvWx4yZ1aB3cD5eF6gH8iJ0kLm",
        "",
    ),
    planted(
        Place::Credentials,
        "FwoGZXIvYXdzEBYaDKz8mQ2vN5tR7yU9iO1pA3s",
        "",
    ),
    planted(
        Place::RequestHeader("authorization"),
        "ABSKQmVkcm9ja0FQSUtleTdYOW1RMnZO",
        "Bearer ABSKQmVkcm9ja0FQSUtleTdYOW1RMnZO",
    ),
    planted(
        Place::RequestHeader("authorization"),
        "dXNlcjpwYXNzd29yZDEyMzQ1Njc4",
        "Basic dXNlcjpwYXNzd29yZDEyMzQ1Njc4",
    ),
    planted(
        Place::RequestHeader("x-amz-security-token"),
        "IQoJb3JpZ2luX2VjEJr5tY7uI9oP1aS3",
        "IQoJb3JpZ2luX2VjEJr5tY7uI9oP1aS3",
    ),
    planted(
        Place::RequestHeader("x-amz-bedrock-session-token"),
        "sessQ1wE3rT5yU7iO9pA2sD4",
        "sessQ1wE3rT5yU7iO9pA2sD4",
    ),
    planted(
        Place::RequestHeader("cookie"),
        "cookieZx8Cv6Bn4Mm2Lk0",
        "sid=cookieZx8Cv6Bn4Mm2Lk0; theme=dark",
    ),
    planted(
        Place::RequestHeader("proxy-authorization"),
        "cHJveHk6c2VjcmV0OTg3NjU0",
        "Basic cHJveHk6c2VjcmV0OTg3NjU0",
    ),
    planted(
        Place::RequestHeader("x-api-key"),
        "skantapi03Rf5Tg6Yh7Uj8Ik9",
        "skantapi03Rf5Tg6Yh7Uj8Ik9",
    ),
    planted(
        Place::RequestHeader("api-key"),
        "azureKey1Qa2Ws3Ed4Rf5Tg6",
        "azureKey1Qa2Ws3Ed4Rf5Tg6",
    ),
    planted(
        Place::RequestHeader("anthropic-api-key"),
        "anthropicKey7Hy8Ju9Ki0Lo",
        "anthropicKey7Hy8Ju9Ki0Lo",
    ),
    planted(
        Place::RequestHeader("user-agent"),
        "account492817365018",
        "app/1.0 (account492817365018)",
    ),
    planted(
        Place::RequestHeader("x-forwarded-for"),
        "clientaddress10x20x30x40",
        "clientaddress10x20x30x40",
    ),
    planted(
        Place::RequestHeader("x-forwarded-client-cert"),
        "certHash3Er5Ty7Ui9Op",
        "Hash=certHash3Er5Ty7Ui9Op",
    ),
    planted(
        Place::RequestHeader("x-amzn-trace-id"),
        "trace67891233abcdef012345678",
        "Root=1-trace67891233abcdef012345678",
    ),
    planted(
        Place::RequestHeader("traceparent"),
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    planted(
        Place::RequestHeader("x-tenant-token"),
        "tenantTokenWs4Ed5Rf6Tg7",
        "tenantTokenWs4Ed5Rf6Tg7",
    ),
    planted(
        Place::RequestHeader("x-amz-sso_bearer_token"),
        "ssoBearerQz1Wx2Ec3Rv4",
        "ssoBearerQz1Wx2Ec3Rv4",
    ),
    planted(
        Place::RequestHeader("x-aws-ec2-metadata-token"),
        "imdsTokenAQAEAL5tG6yH7u",
        "imdsTokenAQAEAL5tG6yH7u",
    ),
    planted(
        Place::RequestHeader("x-csrf-token"),
        "csrfTokenPl0Ok9Ij8Uh7",
        "csrfTokenPl0Ok9Ij8Uh7",
    ),
    planted(
        Place::RequestHeader("referer"),
        "refererTokenMn1Bv2Cx3",
        "https://example.com/?token=refererTokenMn1Bv2Cx3",
    ),
    planted(
        Place::Query("X-Amz-Signature"),
        "5d672d79c15b13162d9279b0855cfba6",
        "5d672d79c15b13162d9279b0855cfba6",
    ),
    planted(
        Place::Query("X-Amz-Security-Token"),
        "presignedTokenYt6Re5Wq4",
        "presignedTokenYt6Re5Wq4",
    ),
    planted(
        Place::Query("X-Amz-Credential"),
        "ASIAPRESIGNED7X9MQ2V",
        "ASIAPRESIGNED7X9MQ2V%2F20260101%2Fus-east-1",
    ),
    planted(
        Place::Query("access_token"),
        "oauthAccessTokenVb3Nm4",
        "oauthAccessTokenVb3Nm4",
    ),
    planted(
        Place::User,
        "endpointPasswordHg5Fd6",
        "proxyuser:endpointPasswordHg5Fd6",
    ),
    planted(
        Place::ResponseHeader("set-cookie"),
        "setCookieTokenXs2Zq3",
        "AWSALB=setCookieTokenXs2Zq3; Path=/",
    ),
    planted(
        Place::ResponseHeader("www-authenticate"),
        "challengeNonceDf6Gh7Jk8",
        "Bearer nonce=challengeNonceDf6Gh7Jk8",
    ),
    planted(
        Place::ResponseHeader("x-amz-cf-id"),
        "cloudfrontIdQw2Er3Ty4Ui5",
        "cloudfrontIdQw2Er3Ty4Ui5==",
    ),
    planted(
        Place::ResponseHeader("x-amz-id-2"),
        "extendedIdAs3Df4Gh5Jk6",
        "extendedIdAs3Df4Gh5Jk6",
    ),
    planted(
        Place::ResponseHeader("x-refresh-token"),
        "refreshTokenZx4Cv5Bn6",
        "refreshTokenZx4Cv5Bn6",
    ),
    planted(
        Place::ResponseHeader("location"),
        "redirectTokenPo9Iu8Yt7",
        "https://example.com/?t=redirectTokenPo9Iu8Yt7",
    ),
    planted(Place::Label, "739184620571", ""),
    planted(Place::RequestBody, "skliveRequest8Uj7Yh6Tg5", ""),
    planted(Place::ResponseBody, "skliveResponse4Rf3Ed2Ws1", ""),
    planted(Place::ErrorText, "errorTextTokenKj8Hg7Fd6", ""),
];

pub fn texts(place: Place) -> impl Iterator<Item = &'static str> {
    let found = PLANTED.iter().filter(move |planted| planted.place == place);
    found.map(|planted| planted.text)
}

pub fn secret(place: Place) -> &'static str {
    let mut found = PLANTED.iter().filter(|planted| planted.place == place);
    found.next().unwrap().secret
}
