//! The words of a good tutor: frames that take up what was said, and questions to follow them.

use super::super::words;
use super::vector::Vector;

/// Frames; `{}` stands for the student's words.
pub(super) const FRAMES: &[&str] = &[
    "You say “{}”.",
    "I want to stay with “{}”.",
    "Let me hold on to one thing that you said: “{}”.",
    "You put it this way: “{}”.",
    "“{}”, you say.",
    "Listening to you, I stopped at “{}”.",
    "Let us look at “{}” a little longer.",
    "You tell me “{}”.",
    "You have just told me “{}”.",
    "“{}”: those are your words.",
    "There is something in “{}” that I would not like to pass over.",
    "Before we go on, back to “{}”.",
    "I wrote down one thing: “{}”.",
    "Take your own sentence, “{}”.",
];

const DEFINITION: &[&str] = &[
    "What do you mean by that, in words that you have not used yet?",
    "How would you explain it to someone who has never met the idea?",
    "Where does that stop being so for you?",
    "What would you count as an exception to it?",
    "Which part of that carries the weight for you?",
    "What is the difference between that and what most people would say?",
    "What would be the plainest case of it that you know?",
    "How much of that is in the words, and how much is in the thing?",
];

const ASSUMPTION: &[&str] = &[
    "What are you taking for granted when you put it that way?",
    "What would have to be true for that to hold everywhere?",
    "What has to come first before you can say that?",
    "Which of your other convictions is that resting on?",
    "What would someone have to grant you before they could agree?",
    "What does that leave out, as you see it?",
    "Whose eyes are you seeing it through when you put it like that?",
];

const EVIDENCE: &[&str] = &[
    "What have you seen yourself that led you to it?",
    "How would you notice if it were not so?",
    "What would you show to someone who doubts it?",
    "Which case taught you that?",
    "What happened the last time you came across it?",
    "What would count against it, if it ever turned up?",
    "How did you find that out?",
];

const IMPLICATION: &[&str] = &[
    "What follows from it, if you carry it one step further?",
    "Where does it lead you, if you take it at its word?",
    "What happens to that thought in the hardest case that you can think of?",
    "What do you expect next, if you rely on it?",
    "What would surprise you, if it were so?",
    "What could you no longer say if you held on to it?",
    "What else would have to be so, if that is so?",
];

const ALTERNATIVE: &[&str] = &[
    "How else could someone account for the same thing?",
    "What might a person have in view who sees it differently?",
    "What would you expect to find if the opposite were so?",
    "What would you answer a friend who had come to the other conclusion?",
    "What is the best thing that could be said against it?",
    "Which other explanation have you already put aside?",
];

const NEXT_STEP: &[&str] = &[
    "What is the smallest thing that you could find out next from there?",
    "What in that would stay the same if you changed the example?",
    "What do you notice in it now that you did not notice when you began?",
    "How would you try it out on a case that you have not looked at yet?",
    "What is still missing before it satisfies you?",
    "How would you draw that for someone who sits across the table?",
    "What would you ask yourself next, if I were not here?",
    "Which part of it could you say again with your eyes closed?",
];

/// Questions about something that happened, and not about something that holds.
const REPORT: &[&str] = &[
    "What does that day say about the thought that you came with?",
    "What would have had to be different for it to go the other way?",
    "Which moment in that story has stayed with you, and what does it hold?",
    "How would the other person tell what happened?",
    "What is the same in that case and in the one that you began with?",
    "What did you know afterwards that you had not known before?",
    "What made it come out as it did, as you see it?",
    "How does what you did there go together with what you say in general?",
];

/// Questions that set two of the student's sayings side by side: the earlier one, the later one.
pub(super) const TWO_SAYINGS: &[&str] = &[
    "Earlier you said “{}”, and now I hear “{}”. How do the two sit beside each other?",
    "You began with “{}”, and by now you say “{}”. What has changed between the one and the other?",
    "Put “{}” and “{}” side by side for a moment. What do you notice?",
    "You told me “{}”, and you told me “{}”. What would you have to give up to keep both?",
    "I am holding two of your sentences: “{}”, and “{}”. Which way does the one bend the other?",
];

/// Questions about one word of the student's.
pub(super) const ONE_WORD: &[&str] = &[
    "One word stays with me: “{}”. What do you want it to say here?",
    "You used the word “{}”. What falls under it, and what does not?",
    "Suppose the word “{}” were taken from you. How would you say the same thing without it?",
];

/// Questions that could be asked of anyone.
pub(super) const PLAIN: &[&str] = &[
    "How did you come to see it like that?",
    "What makes you think so?",
    "Where does that thought come from?",
    "What is the most important part of it to you?",
    "How would you put that in one sentence?",
    "What would change your mind about it?",
    "Why does that matter to you?",
    "What is behind that?",
    "What do you make of that yourself?",
    "How long have you thought about it in this way?",
    "What comes to mind when you look at it from outside?",
    "What speaks for it, as you see it?",
    "How does that feel to you?",
    "What more can you tell me about it?",
    "What would you like to find out about it?",
    "Where do you want to go from here?",
    "Which side of it interests you most?",
    "What else is there to say about it?",
    "How did that come about?",
    "What is the hardest thing about it?",
    "When did you first think so?",
];

/// What stands before a plain question.
pub(super) const NODS: &[&str] = &[
    "",
    "I see.",
    "Thank you, that is clear to me.",
    "Let us go on from there.",
    "That gives us something to look at.",
    "Mm.",
    "I follow you so far.",
    "Let me ask you something.",
    "We can take our time with this.",
];

/// The questions that serve a vector, after what is claimed or after what is told.
pub(super) fn for_saying(vector: Vector, saying: &str) -> Vec<&'static str> {
    if words::is_report(saying) {
        return REPORT.to_vec();
    }
    let banks: &[&[&str]] = match vector {
        Vector::Elenchus => &[DEFINITION, ASSUMPTION, IMPLICATION, ALTERNATIVE],
        Vector::Maieutics => &[NEXT_STEP, EVIDENCE, DEFINITION],
        Vector::Aporia => &[EVIDENCE, IMPLICATION, ALTERNATIVE, ASSUMPTION],
        Vector::Open => &[
            DEFINITION,
            ASSUMPTION,
            EVIDENCE,
            IMPLICATION,
            ALTERNATIVE,
            NEXT_STEP,
        ],
    };
    banks.concat()
}
