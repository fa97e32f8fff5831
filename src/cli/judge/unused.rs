//! `bedrock-replay judge unused`: judgments of versions that are no more, for `cassette prune`.

use std::path::PathBuf;

use bedrock_replay::cassette::UnusedList;
use bedrock_replay::rejudging::StaleJudgments;
use bedrock_replay::words::{counted, grouped, quoted};
use clap::Args;

use super::material::{Where, failed, find};
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::unused_file::list_file;

/// Tell which judgments of the plan's dialogues no judge asks for any more.
///
/// A judge that is edited asks anew, and what its older version said stays in the cassette. Here
/// every judge counts that lies in the folder of judges, however deep: pinned versions and the
/// folders as they are now, with their probes. What none of them would ask is told, and written
/// down for `cassette prune`. Judgments of other words are left alone: of dialogues that were
/// held by --stream, with another prompt cache or by another plan, or before an edit of it.
/// Nothing is asked, and the cassette stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay judge unused
  bedrock-replay judge unused --unused-file stale.json
  bedrock-replay cassette prune cassettes/weekly.sqlite --unused stale.json --apply

Exit codes: 0 told, 2 usage, 4 bad input, 5 the dialogues are not recorded")]
pub struct Unused {
    /// Write them here, for `cassette prune`
    #[arg(long = "unused-file", value_name = "FILE", value_parser = list_file)]
    list: Option<PathBuf>,

    /// A judge that is in no folder of judges, such as git:main:scenarios/judges/socratic, whose
    /// judgments are to stay; may be repeated
    #[arg(long, value_name = "JUDGE")]
    keep: Vec<String>,

    #[command(flatten)]
    place: Where,
}

impl Unused {
    pub async fn run(self) -> Result<u8, Failure> {
        let source = self.place.source().await;
        let judges = source.judges();
        let kept: Result<Vec<_>, _> = self.keep.iter().map(|own| find(&judges, own)).collect();
        let found = StaleJudgments::of(&source, &kept?).await.map_err(failed)?;
        print(&heading(&found))?;
        if let Some(path) = &self.list {
            let list = UnusedList::of(&found.cassette, &found.stale).map_err(Failure::general)?;
            list.write(path).map_err(Failure::general)?;
            if found.stale.is_empty() {
                return Ok(crate::cli::exit_code::OK);
            }
            let (cassette, list) = (found.cassette.to_string_lossy(), path.to_string_lossy());
            print(&format!(
                "  next      bedrock-replay cassette prune {} --unused {} --apply",
                quoted(&cassette),
                quoted(&list)
            ))?;
        }
        Ok(crate::cli::exit_code::OK)
    }
}

fn heading(found: &StaleJudgments) -> String {
    let others = match found.of_other_words {
        0 => String::new(),
        others => format!(
            "\n  left      {} of other words under the same names",
            counted(others, "judgment")
        ),
    };
    format!(
        "{}: {} of these dialogues, {} of them asked for by none of {} of judges{others}",
        found.cassette.display(),
        counted(found.judgments, "judgment"),
        grouped(found.stale.len()),
        counted(found.judges, "version"),
    )
}
