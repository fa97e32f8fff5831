//! What a value must be, wherever it is written: on the command line, in a variable, in the file.

use std::fmt::Display;
use std::str::FromStr;

use bedrock_replay::bench::check_model_ids;

use jiff::civil::Date;

use super::regions::parse as region;

/// A count of something that cannot be none.
pub fn at_least_one<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("expected a whole number from 1, found `{text}`"))
}

/// A day.
pub fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("expected a date as YYYY-MM-DD, such as 2025-11-01, found `{text}`"))
}

/// Told before a run, rather than by every call of it. It is not repeated: it may hold a password.
pub fn endpoint(text: &str) -> Result<String, String> {
    let uri = text.parse::<http::Uri>().ok();
    let scheme = uri.as_ref().and_then(http::Uri::scheme_str);
    match scheme {
        Some("http" | "https") => Ok(text.to_owned()),
        _ => Err("expected a URL such as `http://127.0.0.1:8080`".to_owned()),
    }
}

/// A URL as it may be printed: `http://***@host` where it holds a user name or a password.
pub fn veiled(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = url.split_at(start);
    // Of what is no URL, such as a password with a slash, it is not known where the host ends.
    let end = match rest.find(['/', '?', '#']) {
        Some(end) if is_authority(&rest[..end]) => end,
        _ => rest.len(),
    };
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}***{}", &rest[at..]),
        None => url.to_owned(),
    }
}

fn is_authority(text: &str) -> bool {
    text.parse::<http::uri::Authority>()
        .is_ok_and(|own| text.contains('@') || own.port_u16().is_some() || own.host() == text)
}

/// Whether a text can be a setting's value; the error says what was expected.
pub type Check = fn(&str) -> Result<(), String>;

/// The ARN of a role.
pub fn role(text: &str) -> Result<(), String> {
    if is_role(text) {
        return Ok(());
    }
    Err("expected one such as `arn:aws:iam::123456789012:role/BedrockInvokeRole`".to_owned())
}

/// `arn:PARTITION:iam::ACCOUNT:role/NAME`
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = resource.strip_prefix("role/").unwrap_or_default();
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    partition.starts_with("aws") && is_account && is_name
}

/// The path of a file, which may not be there yet.
pub fn file(text: &str) -> Result<(), String> {
    if text.is_empty() || text.ends_with('/') {
        return Err(format!("expected the path of a file, found `{text}`"));
    }
    Ok(())
}

/// What its type reads.
pub fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>()
        .map(drop)
        .map_err(|error| error.to_string())
}

/// A whole number from 1.
pub fn counted<T: FromStr>(text: &str) -> Result<(), String> {
    at_least_one::<T>(text).map(drop)
}

/// One region, or several with commas.
pub fn regions(text: &str) -> Result<(), String> {
    text.split(',').try_for_each(|one| region(one).map(drop))
}

/// The URL of an endpoint.
pub fn url(text: &str) -> Result<(), String> {
    endpoint(text).map(drop)
}

/// Whether quotas are waited for.
pub fn quotas(text: &str) -> Result<(), String> {
    match text {
        "auto" | "on" | "off" => Ok(()),
        _ => Err(format!("expected `auto`, `on` or `off`, found `{text}`")),
    }
}

/// A JSON list of model ids.
pub fn model_ids(text: &str) -> Result<(), String> {
    check_model_ids(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_arn_is_told_from_what_is_none() {
        for arn in [
            "arn:aws:iam::123456789012:role/BedrockInvokeRole",
            "arn:aws-cn:iam::123456789012:role/team/Bedrock",
        ] {
            assert!(role(arn).is_ok(), "{arn}");
        }
        for text in [
            "BedrockInvokeRole",
            "arn:aws:iam::1234:role/BedrockInvokeRole",
            "arn:aws:iam::123456789012:user/me",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:sts::123456789012:role/x",
        ] {
            assert!(role(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_is_printed_without_user_and_password() {
        for (url, shown) in [
            ("http://me:secret@host:8080/a", "http://***@host:8080/a"),
            ("https://token@host", "https://***@host"),
            ("http://me:sec/ret@host", "http://***@host"),
            ("me:secret@host", "***@host"),
            ("http://me:s@cret@host", "http://***@host"),
            ("http://host:8080/a@b", "http://host:8080/a@b"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(veiled(url), shown);
        }
    }

    #[test]
    fn a_region_is_told_from_what_is_none() {
        for text in ["us-east-1", "us-gov-west-1", "ap-southeast-2"] {
            assert_eq!(regions(text), Ok(()), "{text}");
        }
        assert_eq!(regions("us-east-1,eu-west-1"), Ok(()));
        for text in ["", "nonsense", "us-east-1,", "us east 1", "us-east-1/"] {
            let error = regions(text).unwrap_err();
            assert!(error.contains("such as `us-east-1`, found `"), "{error}");
        }
    }
}
