//! What a person should know of models before any of them is asked.

use std::collections::BTreeSet;
use std::fmt;

use bedrock_replay::Mode;
use bedrock_replay::bench::{Plan, RegionsOfModel, Survey};
use bedrock_replay::registry::{ModelId, Registry, Remark};
use jiff::civil::Date;

use super::progress::Audience;
use super::spending::calls_of;

/// What to know of a model.
#[derive(Debug, PartialEq, Eq)]
pub enum Forewarning {
    /// Its calls will fail, or its id looks wrong.
    Warning(String),
    /// They will not be made as somebody may think, or little is known of it.
    Note(String),
}

impl fmt::Display for Forewarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warning(text) => write!(f, "warning: {text}"),
            Self::Note(text) => write!(f, "note: {text}"),
        }
    }
}

/// Says on standard error what is to be known; who wants no notes is still warned.
pub fn say(all: &[Forewarning], audience: Audience) {
    let is_told =
        |own: &&Forewarning| audience != Audience::Nobody || matches!(own, Forewarning::Warning(_));
    for own in all.iter().filter(is_told) {
        anstream::eprintln!("{own}");
    }
}

/// The models that a mode asks for anything after a survey, in the plan's order.
pub fn asked<'a>(plan: &'a Plan, survey: &Survey, mode: Mode) -> Vec<&'a str> {
    let lines = survey.lines.iter().filter(|line| calls_of(line, mode) > 0);
    let asked: BTreeSet<&str> = lines.filter_map(|line| plan.asked_of(line)).collect();
    let mut models = plan.model_ids();
    models.retain(|model| asked.contains(model));
    models
}

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// AWS, in these regions.
    Aws(&'a [String]),
    /// An endpoint of this machine, such as the simulator: it answers for models that are gone,
    /// and everywhere. An id that looks wrong there is wrong at AWS as well.
    ThisMachine,
}

/// A word on each id that looks wrong or is not known, and, where AWS is asked, on each model of
/// which calls would fail and on each that not every region is asked for.
pub fn forewarnings(
    registry: &Registry,
    models: &[&str],
    whom: Asked<'_>,
    on: Date,
) -> Vec<Forewarning> {
    let remarks = models.iter().flat_map(|model| {
        let remarks = registry.remarks(model, on).into_iter();
        remarks.filter_map(move |remark| told(&remark, whom, format!("{model}: {remark}")))
    });
    let mut all: Vec<Forewarning> = remarks.collect();
    let Asked::Aws(regions) = whom else {
        return all;
    };
    let left_out = RegionsOfModel::left_out(models.iter().copied(), regions);
    all.extend(left_out.iter().map(partly_asked));
    all
}

/// A model that is new to the registry may well answer, and so does one that is near its end.
fn told(remark: &Remark, whom: Asked<'_>, text: String) -> Option<Forewarning> {
    match (remark, whom) {
        (Remark::Legacy { .. }, _) | (Remark::Ended { .. }, Asked::ThisMachine) => None,
        (wrong, _) if wrong.is_of_a_wrong_id() || wrong.is_fatal() => {
            Some(Forewarning::Warning(text))
        }
        _ => Some(Forewarning::Note(text)),
    }
}

fn partly_asked(own: &RegionsOfModel<'_>) -> Forewarning {
    let (model, asked, left_out) = (own.model, own.asked.join(", "), own.left_out.join(", "));
    let id = ModelId::parse(model);
    let (whose, help) = match (id.region(), id.profile()) {
        (Some(region), _) => (
            format!("its ARN is of {region}"),
            "write the id in place of the ARN",
        ),
        (None, profile) => (
            format!(
                "its inference profile `{}.` is of another part of the world",
                profile.unwrap_or_default()
            ),
            "a `global.` profile, where the model has one, is asked for everywhere",
        ),
    };
    if !own.is_had {
        return Forewarning::Warning(format!(
            "{model} cannot be had in {asked}: {whose}, and no other id takes its place ({help})"
        ));
    }
    Forewarning::Note(format!(
        "{model} is asked in {asked} only, not in {left_out}: {whose}, and no other id takes its place ({help})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

    fn all_told(models: &[&str], regions: &[&str]) -> Vec<String> {
        let regions: Vec<String> = regions.iter().map(|&region| region.to_owned()).collect();
        let registry = Registry::shipped().unwrap();
        let all = forewarnings(&registry, models, Asked::Aws(&regions), date(2026, 6, 18));
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn regions_that_cannot_have_a_profile_are_named_with_what_has_it() {
        let profile = format!("us.{HAIKU}");
        let lines = all_told(&[&profile, HAIKU], &["us-east-1", "eu-west-1", "us-west-2"]);
        assert_eq!(
            lines,
            [format!(
                "note: {profile} is asked in us-east-1, us-west-2 only, not in eu-west-1: its inference profile `us.` is of another part of the world, and no other id takes its place (a `global.` profile, where the model has one, is asked for everywhere)"
            )]
        );
        let none = all_told(&[&profile], &["eu-west-1"]);
        assert!(
            none[0].starts_with(&format!("warning: {profile} cannot be had in eu-west-1: ")),
            "{none:?}"
        );
    }

    #[test]
    fn an_arn_is_of_its_region() {
        let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}");
        let lines = all_told(&[&arn], &["us-east-1", "us-west-2"]);
        assert!(
            lines[0].contains("not in us-west-2: its ARN is of us-east-1"),
            "{lines:?}"
        );
    }

    #[test]
    fn what_is_asked_everywhere_and_still_answers_needs_no_word() {
        let global = "global.anthropic.claude-haiku-4-5-20251001-v1:0".to_owned();
        assert!(all_told(&[&global, HAIKU], &["us-east-1", "eu-west-1"]).is_empty());
        assert!(all_told(&[HAIKU], &[]).is_empty());
    }

    #[test]
    fn an_id_that_looks_wrong_is_warned_of_and_a_new_one_is_noted() {
        for (id, expected) in [
            ("meta.llama3-1-70b-instruct-v2:0", "warning: "),
            ("opuss", "warning: "),
            ("foo", "warning: "),
            ("acme.big-v1:0", "note: "),
        ] {
            let lines = all_told(&[id], &[]);
            assert!(
                lines[0].starts_with(&format!("{expected}{id}: ")),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_id_that_is_none_is_answered_with_the_right_one() {
        let lines = all_told(&["anthropic.claude-3-5-sonnet-20241022-v1:0"], &[]);
        assert!(
            lines[0].contains("did you mean `anthropic.claude-3-5-sonnet-20241022-v2:0`?"),
            "{lines:?}"
        );
    }
}
