//! For your own tests: a judge that must not move by chance, and transcripts to take snapshots of.
//!
//! [`assert_judge_is_equivalent`] is a whole test: the plan's judge, as its files are now, still
//! scores the recorded dialogues as the pinned one did. It is offline; where it fails it says
//! what moved or which judgments are not recorded, what recording them costs, and the next
//! command. [`JudgeTest`] is the same with everything named.
//!
//! [`StableTranscript`] and [`StableJudging`] hold what was said and what it scored, and nothing
//! that another recording of the same words would change: no ids, times, dates or tokens.
//!
//! ```
//! use bedrock_replay::testing::JudgeTest;
//!
//! let judge = JudgeTest::of("scenarios/weekly.toml")
//!     .baseline("socratic") // without it, the pinned one
//!     .model("llama-3-1-70b");
//! judge.assert_equivalent();
//!
//! let transcripts = judge.transcripts()?;
//! let first = &transcripts[0].turns[0];
//! assert!(first.student.text().is_some());
//! # let snapshot = serde_json::to_string_pretty(&transcripts)?;
//! # assert!(snapshot.contains("rationale") && !snapshot.contains("latency"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `insta::assert_yaml_snapshot!(judge.transcripts()?)` keeps them; the folder
//! `examples/judge-regression` is a crate that does all of it.

mod blocking;
mod judge_test;
mod moved;
mod stable;

pub use judge_test::{JudgeTest, assert_judge_is_equivalent};
pub use moved::JudgeMoved;
pub use stable::{Said, StableJudging, StableTranscript, StableTurn};
