//! Where a request goes.

use std::net::IpAddr;

use aws_sdk_bedrockruntime::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use http::Uri;

use super::UpstreamError;
use super::named::Named;

/// Where a request goes, and for which region it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL, without a slash at its end.
    pub(super) url: String,
    /// Host, and the port where it is not the scheme's own.
    pub(super) authority: String,
    /// The region that the signature names.
    pub(super) region: String,
}

/// Whether the SDK's addresses for FIPS or for both IP versions are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variant {
    pub fips: bool,
    pub dual_stack: bool,
}

impl Endpoint {
    /// The region's own endpoint.
    pub(super) async fn of_region(region: &str, variant: Variant) -> Result<Self, UpstreamError> {
        let none = |reason: String| UpstreamError::NoEndpoint {
            region: region.to_owned(),
            reason,
        };
        let params = Params::builder()
            .region(region)
            .use_fips(variant.fips)
            .use_dual_stack(variant.dual_stack)
            .build()
            .map_err(|error| none(error.to_string()))?;
        let found = DefaultResolver::new().resolve_endpoint(&params).await;
        let found = found.map_err(|error| none(error.to_string()))?;
        Self::at(found.url(), region).map_err(|reason| none(reason.to_owned()))
    }

    /// An endpoint that the user names.
    pub(super) fn configured(named: &Named, region: &str) -> Result<Self, UpstreamError> {
        Self::at(&named.url, region).map_err(|reason| UpstreamError::BadEndpoint {
            by: named.by,
            reason: reason.to_owned(),
        })
    }

    fn at(url: &str, region: &str) -> Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "it is no URL")?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("its scheme is neither `http` nor `https`");
        }
        let authority = uri.authority().ok_or("it has no host")?;
        if authority.as_str().contains('@') {
            return Err("it holds a user name or a password");
        }
        if uri.query().is_some() {
            return Err("it has a query");
        }
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            authority: authority.as_str().to_owned(),
            region: region.to_owned(),
        })
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host, and the port where one is named.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The region that the signature names.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.url.parse().is_ok_and(|uri| is_loopback(&uri))
    }

    /// Whether everybody on the way can read what is sent.
    pub(super) fn is_in_the_clear(&self) -> bool {
        !self.url.starts_with("https:") && !self.is_loopback()
    }
}

/// Whether a URL stays on this machine.
pub fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::NamedBy;

    fn chosen(url: &str) -> Named {
        Named {
            url: url.to_owned(),
            by: NamedBy::Choice,
        }
    }

    async fn url(region: &str, variant: Variant) -> String {
        Endpoint::of_region(region, variant).await.unwrap().url
    }

    #[tokio::test]
    async fn each_partition_has_its_own_suffix() {
        let plain = Variant::default();
        for (region, expected) in [
            (
                "us-east-1",
                "https://bedrock-runtime.us-east-1.amazonaws.com",
            ),
            (
                "eu-west-1",
                "https://bedrock-runtime.eu-west-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
            ),
            (
                "us-gov-west-1",
                "https://bedrock-runtime.us-gov-west-1.amazonaws.com",
            ),
        ] {
            assert_eq!(url(region, plain).await, expected);
        }
    }

    #[tokio::test]
    async fn fips_and_dual_stack_have_addresses_of_their_own() {
        let fips = Variant {
            fips: true,
            dual_stack: false,
        };
        let dual = Variant {
            fips: false,
            dual_stack: true,
        };
        assert_eq!(
            url("us-east-1", fips).await,
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com"
        );
        assert_eq!(
            url("us-east-1", dual).await,
            "https://bedrock-runtime.us-east-1.api.aws"
        );
    }

    #[tokio::test]
    async fn a_regions_name_cannot_lead_to_another_host() {
        for region in [
            "evil.example/",
            "a@evil.example",
            "us east 1",
            "",
            "x#",
            "evil.example?",
        ] {
            let found = Endpoint::of_region(region, Variant::default()).await;
            assert!(found.is_err(), "{region}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for url in [
            "127.0.0.1",
            "ftp://host",
            "https://me:hunter2@host",
            "https://",
            "http://h/?t=hunter2",
        ] {
            let error = Endpoint::configured(&chosen(url), "us-east-1")
                .unwrap_err()
                .to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        for (url, expected) in [
            ("http://127.0.0.1:8181", true),
            ("http://[::1]:1", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.1.evil.example", false),
            ("http://10.0.0.1", false),
        ] {
            let endpoint = Endpoint::configured(&chosen(url), "us-east-1").unwrap();
            assert_eq!(endpoint.is_loopback(), expected, "{url}");
            assert_eq!(endpoint.is_in_the_clear(), !expected, "{url}");
        }
    }
}
