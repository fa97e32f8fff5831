//! Why calls have no answer and what comes next, in the lines of an error.

use bedrock_replay::bench::CallFailure;
use bedrock_replay::registry::Registry;

use super::failure::Failure;

/// Of a cassette that cannot be used.
const UNKEPT: &str = "  why       no answer can be kept or found in this cassette: nothing more is asked, so that nothing is paid for in vain
  next      see to the disk's space, to who may write the file and its folder, and to other programs that use it; what was recorded before is safe";

/// What is known of calls that failed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whereabouts<'a> {
    /// The region of calls that name none.
    pub region: Option<&'a str>,
    /// What is known of the models.
    pub registry: Option<&'a Registry>,
}

impl Whereabouts<'_> {
    fn profile(self, model: &str) -> Option<String> {
        self.registry?.profile_for(model, self.region?)
    }
}

/// Why a call has no answer, and what to do, where it is known: two lines or none.
pub fn explained(failure: &CallFailure, asked: Whereabouts<'_>) -> String {
    if matches!(failure, CallFailure::Cassette { .. }) && failure.is_of_every_call() {
        return format!("{UNKEPT}\n");
    }
    let known = failure.explanation(asked.region);
    let known = known.map(|known| known.naming_profile(|model| asked.profile(model)));
    known.map_or_else(String::new, |known| {
        format!(
            "  why       {}: {}\n  next      {}\n",
            known.what, known.why, known.next
        )
    })
}

/// What was asked stopped by itself at a place, before every call in turn said the same.
pub fn gave_up(place: &str, failure: &CallFailure, asked: Whereabouts<'_>, help: &str) -> Failure {
    Failure::general(format!(
        "stopped at {place}, since no other call would fare better\n            {failure}\n{}  help      {help}",
        explained(failure, asked),
    ))
}
