//! What happened, why, and what to do next.

use std::fmt;

use super::cause::{Cause, ServiceError};
use super::words::WORDS;

/// What is said of a profile that is not known.
const ANY_PROFILE: &str = "write an inference profile of it";
/// Named where the call's own region is not known.
const ANY_REGION: &str = "us-east-1";

/// An error in three answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What is recognised.
    pub cause: Cause,
    /// What happened.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// What to do next.
    pub next: String,
    /// The model that was asked, where it is known.
    pub model: Option<String>,
}

impl Explanation {
    /// Explains an error; `model` and `region` are those of the call, where they are known.
    #[must_use]
    pub fn of(error: ServiceError<'_>, model: Option<&str>, region: Option<&str>) -> Option<Self> {
        let call = Call {
            model: model.or_else(|| named_model(error.message)),
            region,
        };
        Self::of_cause(Cause::of(error)?, call)
    }

    /// Explains why no answer came at all, by the words of whoever sent the request.
    #[must_use]
    pub fn of_silence(words: &str, region: Option<&str>) -> Option<Self> {
        let call = Call {
            model: None,
            region,
        };
        Self::of_cause(Cause::of_silence(words)?, call)
    }

    fn of_cause(cause: Cause, call: Call<'_>) -> Option<Self> {
        let words = WORDS.iter().find(|words| words.cause == cause)?;
        Some(Self {
            cause,
            what: words.what,
            why: words.why,
            next: call.fill(words.next),
            model: call.model.map(str::to_owned),
        })
    }

    /// Names the inference profile by which the model can be asked, where that is what helps;
    /// `profile` gives the profile of a model, where it is known.
    #[must_use]
    pub fn naming_profile(mut self, profile: impl FnOnce(&str) -> Option<String>) -> Self {
        if self.cause != Cause::OnDemand {
            return self;
        }
        if let Some(id) = self.model.as_deref().and_then(profile) {
            let named = format!("write its inference profile, `{id}`,");
            self.next = self.next.replace(ANY_PROFILE, &named);
        }
        self
    }
}

/// Three lines, their words in one column.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "what      {}", self.what)?;
        writeln!(f, "why       {}", self.why)?;
        write!(f, "next      {}", self.next)
    }
}

/// `… of model ID X with …`
fn named_model(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("model ID ")?;
    rest.split_whitespace()
        .next()
        .filter(|id| id.contains('.') && !id.ends_with('.'))
}

/// What is known of a call.
#[derive(Debug, Clone, Copy)]
struct Call<'a> {
    model: Option<&'a str>,
    region: Option<&'a str>,
}

impl Call<'_> {
    fn fill(self, next: &str) -> String {
        next.replace("{region}", self.region.unwrap_or(ANY_REGION))
            .replace("{argument}", &self.argument())
    }

    fn argument(self) -> String {
        self.model.map_or_else(String::new, |id| format!(" {id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(kind: &str, status: u16, message: &str, region: &str) -> String {
        let error = ServiceError {
            kind,
            status,
            message,
        };
        Explanation::of(error, None, Some(region))
            .unwrap()
            .to_string()
    }

    #[test]
    fn no_cause_goes_without_words() {
        for (index, words) in WORDS.iter().enumerate() {
            let call = Call {
                model: Some("m"),
                region: None,
            };
            let next = call.fill(words.next);
            assert!(!next.contains('{'), "{words:?}");
            let commands = [
                "`bedrock-replay ",
                "`aws ",
                "`timedatectl ",
                "mode `record-missing`",
            ];
            let names_one = commands.iter().any(|command| next.contains(command));
            assert!(names_one, "no command to type next: {words:?}");
            let again = WORDS[..index]
                .iter()
                .any(|other| other.cause == words.cause);
            assert!(!again, "{words:?}");
        }
        assert_eq!(WORDS.len(), Cause::TimedOut as usize + 1);
    }

    #[test]
    fn the_profile_is_named_where_it_is_known_and_not_guessed() {
        let error = ServiceError {
            kind: "ValidationException",
            status: 400,
            message: "Invocation of model ID acme.big-v1:0 with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
        };
        let known = Explanation::of(error, None, Some("us-gov-west-1")).unwrap();
        let listed =
            "in place of its id: `aws bedrock list-inference-profiles --region us-gov-west-1`";
        assert!(known.next.contains(listed), "{known}");
        assert!(!known.next.contains(".acme."), "{known}");
        let named = known
            .clone()
            .naming_profile(|model| Some(format!("us-gov.{model}")));
        let profile = "write its inference profile, `us-gov.acme.big-v1:0`, in place of its id: ";
        assert!(named.next.starts_with(profile), "{named}");
        assert_eq!(known.clone().naming_profile(|_| None), known);
    }

    #[test]
    fn each_says_what_why_and_what_next() {
        let on_demand = "Invocation of model ID deepseek.r1-v1:0 with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
        insta::assert_snapshot!(
            [
                explained("ValidationException", 400, on_demand, "eu-west-1"),
                explained(
                    "AccessDeniedException",
                    403,
                    "You don't have access to the model with the specified model ID.",
                    "us-west-2"
                ),
                explained(
                    "ExpiredTokenException",
                    403,
                    "The security token included in the request is expired",
                    "us-east-1"
                ),
                explained("ThrottlingException", 429, "Rate exceeded", "us-east-1"),
            ]
            .join("\n\n")
        );
    }
}
