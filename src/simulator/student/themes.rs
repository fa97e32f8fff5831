//! What students say of the subjects that people bring to a tutor.

use super::super::words;
use super::asked::Asked;

/// A subject: the words that it is known by, and what a student has to say of it.
pub(super) struct Theme {
    marks: &'static [&'static str],
    memory: &'static [&'static str],
    meaning: &'static [&'static str],
    reason: &'static [&'static str],
    doubt: &'static [&'static str],
}

const THEMES: &[Theme] = &[
    Theme {
        marks: &[
            "truth", "true", "wrong", "opinion", "opinions", "rumours", "believe", "checking",
            "facts",
        ],
        memory: &[
            "There was a picture going round last spring, and half my friends had shared it before anyone asked where it came from. It was from another town.",
            "My cousin and I argued a whole evening about who started it. We were both there, and we both remember it differently.",
            "Somebody wrote things about people I know. I went and asked them, and after two minutes I knew that it was made up.",
            "In class we all swore once that the door had been open. Then it turned out that somebody had filmed it.",
            "When I was small I was sure that ours was the longest street in town. I was very sure, and it was not.",
        ],
        meaning: &[
            "I mean that nobody else can tell me how a thing looks from where I stand.",
            "That you cannot look into another person's head. Whether that is the same as not being wrong, I do not know.",
            "Wrong is when you could have looked and did not. That is how I would put it today.",
            "I think I mean two things with it: what somebody feels, and what happened.",
            "That I want to leave people alone with what they think. It is more about being decent than about being right.",
        ],
        reason: &[
            "Because whenever somebody said that they had the truth, somebody else got hurt. That much I have seen.",
            "I have never won an argument by being right, so at some point I stopped believing in right.",
            "You only have to read the comments under anything. Everyone has a reason and everyone is certain.",
            "If I ask ten people I get ten answers, and nine of the ten are no fools.",
            "Nobody has ever shown me a fact that everyone agreed on. Apart from the ones you can look up, I mean.",
        ],
        doubt: &[
            "If nobody is ever wrong, then the ones who pass such things on are not wrong either. I do not like where that goes.",
            "Then checking would be pointless, and I do check. So I cannot quite mean it the way I say it.",
            "Maybe it is only so for things like music. For what happened on a certain day it does not work.",
            "Somebody who has been lied about would laugh at me for it. They would want to know what happened.",
            "One of the two has to go, and I notice which one I would rather keep.",
        ],
    },
    Theme {
        marks: &[
            "coin",
            "heads",
            "tails",
            "lottery",
            "dice",
            "luck",
            "due",
            "chance",
            "probability",
            "streak",
        ],
        memory: &[
            "One evening in a bar it came up the same way nine times, for coffee. I remember the faces, everyone was waiting for it to turn.",
            "I have written my numbers down for years. There are long holes in the list, and then suddenly two in one month.",
            "Black would not stop that night at the roulette. A man next to me doubled on red until he had nothing left.",
            "My brother and I tossed for who pays, a hundred times one summer. It came out at fifty-three to forty-seven.",
            "Last winter my number stayed away for sixty weeks. The one week I forgot to play, it stayed away as well.",
        ],
        meaning: &[
            "Due means that it has been kept waiting long enough. Like rain after a dry month.",
            "That in the end there are as many of the one as of the other. Roughly, anyway.",
            "More likely than before, that is what I mean. Or perhaps I only mean that anything else would surprise me.",
            "In the end, that is after a very long time. How long, nobody has ever told me.",
            "Half and half, that is the mathematics of it. That much I do know.",
        ],
        reason: &[
            "Because half and half is half and half. If there are too many of the one, the other has to catch up.",
            "I have counted, that is why. In my life there is a lot of waiting, so you count.",
            "Everybody who plays knows it. You look for what has not come for a while.",
            "Seven in a row is very rare. So after six, the seventh must be rare too, no?",
            "I can see it in my own list: sooner or later the holes always close.",
        ],
        doubt: &[
            "The coin would have to remember what it did, and it has nothing to remember with.",
            "If somebody came in just now who had not seen the six, for him it would be half and half. And it is the same coin.",
            "Maybe it can even out without catching up. After a thousand more throws, six of them weigh nothing.",
            "Then all my waiting for a number that was due was only waiting. I do not like to say that aloud.",
            "It could be that the row surprises me and not the throw. Those would be two things.",
        ],
    },
    Theme {
        marks: &[
            "job",
            "career",
            "work",
            "hours",
            "desk",
            "boss",
            "hobby",
            "office",
            "colleagues",
        ],
        memory: &[
            "On Tuesday I looked at the clock at ten past two, and then for a long time I did not, and then it was a quarter past.",
            "Saturday I came home at six and had forgotten to eat. That never happens to me during the week.",
            "There was one good week in March, when a woman rang and I could really put something in order for her.",
            "On Sunday evenings I iron for Monday, and somewhere around the third blouse I get tired.",
            "A colleague retired in June. There were flowers and a speech, and I caught myself working out my own date.",
        ],
        meaning: &[
            "That I am somewhere else already. I sit there, and I am ahead of myself.",
            "A good job is what my parents would call one: safe, friendly people, paid on time.",
            "I do not mean sleepy. It is more that nothing is asked of me that I would like to give.",
            "Wrong is perhaps too big a word. It fits like a shoe that is half a size off.",
            "When I say change, I do not even know whether I mean another desk or no desk.",
        ],
        reason: &[
            "Because nothing is bad there, and still I am glad each time it is over. If it were bad I would understand it.",
            "I notice it on Sundays. My shoulders know it before I do.",
            "I have had three bosses in that time and it was the same with each of them. So it cannot be the boss.",
            "What I mend in my free time I can see working afterwards. In my files I never learn how it ended.",
            "Nobody makes me go on Saturdays, and I am early every single time.",
        ],
        doubt: &[
            "If it is not the work itself, then the next job would end in the same way. That is not a comfortable thought.",
            "Maybe the hours that I do not count are light only because nothing hangs on them.",
            "My sister would say that I am spoiled. She counts her hours too, and she has no Saturday.",
            "Then what I miss is seeing how a thing ends. That is smaller than what I came with.",
            "I could stay and be wrong there, or leave and take the counting with me.",
        ],
    },
    Theme {
        marks: &[
            "freedom",
            "free",
            "law",
            "laws",
            "rights",
            "rules",
            "country",
            "government",
        ],
        memory: &[
            "The neighbours downstairs called the police once, over a drum. I was furious, and I had school the next day as well.",
            "They closed our park at night. I had never gone there at night, and I still felt robbed.",
            "At school we made the rules for one week ourselves. By Wednesday somebody wanted a referee.",
        ],
        meaning: &[
            "Free is when nobody stands behind me. Whether somebody stands in front of me is another matter, I see that now.",
            "A rule is fair if I would have made it myself on a good day.",
        ],
        reason: &[
            "Because the other way round I would have to ask for everything, and somebody would have to say yes.",
            "Every time somebody decided for me, it was for my own good, and it never was.",
        ],
        doubt: &[
            "Then my neighbour has as much of it as I have, and it is the same staircase.",
            "So I only mean it as long as I am the one who is free.",
            "Without any rule the loudest would be free, and only he.",
        ],
    },
    Theme {
        marks: &[
            "promise", "moral", "duty", "honest", "lie", "lying", "fair", "justice", "decent",
        ],
        memory: &[
            "I once kept a secret that I should not have kept. Everyone praised me for it, but for one.",
            "I told my aunt that I liked the soup, and I got it every Sunday for four years.",
            "A friend let me off once when I owed him. I have never forgotten it, and I have never felt free of it.",
        ],
        meaning: &[
            "Fair is when I could change places with the other one and not mind.",
            "It means that people can build on what I say, also when it rains.",
        ],
        reason: &[
            "Because if I bend it once, the next time I will bend it sooner.",
            "People remember what you did and not what you had thought about it.",
        ],
        doubt: &[
            "Then I was keeping the rule for my own sake and not for hers.",
            "If everyone did as I did that day, nobody would ask anybody for anything.",
            "It may be that I am proud of the wrong part of it.",
        ],
    },
    Theme {
        marks: &[
            "heat",
            "temperature",
            "animals",
            "evolution",
            "gravity",
            "energy",
            "planet",
            "species",
            "physics",
        ],
        memory: &[
            "I burned my finger on a tiny drop of sugar once, and the whole pot of tea had not hurt me at all.",
            "We had two cats from one litter. One climbed everything, the other one nothing, and nobody had taught them either.",
            "In the museum there was a foot with five toes inside a fin. I stood there for quite a while.",
        ],
        meaning: &[
            "It is what I would feel if I put my hand there. That is not much of a definition.",
            "I use the two words for the same thing, depending on who is listening.",
        ],
        reason: &[
            "It is how we learned it, and it has fitted everything since.",
            "You can see it with your own eyes, if you only look.",
        ],
        doubt: &[
            "If both were the same thing, then the small one should do as much as the big one, and it does not.",
            "Then need alone would do nothing. Something has to be there already.",
            "So there is a second thing in it for which I have no word.",
        ],
    },
    Theme {
        marks: &[
            "number",
            "numbers",
            "odd",
            "proof",
            "sum",
            "maths",
            "mathematics",
            "equation",
            "fraction",
        ],
        memory: &[
            "I tried it with eleven and thirteen on the back of my hand. It worked, and I was no wiser.",
            "Once I had found a rule that worked for nine numbers. With the tenth it fell over.",
        ],
        meaning: &[
            "A proof is when you need not try any more.",
            "It means that there is always one left who has no partner.",
        ],
        reason: &[
            "Because it has worked each time, and I tried quite a few.",
            "If I draw it, I can see it. I only cannot say what I see.",
        ],
        doubt: &[
            "For the big ones I would have to draw all night. There has to be something that does not care how big they are.",
            "Perhaps it has less to do with the numbers than with what is left over.",
        ],
    },
    Theme {
        marks: &[
            "price",
            "money",
            "worth",
            "value",
            "pay",
            "cheap",
            "expensive",
            "market",
            "wages",
        ],
        memory: &[
            "At the station I once paid four times the price for a bottle of water, and I was grateful.",
            "My grandmother kept every jar. To us they were rubbish, and in the winter of which she spoke they were gold.",
        ],
        meaning: &[
            "Worth is what I would give for it if I had none.",
            "I mean the price on the one hand, and on the other what it does for me. I mix them up when I am annoyed.",
        ],
        reason: &[
            "Because what you need most should cost most. Anything else is upside down.",
            "I see what people leave lying and what they fight for, every day.",
        ],
        doubt: &[
            "It depends on how many of them I already have. I had not thought of counting those.",
            "Then the same glass is worth a fortune in the morning and nothing in the evening.",
        ],
    },
];

impl Theme {
    /// The theme that the texts speak of most.
    pub(super) fn of(text: &str) -> Option<&'static Self> {
        let spoken: Vec<String> = text.split_whitespace().map(words::bare).collect();
        let hits = |theme: &Self| {
            let is_mark = |word: &&String| theme.marks.contains(&word.as_str());
            spoken.iter().filter(is_mark).count()
        };
        let most = THEMES.iter().rev().max_by_key(|theme| hits(theme));
        most.filter(|theme| hits(theme) > 0)
    }

    /// What a student has to say of it; nothing where the tutor asked for no thought.
    pub(super) const fn words(&self, asked: Asked) -> &'static [&'static str] {
        match asked {
            Asked::Memory => self.memory,
            Asked::Meaning => self.meaning,
            Asked::Reason => self.reason,
            Asked::Doubt => self.doubt,
            Asked::Assent | Asked::Nothing => &[],
        }
    }
}
