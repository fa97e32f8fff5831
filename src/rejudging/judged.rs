//! Dialogues with what one judge says of them.

use jiff::civil::Date;

use super::dialogues::dialogues;
use super::error::RejudgingError;
use super::missing::{Missing, NotRecorded};
use super::questions::Questions;
use super::source::Source;
use crate::bench::Transcript;

/// Replays dialogues and a judge's judgments of them: by default the plan's judge. What is
/// missing has the price of the day.
///
/// # Errors
/// [`RejudgingError::NotHeld`] or [`RejudgingError::NotRecorded`] where something is not
/// recorded, or what is wrong with a file.
pub async fn judged(
    source: &Source,
    reference: Option<&str>,
    today: Date,
) -> Result<Vec<Transcript>, RejudgingError> {
    let plan = source.load()?;
    let judge = source.candidate(&plan, reference)?;
    let held = source.dialogues(&plan);
    let transcripts = dialogues(source, &plan).await?;
    let questions = Questions {
        plan: &plan,
        judge: &judge,
        transcripts: &transcripts,
        epochs: 1,
    };
    let asked = questions.replayed(&source.candidates(&plan)).await?;
    let missing = Missing::of("judge", &questions, &asked);
    if !missing.is_none() {
        let missing = missing.priced_today(&questions, &held, source.region.as_deref(), today)?;
        let command = source.recording(None, reference, 1);
        let listing = source.listing(None, reference, 1);
        return Err(NotRecorded {
            sides: vec![(missing, command)],
            changes: None,
            listing,
        }
        .into());
    }
    let outcomes = asked.outcomes.into_iter();
    Ok(outcomes.flat_map(|outcome| outcome.transcripts).collect())
}
