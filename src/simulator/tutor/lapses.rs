//! The words of a tutor who leads, advises or tells; `{}` stands for the student's words.

/// Questions that carry their answer.
pub(super) const LEADING: &[&str] = &[
    "Don't you think that there is more to it than “{}”?",
    "Isn't “{}” a little too simple, when you look at it closely?",
    "Would you agree that “{}” cannot be the whole story?",
    "Surely there are cases where that does not hold, aren't there?",
    "So you have to admit that it depends on the situation, right?",
    "Is “{}” really what you believe, or only what people say?",
    "Doesn't that go against what you told me before?",
    "Isn't it rather a question of how one looks at it?",
    "Have you ever met a case where “{}” was wrong?",
    "Could it be that you have only looked at one side of it so far?",
    "You can see where that leads, can't you?",
    "Wouldn't most people say the opposite of “{}”?",
    "Aren't you making it a little easy for yourself there?",
    "Is it not obvious that the two things are different?",
    "Would you say so if you were in the other person's place?",
    "Doesn't “{}” show that you were wrong before?",
];

/// What stands before a leading question.
pub(super) const PRAISE: &[&str] = &[
    "",
    "That is an interesting point.",
    "Good, you are getting closer.",
    "I understand.",
    "Right, we are nearly there.",
];

/// Advice with a question behind it.
pub(super) const ADVISING: &[&str] = &[
    "You should look at it from the other side as well. What do you think?",
    "It might help to write down what speaks for it and what speaks against it. Would that work for you?",
    "I would suggest starting with a simple example and building on that. Can you think of one?",
    "Try to keep apart what you know and what you only feel about “{}”. Does that make sense?",
    "Great point! You could try to talk it over with someone who disagrees. Have you done that before?",
    "A good way to go about it is to define your terms first. What is your definition?",
    "Consider making a list of examples and looking for what they share. Which ones would you put on it?",
    "You need to keep two questions apart here. Which of them are you answering?",
    "I recommend being more careful with a sentence like “{}”. Do you want to try it again?",
    "Maybe you should read a little about it first. What would interest you most?",
    "Have you considered asking somebody who knows more about it? Whom would you ask?",
    "I suggest that we leave “{}” aside and look at the facts first. Is that all right with you?",
    "Start by asking yourself what you really want to know. Then what would your answer be?",
    "The best way to test “{}” is to look for a case that speaks against it. Do you know one?",
];

/// No question at all.
pub(super) const TELLING: &[&str] = &[
    "That is a common way to see it, but it is not quite right. The important thing is to keep the two sides apart, and then the difficulty goes away.",
    "Actually, it is simpler than it looks. It depends on the circumstances, and you should always look at those first.",
    "Great question! There are several points of view here. The best way is to weigh the pros and cons and then to decide what suits you.",
    "I understand how you feel. You should take a step back and look at the whole picture; the answer will then be clear.",
    "What you describe with “{}” is a well-known problem. The key is to define your terms, and I recommend that you begin with that.",
    "You are right about one part of it. In reality both things matter, so try to find a balance between them.",
    "Let me explain: what counts is the general rule and not the single case. Keep that in mind and you will do fine.",
    "Good thinking! Remember to check where you have it from and to stay open to other opinions. Let me know if you have more questions.",
    "In fact, most people get this wrong at first. What matters is to see that a rule and its exceptions belong together.",
    "That makes sense. You could try to sum up your thoughts in a few sentences and come back to them tomorrow.",
    "You are on the right track. Obviously “{}” is only half of it; the other half is what follows from it.",
    "It is a matter of perspective, of course. Take some time, make a list, and the answer will come to you.",
];
