//! What a command is told by its environment, so that its AWS SDK calls an endpoint on this
//! machine and nothing else.

use bedrock_replay::environment::{Environment, REGION_VARIABLES};

/// Where no region is set; a replay asks for none.
const ANY_REGION: &str = "us-east-1";
/// What AWS itself gives as an example: no account has it.
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "replayed-calls-need-no-secret";

/// A Bedrock API key. Some SDKs send one over TLS alone and refuse to call this machine with it:
/// where it is to be shown, this program shows it upstream.
const API_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// Variables that say who calls, to an endpoint without TLS too.
const IDENTITIES: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// Settings of a profile that do.
const IDENTITY_SETTINGS: [&str; 8] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
];

/// In what the environment of a command differs from that of this process.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Variables {
    pub set: Vec<(&'static str, String)>,
    pub removed: Vec<&'static str>,
}

impl Variables {
    /// Leads every SDK to an endpoint of this machine: past proxies, and past settings that
    /// would have it look elsewhere.
    pub fn for_endpoint(environment: &Environment, url: &str) -> Self {
        let mut variables = Self::default();
        variables.set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url);
        for name in [
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_USE_DUALSTACK_ENDPOINT",
            "AWS_USE_FIPS_ENDPOINT",
        ] {
            variables.set(name, "false");
        }
        for name in ["NO_PROXY", "no_proxy"] {
            let others = environment.get("NO_PROXY").or(environment.get("no_proxy"));
            let own = environment.get(name).or(others);
            let all = own.map_or_else(String::new, |own| format!("{own},"));
            variables.set(name, format!("{all}127.0.0.1,localhost"));
        }
        if environment.get(API_KEY).is_some() {
            variables.removed.push(API_KEY);
            variables.sign_as_anybody(environment);
        }
        variables
    }

    /// What a replay needs on a machine without AWS.
    pub fn for_replay(mut self, environment: &Environment, region: Option<String>) -> Self {
        let region = region.unwrap_or_else(|| ANY_REGION.to_owned());
        for name in REGION_VARIABLES {
            if environment.get(name).is_none() {
                self.set(name, region.clone());
            }
        }
        self.sign_as_anybody(environment);
        self
    }

    /// Keys of nobody, where nothing else says who calls.
    fn sign_as_anybody(&mut self, environment: &Environment) {
        if !has_identity(environment) {
            self.set("AWS_ACCESS_KEY_ID", ACCESS_KEY);
            self.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        }
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.set.retain(|(set, _)| *set != name);
        self.set.push((name, value.into()));
    }
}

fn has_identity(environment: &Environment) -> bool {
    let is_set = |name: &&str| environment.get(name).is_some();
    if IDENTITIES.iter().any(is_set) {
        return true;
    }
    let files = [
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ("AWS_CONFIG_FILE", ".aws/config"),
    ];
    files.into_iter().any(|(variable, at_home)| {
        let named = environment.get(variable).map(str::to_owned);
        let home = environment.get("HOME").or(environment.get("USERPROFILE"));
        let path = named.or_else(|| home.map(|home| format!("{home}/{at_home}")));
        let text = path.and_then(|path| std::fs::read_to_string(path).ok());
        text.is_some_and(|text| default_profile_has_identity(&text))
    })
}

/// Whether the profile that holds where none is named says who calls.
fn default_profile_has_identity(file: &str) -> bool {
    let mut is_default = false;
    for line in file.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let name = section.trim_end_matches(']').trim();
            is_default = matches!(name, "default" | "profile default");
        } else if let (true, Some((name, _))) = (is_default, line.split_once('=')) {
            let name = name.trim().to_ascii_lowercase();
            if IDENTITY_SETTINGS.contains(&name.as_str()) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(variables: &'a Variables, name: &str) -> Option<&'a str> {
        let found = variables.set.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| value.as_str())
    }

    fn replay(lines: &[(&str, &str)], region: Option<&str>) -> Variables {
        let environment = lines.iter().copied().collect();
        Variables::default().for_replay(&environment, region.map(str::to_owned))
    }

    #[test]
    fn a_machine_without_aws_gets_a_region_and_credentials() {
        let variables = replay(&[], None);
        assert_eq!(value(&variables, "AWS_DEFAULT_REGION"), Some(ANY_REGION));
        assert_eq!(value(&variables, "AWS_ACCESS_KEY_ID"), Some(ACCESS_KEY));
    }

    #[test]
    fn what_is_set_stays() {
        let lines = [("AWS_REGION", "eu-west-1"), ("AWS_PROFILE", "work")];
        let variables = replay(&lines, Some("eu-west-1"));
        assert_eq!(value(&variables, "AWS_REGION"), None);
        assert_eq!(value(&variables, "AWS_DEFAULT_REGION"), Some("eu-west-1"));
        assert_eq!(value(&variables, "AWS_ACCESS_KEY_ID"), None);
    }

    #[test]
    fn a_profile_that_says_who_calls_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let has = |text: &str| {
            std::fs::write(&path, text).unwrap();
            replay(&[("AWS_CONFIG_FILE", path.to_str().unwrap())], None)
                .set
                .len()
                == 2
        };
        assert!(has("[default]\nsso_session = work\n"));
        assert!(has("[ profile default ]\nAws_Access_Key_Id=AKIA\n"));
        assert!(!has(
            "[default]\nregion = eu-west-1\n[profile x]\naws_access_key_id = A\n"
        ));
    }

    #[test]
    fn an_api_key_is_not_shown_to_an_endpoint_without_tls() {
        let key = ("AWS_BEARER_TOKEN_BEDROCK", "a-key");
        let environment = [key].into_iter().collect();
        let variables = Variables::for_endpoint(&environment, "http://127.0.0.1:1");
        assert_eq!(variables.removed, ["AWS_BEARER_TOKEN_BEDROCK"]);
        assert_eq!(value(&variables, "AWS_ACCESS_KEY_ID"), Some(ACCESS_KEY));

        let environment = [key, ("AWS_PROFILE", "work")].into_iter().collect();
        let variables = Variables::for_endpoint(&environment, "http://127.0.0.1:1");
        assert_eq!(value(&variables, "AWS_ACCESS_KEY_ID"), None);
    }

    #[test]
    fn no_proxy_stands_between_a_program_and_its_endpoint() {
        let environment = [("no_proxy", "corp.example")].into_iter().collect();
        let variables = Variables::for_endpoint(&environment, "http://127.0.0.1:1");
        for name in ["NO_PROXY", "no_proxy"] {
            assert_eq!(
                value(&variables, name),
                Some("corp.example,127.0.0.1,localhost")
            );
        }
    }
}
