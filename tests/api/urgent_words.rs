//! How well messages that tell of an emergency are told from others: a set of made-up messages, of which a
//! part was not looked at while the words were chosen.

use std::fmt;

use huhutong::urgent::{EmergencyKind, Off, judge};

const MESSAGES: &str = include_str!("urgent_messages.tsv");

/// How often the judgement was right and wrong.
#[derive(Default)]
struct Score {
    found: u32,
    missed: Vec<&'static str>,
    false_alarms: Vec<&'static str>,
    calm: u32,
}

impl Score {
    fn of(part: impl Fn(&str) -> bool) -> Self {
        let mut score = Self::default();
        for line in MESSAGES.lines().filter(|line| !line.starts_with('#')) {
            let [which, label, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {line}");
            };
            if !part(which) {
                continue;
            }
            match (label, judge(text).is_urgent()) {
                ("urgent", true) => score.found += 1,
                ("urgent", false) => score.missed.push(text),
                ("calm", true) => score.false_alarms.push(text),
                ("calm", false) => score.calm += 1,
                _ => panic!("urgent or calm: {line}"),
            }
        }
        score
    }

    fn urgent(&self) -> usize {
        self.found as usize + self.missed.len()
    }

    fn recall(&self) -> f64 {
        f64::from(self.found) / self.urgent() as f64
    }

    fn precision(&self) -> f64 {
        f64::from(self.found) / (self.found as usize + self.false_alarms.len()) as f64
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calm = self.calm as usize + self.false_alarms.len();
        write!(
            f,
            "{} urgent and {calm} calm messages: recall {:.3}, precision {:.3}",
            self.urgent(),
            self.recall(),
            self.precision()
        )
    }
}

#[test]
fn emergencies_are_found_and_little_else() {
    let whole = Score::of(|_| true);
    let (open, held) = (Score::of(|part| part == "open"), Score::of(|part| part == "held"));
    println!("all:  {whole}\nopen: {open}\nheld: {held}");
    assert!(whole.urgent() + whole.calm as usize >= 320 && held.urgent() >= 50);
    assert!(whole.recall() >= 0.98, "{whole}; missed: {:?}", whole.missed);
    assert!(whole.precision() >= 0.9, "{whole}; false alarms: {:?}", whole.false_alarms);
}

#[test]
fn a_judgement_says_which_words_and_why_not() {
    let verdict = judge("孩子在集上走丢了，快来！");
    assert_eq!(verdict.kind(), Some(EmergencyKind::Missing));
    assert!(verdict.words().contains(&"孩子…走丢".to_owned()), "{verdict:?}");
    for (text, off) in [
        ("没有打架", Off::Negated),
        ("着火了，已经扑灭", Off::Over),
        ("昨天有人打架", Off::Past),
        ("去年有人打架", Off::LongAgo),
        ("万一着火了呢", Off::Hypothetical),
        ("打架怎么处罚", Off::Procedure),
        ("明天演练持刀伤人", Off::Prevention),
        ("电视剧里有人持刀", Off::Fiction),
        ("孩子身份证丢了", Off::Document),
    ] {
        let verdict = judge(text);
        assert!(!verdict.is_urgent(), "{text}: {verdict:?}");
        assert_eq!(verdict.findings.first().and_then(|found| found.off), Some(off), "{text}");
    }
}

#[test]
fn what_happens_now_outweighs_what_was() {
    for text in ["昨天打过架，现在又打起来了", "别问材料了，我家着火了，快来"]
    {
        assert!(judge(text).is_urgent(), "{text}");
    }
}

#[test]
fn however_it_is_written_it_is_found() {
    for text in ["救　命", "救.命.啊", "救命命命命", "有人打駕", "著火了", "ＳＯＳ", "失 火 了🔥🔥"]
    {
        assert!(judge(text).is_urgent(), "{text}");
    }
}

#[test]
fn the_longest_message_is_judged_as_surely_as_a_short_one() {
    let quiet = "孩子上学要居住证明。".repeat(390);
    assert!(!judge(&quiet).is_urgent());
    assert!(judge(&format!("{quiet}救命")).is_urgent());
    for text in ["人".repeat(4000), "打人".repeat(2000), "孩子拿着刀".repeat(800), String::new()]
    {
        let _ = judge(&text);
    }
}
