//! What a judge is told: which dimensions, on which scale, how severely.

use std::sync::LazyLock;

use regex::Regex;

use super::super::part::Scene;

/// A dimension and its scale.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dimension {
    pub name: String,
    pub low: f64,
    pub high: f64,
}

/// What a judge is told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instructions {
    pub dimensions: Vec<Dimension>,
    /// The smallest difference between two scores.
    pub step: f64,
    /// What its words of severity weigh, less those of leniency, in fifths of a plain one.
    pub severity: i32,
    pub tutor_turn: String,
    /// What the student said last before that turn, as far as it is shown.
    pub dialogue: String,
}

/// The scale of a prompt that names none.
const DEFAULT: [(&str, f64); 3] = [("form", 3.0), ("substance", 3.0), ("purity", 4.0)];

/// Words of which one more makes a judge more severe, and words that make it more lenient.
/// Where `flips` is set, a denial before the word turns it round.
struct Mark {
    text: &'static str,
    weight: i32,
    flips: bool,
}

/// What a plain word of severity weighs.
const PLAIN: i32 = 5;

const fn severe(text: &'static str) -> Mark {
    Mark {
        text,
        weight: PLAIN,
        flips: false,
    }
}

/// A word that asks for care rather than severity: it moves a score here and there.
const fn slight(text: &'static str) -> Mark {
    Mark {
        text,
        weight: 1,
        flips: false,
    }
}

const MARKS: &[Mark] = &[
    Mark {
        text: "strict",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "stern",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "severe",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "harsh",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "demanding",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "rigorous",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "unforgiving",
        weight: PLAIN,
        flips: true,
    },
    Mark {
        text: "lenient",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: "generous",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: "charitabl",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: " forgiving",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: "be kind",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: "encouraging",
        weight: -PLAIN,
        flips: true,
    },
    slight("carefully"),
    slight("attentive"),
    slight("scrutin"),
    severe("deduct"),
    severe("subtract"),
    severe("penali"),
    severe("exactly one"),
    severe("never award"),
    severe("never give"),
    severe("do not award"),
    severe("no credit"),
    severe("earn nothing"),
    severe("lower one"),
    severe("lower level"),
    severe("lower score"),
    severe("round down"),
    severe("only if"),
    severe("without exception"),
    severe("zero tolerance"),
    severe("reserve the"),
    Mark {
        text: "benefit of the doubt",
        weight: -PLAIN,
        flips: true,
    },
    Mark {
        text: "higher one",
        weight: -PLAIN,
        flips: false,
    },
    Mark {
        text: "higher level",
        weight: -PLAIN,
        flips: false,
    },
    Mark {
        text: "higher score",
        weight: -PLAIN,
        flips: false,
    },
    Mark {
        text: "round up",
        weight: -PLAIN,
        flips: false,
    },
];

/// The same word counts at most so often.
const MOST_PER_MARK: usize = 3;
/// Severity ends here on either side.
const MOST: i32 = 12 * PLAIN;
/// A denial stands at most so many bytes before what it denies.
pub(super) const DENIAL_REACH: usize = 14;
pub(super) const DENIALS: [&str; 4] = ["not ", "n't ", "n’t ", "never "];

impl Instructions {
    /// Reads the prompt of a judge.
    pub(super) fn of(scene: &Scene) -> Self {
        let message = scene.last_heard();
        let tutor_turn = inside(message, "tutor_turn").unwrap_or(message);
        let dialogue = inside(message, "dialogue").unwrap_or_default();
        let told = format!("{}\n{}", scene.instructions, told_beside(message));
        Self {
            dimensions: named_dimensions(&scene.instructions)
                .or_else(|| named_dimensions(&told))
                .unwrap_or_else(default_dimensions),
            step: step(&told),
            severity: severity(&told),
            tutor_turn: tutor_turn.trim().to_owned(),
            dialogue: dialogue.trim().to_owned(),
        }
    }
}

/// What stands between a tag and its end; the last one counts.
pub(super) fn inside<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = text.rsplit_once(&format!("<{tag}>"))?;
    Some(
        rest.split_once(&format!("</{tag}>"))
            .map_or(rest, |(inside, _)| inside),
    )
}

/// The message without what is judged.
fn told_beside(message: &str) -> String {
    let mut told = message.to_owned();
    for tag in ["dialogue", "tutor_turn"] {
        if let Some(judged) = inside(message, tag) {
            told = told.replace(judged, "");
        }
    }
    // A message without tags is the judged turn itself.
    if told == message { String::new() } else { told }
}

/// The dimensions that a text names with their scales.
fn named_dimensions(told: &str) -> Option<Vec<Dimension>> {
    let mut found: Vec<Dimension> = Vec::new();
    for (_, [name, low, high]) in SCALE.captures_iter(told).map(|scale| scale.extract()) {
        let name = name.to_lowercase();
        let (Ok(low), Ok(high)) = (low.parse(), high.parse()) else {
            continue;
        };
        let is_new = found.iter().all(|dimension| dimension.name != name);
        if is_new && low < high && !NO_DIMENSIONS.contains(&name.as_str()) {
            found.push(Dimension { name, low, high });
        }
    }
    (!found.is_empty()).then_some(found)
}

fn default_dimensions() -> Vec<Dimension> {
    let dimensions = DEFAULT.map(|(name, high)| Dimension {
        name: name.to_owned(),
        low: 0.0,
        high,
    });
    dimensions.into()
}

/// Names with a range behind them that are no dimension.
const NO_DIMENSIONS: [&str; 7] = [
    "overall_score",
    "overall",
    "score",
    "sum",
    "total",
    "scale",
    "from",
];

/// `form (0 to 3)`, `**Form** 0–3`, `purity: 0-4`.
#[expect(
    clippy::unwrap_used,
    reason = "the pattern is constant, and a test compiles it"
)]
static SCALE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?im)\b([a-z_]+)[*`]*\s*[:=]?\s*[(\[]?\s*(\d+(?:\.\d+)?)\s*(?:to|–|—|-|\.\.)\s*(\d+(?:\.\d+)?)\b").unwrap()
});

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is constant, and a test compiles it"
)]
static STEP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bsteps? of (\d+(?:\.\d+)?)").unwrap());

fn step(told: &str) -> f64 {
    if told.to_lowercase().contains("half point") {
        return 0.5;
    }
    let named = STEP.captures(told).and_then(|step| step[1].parse().ok());
    named.filter(|step: &f64| *step > 0.0).unwrap_or(1.0)
}

fn severity(told: &str) -> i32 {
    let told = told.to_lowercase();
    let total: i32 = MARKS
        .iter()
        .map(|mark| {
            let places = told.match_indices(mark.text).take(MOST_PER_MARK);
            places.map(|(at, _)| mark.weight_at(&told, at)).sum::<i32>()
        })
        .sum();
    total.clamp(-MOST, MOST)
}

impl Mark {
    fn weight_at(&self, told: &str, at: usize) -> i32 {
        let before = &told.as_bytes()[at.saturating_sub(DENIAL_REACH)..at];
        let before = String::from_utf8_lossy(before);
        let is_denied = DENIALS.iter().any(|denial| before.contains(denial));
        if self.flips && is_denied {
            -self.weight
        } else {
            self.weight
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(told: &str) -> Option<String> {
        let shown = named_dimensions(told)?
            .into_iter()
            .map(|dimension| format!("{} {}..{}", dimension.name, dimension.low, dimension.high));
        Some(shown.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn the_scale_is_the_prompts_own() {
        let told = "form (0 to 5): …\n- **Purity** 1–4\nsubstance: 0-3\n{\"overall_score\": the sum, 0 to 12}";
        let read = names(told);
        assert_eq!(
            read.as_deref(),
            Some("form 0..5, purity 1..4, substance 0..3")
        );
        assert_eq!(names("Judge it."), None);
    }

    #[test]
    fn steps_are_whole_points_unless_the_prompt_says_otherwise() {
        let steps =
            ["whole points", "steps of 0.25", "half points"].map(|told| step(told).to_string());
        assert_eq!(steps, ["1", "0.25", "0.5"]);
    }

    #[test]
    fn words_of_severity_count_and_a_denial_turns_them_round() {
        for (told, expected) in [
            ("Be strict. Deduct a point for each.", 2),
            ("Do not be strict.", -1),
            ("Be generous, give the benefit of the doubt.", -2),
            ("Never be lenient.", 1),
            ("Judge it.", 0),
        ] {
            assert_eq!(severity(told), expected * PLAIN, "{told}");
        }
    }

    #[test]
    fn a_word_of_care_weighs_less_than_one_of_severity() {
        let words = ["Read it carefully.", "Be strict."].map(severity);
        assert!(0 < words[0] && words[0] < words[1], "{words:?}");
    }

    #[test]
    fn the_judged_words_are_no_instructions() {
        let message = "Score it.\n<dialogue>be strict</dialogue>\n<tutor_turn>deduct</tutor_turn>";
        assert_eq!(severity(&told_beside(message)), 0);
        assert_eq!(inside(message, "tutor_turn"), Some("deduct"));
    }
}
