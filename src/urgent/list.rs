//! The list of words, as `words.json` has it, put in a form in which a message is compared with all of it
//! at once.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::EmergencyKind;

/// The list that is compiled in.
pub static LIST: LazyLock<List> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a list that cannot be read is noticed by every test")]
    List::read(include_str!("words.json")).expect("words.json")
});

/// Why words of an emergency do not mean one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Off {
    /// It is said not to be so: 没有打架.
    Negated,
    /// It is over: 已经灭了.
    Over,
    /// It was days ago: 昨天.
    Past,
    /// It was long ago: 去年.
    LongAgo,
    /// It is only thought of: 万一.
    Hypothetical,
    /// It is asked what the rules are: 怎么处罚.
    Procedure,
    /// It is about learning and exercising: 演练.
    Prevention,
    /// It is a film, a game or hearsay: 电视剧.
    Fiction,
    /// A paper was lost, not a person: 身份证.
    Document,
    /// The words are no more than a hint, and nothing says that it happens now.
    NotPressing,
}

/// How far a word reaches that turns others off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reaches {
    /// Over its sentence.
    Sentence,
    /// Over its sentence and the ones beside it.
    Nearby,
    /// Over the whole message.
    Message,
}

#[derive(Deserialize)]
struct File {
    version: String,
    classes: HashMap<String, Vec<String>>,
    groups: HashMap<EmergencyKind, Vec<String>>,
    hints: HashMap<EmergencyKind, Vec<String>>,
    cues: Vec<String>,
    not_before: Vec<String>,
    now: Vec<String>,
    idioms: Vec<String>,
    off: Vec<OffWords>,
}

#[derive(Deserialize)]
struct OffWords {
    name: Off,
    scope: Reaches,
    #[serde(default)]
    only: Vec<EmergencyKind>,
    #[serde(default)]
    except: Vec<EmergencyKind>,
    #[serde(default)]
    unless: Vec<String>,
    words: Vec<String>,
}

/// What it means that a pattern is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// An emergency of this kind.
    Emergency(EmergencyKind),
    /// Perhaps an emergency of this kind, if something says that it happens now.
    Hint(EmergencyKind),
    /// It happens, or has just happened.
    Cue,
    /// What stands right behind it is not so.
    NotBefore,
    /// It happens now, whatever else is said.
    Now,
    /// It only sounds like other words within it.
    Idiom,
    /// The rule with this number turns words off.
    Off(usize),
    /// The rule with this number does not hold.
    Unless(usize),
}

/// Words one after the other, with a little between them.
pub struct Pattern {
    /// What it means.
    pub meaning: Meaning,
    /// For each part the needles that it may be.
    pub parts: Vec<Vec<usize>>,
}

/// A rule that turns words of an emergency off.
pub struct Rule {
    /// Why.
    pub name: Off,
    /// How far.
    pub reaches: Reaches,
    only: Vec<EmergencyKind>,
    except: Vec<EmergencyKind>,
}

impl Rule {
    /// Whether it holds for words of this kind.
    pub fn is_for(&self, kind: EmergencyKind) -> bool {
        !self.except.contains(&kind) && (self.only.is_empty() || self.only.contains(&kind))
    }
}

/// The list.
pub struct List {
    /// Which one it is.
    pub version: String,
    /// Finds all needles in one pass.
    pub automaton: AhoCorasick,
    /// The texts that are looked for.
    pub needles: Vec<String>,
    /// What they make up together.
    pub patterns: Vec<Pattern>,
    /// The patterns that start with each needle.
    pub starting: Vec<Vec<usize>>,
    /// What turns them off.
    pub rules: Vec<Rule>,
}

impl List {
    fn read(json: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut reading = Reading { classes: file.classes, ..Reading::default() };
        for (kind, words) in &file.groups {
            reading.add(words, Meaning::Emergency(*kind))?;
        }
        for (kind, words) in &file.hints {
            reading.add(words, Meaning::Hint(*kind))?;
        }
        reading.add(&file.cues, Meaning::Cue)?;
        reading.add(&file.not_before, Meaning::NotBefore)?;
        reading.add(&file.now, Meaning::Now)?;
        reading.add(&file.idioms, Meaning::Idiom)?;
        let mut rules = Vec::new();
        for off in file.off {
            reading.add(&off.words, Meaning::Off(rules.len()))?;
            reading.add(&off.unless, Meaning::Unless(rules.len()))?;
            let OffWords { name, scope: reaches, only, except, .. } = off;
            rules.push(Rule { name, reaches, only, except });
        }
        let Reading { needles, patterns, .. } = reading;
        let mut starting = vec![Vec::new(); needles.len()];
        for (number, pattern) in patterns.iter().enumerate() {
            for needle in pattern.parts.first().into_iter().flatten() {
                starting[*needle].push(number);
            }
        }
        let automaton = AhoCorasick::new(&needles).map_err(|error| error.to_string())?;
        Ok(Self { version: file.version, automaton, needles, patterns, starting, rules })
    }
}

#[derive(Default)]
struct Reading {
    classes: HashMap<String, Vec<String>>,
    numbers: HashMap<String, usize>,
    needles: Vec<String>,
    patterns: Vec<Pattern>,
}

impl Reading {
    fn add(&mut self, words: &[String], meaning: Meaning) -> Result<(), String> {
        for word in words {
            let parts = word.split('…').map(|part| self.part(part)).collect::<Result<_, _>>()?;
            self.patterns.push(Pattern { meaning, parts });
        }
        Ok(())
    }

    fn part(&mut self, part: &str) -> Result<Vec<usize>, String> {
        let class = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let words = match class {
            Some(name) => self.classes.get(name).cloned().ok_or(format!("no class {name}"))?,
            None => vec![part.to_owned()],
        };
        if words.iter().any(String::is_empty) {
            return Err(format!("an empty word in {part}"));
        }
        Ok(words.into_iter().map(|word| self.needle(word)).collect())
    }

    fn needle(&mut self, word: String) -> usize {
        *self.numbers.entry(word.clone()).or_insert_with(|| {
            self.needles.push(word);
            self.needles.len() - 1
        })
    }
}
