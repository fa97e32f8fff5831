//! A model id taken apart: `us.meta.llama3-1-70b-instruct-v1:0` is the model
//! `meta.llama3-1-70b-instruct-v1:0` by way of the inference profile `us`.

use std::fmt;

/// What the ids of system-defined inference profiles begin with.
const PROFILES: [&str; 8] = ["us", "eu", "apac", "au", "ca", "jp", "us-gov", "global"];

/// Regions by how their names begin, and the profiles that can be asked for there; the first
/// that fits holds. Canada has its own and takes part in that of the United States.
const PARTS: [(&str, &[&str]); 5] = [
    ("us-gov-", &["us-gov"]),
    ("us-", &["us"]),
    ("ca-", &["ca", "us"]),
    ("eu-", &["eu"]),
    ("ap-", &["apac", "au", "jp"]),
];

/// Those that can be asked for in a part of their part of the world only.
const OF_ONE_COUNTRY: [&str; 2] = ["au", "jp"];

/// An id as it is sent, and what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelId {
    written: String,
    base: String,
    profile: Option<&'static str>,
    region: Option<String>,
    account: Option<String>,
}

impl ModelId {
    /// Takes an id or an ARN apart. Whatever names no model by itself (an application profile,
    /// a custom or imported model, a prompt) is its own base.
    #[must_use]
    pub fn parse(written: &str) -> Self {
        let arn = Arn::parse(written);
        let name = match &arn {
            Some(arn) if arn.names_a_model() => arn.name,
            _ => written,
        };
        let profile = PROFILES.into_iter().find(|prefix| {
            let rest = name.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.starts_with('.') && rest[1..].contains('.'))
        });
        let base = profile.map_or(name, |prefix| &name[prefix.len() + 1..]);
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            written: written.to_owned(),
            base: base.to_owned(),
            profile,
            region: arn.as_ref().and_then(|arn| filled(arn.region)),
            account: arn.as_ref().and_then(|arn| filled(arn.account)),
        }
    }

    /// The id as written: what is sent.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The model's own id, without ARN and profile.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The inference profile's prefix, such as `us`.
    #[must_use]
    pub const fn profile(&self) -> Option<&'static str> {
        self.profile
    }

    /// Whether the ids of some inference profiles begin with this prefix.
    #[must_use]
    pub(super) fn is_prefix(prefix: &str) -> bool {
        PROFILES.contains(&prefix)
    }

    /// The profiles that can be asked for in every region of a region's part of the world; none
    /// of a region that is on no list.
    pub(super) fn profiles_around(region: &str) -> impl Iterator<Item = &'static str> {
        let part = PARTS
            .iter()
            .find(|(beginning, _)| region.starts_with(beginning));
        let all = part.map_or(&[][..], |(_, profiles)| profiles);
        all.iter()
            .copied()
            .filter(|profile| !OF_ONE_COUNTRY.contains(profile))
    }

    /// The region of an ARN.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The account of an ARN.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether a region may have this id. An ARN belongs to its own region, and an inference
    /// profile to the regions of its part of the world; `global` belongs to all of them. Of a
    /// region that is on no list nothing is assumed.
    #[must_use]
    pub fn may_be_had_in(&self, region: &str) -> bool {
        if let Some(own) = &self.region {
            return own == region;
        }
        let Some(profile) = self.profile.filter(|profile| *profile != "global") else {
            return true;
        };
        let of_its_part = PARTS
            .iter()
            .find(|(beginning, _)| region.starts_with(beginning));
        of_its_part.is_none_or(|(_, profiles)| profiles.contains(&profile))
    }

    /// Whether it names a provider, as the id of every model does, or is an ARN. Bedrock also
    /// takes names that do neither: of bought throughput, of an application's profile.
    #[must_use]
    pub fn names_a_provider(&self) -> bool {
        let mut parts = self.base.split('.');
        let is_dotted = self.base.contains('.') && parts.all(|part| !part.is_empty());
        self.is_arn() || (is_dotted && !self.base.contains(char::is_whitespace))
    }

    /// Whether it is an ARN that stands for no model by itself: of an application's profile, of
    /// bought throughput, of a custom or imported model.
    #[must_use]
    pub fn names_no_model(&self) -> bool {
        self.is_arn() && self.base == self.written
    }

    /// Whether this is an ARN.
    #[must_use]
    pub fn is_arn(&self) -> bool {
        self.written.starts_with("arn:")
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

/// `arn:aws:bedrock:REGION:ACCOUNT:KIND/NAME`
struct Arn<'a> {
    region: &'a str,
    account: &'a str,
    kind: &'a str,
    name: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let is_bedrock = parts.next()? == "arn"
            && parts.next()?.starts_with("aws")
            && parts.next()? == "bedrock";
        let (region, account) = (parts.next()?, parts.next()?);
        let (kind, name) = parts.next()?.split_once('/')?;
        is_bedrock.then_some(Self {
            region,
            account,
            kind,
            name,
        })
    }

    fn names_a_model(&self) -> bool {
        matches!(self.kind, "foundation-model" | "inference-profile")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(id: &str) -> (String, Option<&'static str>, Option<String>) {
        let id = ModelId::parse(id);
        (id.base.clone(), id.profile, id.region)
    }

    #[test]
    fn profiles_and_arns_lead_to_the_model() {
        let haiku = "anthropic.claude-3-5-haiku-20241022-v1:0";
        let region = Some("us-east-1".to_owned());
        for (written, profile, region) in [
            (haiku.to_owned(), None, None),
            (format!("us.{haiku}"), Some("us"), None),
            (format!("us-gov.{haiku}"), Some("us-gov"), None),
            (format!("global.{haiku}"), Some("global"), None),
            (
                format!("arn:aws:bedrock:us-east-1::foundation-model/{haiku}"),
                None,
                region.clone(),
            ),
            (
                format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{haiku}"),
                Some("us"),
                region,
            ),
        ] {
            assert_eq!(
                parts(&written),
                (haiku.to_owned(), profile, region),
                "{written}"
            );
        }
    }

    #[test]
    fn a_profile_is_had_in_its_own_part_of_the_world() {
        for (id, region, expected) in [
            ("meta.x-v1:0", "eu-west-1", true),
            ("us.meta.x-v1:0", "us-west-2", true),
            ("us.meta.x-v1:0", "ca-central-1", true),
            ("us.meta.x-v1:0", "eu-west-1", false),
            ("us.meta.x-v1:0", "us-gov-west-1", false),
            ("eu.meta.x-v1:0", "eu-north-1", true),
            ("jp.meta.x-v1:0", "ap-northeast-1", true),
            ("global.meta.x-v1:0", "sa-east-1", true),
            // On no list: whoever is asked will say.
            ("us.meta.x-v1:0", "mx-central-1", true),
            (
                "arn:aws:bedrock:us-east-1::foundation-model/meta.x-v1:0",
                "us-west-2",
                false,
            ),
        ] {
            let found = ModelId::parse(id).may_be_had_in(region);
            assert_eq!(found, expected, "{id} in {region}");
        }
    }

    #[test]
    fn an_id_names_its_provider() {
        for (id, expected) in [
            ("meta.x-v1:0", true),
            ("us.meta.x-v1:0", true),
            (
                "arn:aws:bedrock:us-east-1:111122223333:imported-model/abc123",
                true,
            ),
            ("foo", false),
            ("claude-3-5-haiku", false),
            ("meta.", false),
            (".x", false),
            ("meta. x", false),
        ] {
            assert_eq!(ModelId::parse(id).names_a_provider(), expected, "{id}");
        }
    }

    #[test]
    fn what_names_no_model_stays_whole() {
        for written in [
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123",
            "arn:aws:s3:::bucket/us.a.b",
            "us.gpt",
            "eu",
            "",
            "ü.x.y",
        ] {
            let id = ModelId::parse(written);
            assert_eq!(id.base(), written);
            assert_eq!(id.names_no_model(), written.starts_with("arn:"));
        }
    }
}
