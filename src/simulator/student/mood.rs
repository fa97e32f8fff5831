//! How a persona takes a question.

/// What a student says before the answer, by what the persona is like.
const MOODS: &[(&[&str], &[&str])] = &[
    (
        &[
            "heated",
            "impatient",
            "argues",
            "stubborn",
            "rushed",
            "quick",
            "sharp",
        ],
        &["", "Oh, come on.", "", "All right.", "Wait.", ""],
    ),
    (
        &[
            "suspicious",
            "sceptical",
            "skeptical",
            "distrust",
            "has seen a lot",
            "proud",
        ],
        &[
            "",
            "A clever question.",
            "",
            "If you ask me.",
            "You will not catch me out so easily.",
            "",
        ],
    ),
    (
        &[
            "tired",
            "anxious",
            "unsure",
            "shy",
            "insecure",
            "sad",
            "sure that she is bad",
            "sure that he is bad",
        ],
        &[
            "",
            "I am not sure that I can say it well.",
            "",
            "Let me think.",
            "Hm.",
            "",
        ],
    ),
    (
        &[
            "curious", "warm", "fond of", "puzzle", "likes", "honest", "playful",
        ],
        &["", "Good that you ask.", "", "Let me try.", "Hm.", ""],
    ),
];

const EVEN: &[&str] = &["", "Hm.", "", "Let me think.", "", "Well."];

/// What a persona may say first.
pub(super) fn starts(instructions: &str) -> &'static [&'static str] {
    let text = instructions.to_lowercase();
    MOODS
        .iter()
        .find(|(marks, _)| marks.iter().any(|mark| text.contains(mark)))
        .map_or(EVEN, |(_, starts)| starts)
}
