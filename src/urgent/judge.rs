//! Whether a message tells of an emergency, and why.

use super::EmergencyKind;
use super::list::{LIST, List, Meaning, Off, Pattern, Reaches};
use super::plain::Plain;

/// How many characters may stand between the parts of a pattern.
const GAP: usize = 10;
/// How many characters may stand between a negation and what it denies.
const NEGATION_GAP: usize = 2;

/// What was found in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of emergency the words are about.
    pub kind: EmergencyKind,
    /// The words, with … for what stands between them.
    pub words: String,
    /// Why they do not mean one here; nothing when they do.
    pub off: Option<Off>,
}

/// What to think of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Every word of an emergency that was found, in the order of the message.
    pub findings: Vec<Finding>,
    /// The version of the list of words.
    pub list_version: &'static str,
}

impl Verdict {
    /// Whether it tells of an emergency.
    pub fn is_urgent(&self) -> bool {
        self.meant().next().is_some()
    }

    /// What kind of emergency it tells of: the first that says more than that there is one.
    pub fn kind(&self) -> Option<EmergencyKind> {
        let mut kinds = self.meant().map(|finding| finding.kind);
        let first = kinds.next()?;
        if first != EmergencyKind::CallForHelp {
            return Some(first);
        }
        Some(kinds.find(|kind| *kind != EmergencyKind::CallForHelp).unwrap_or(first))
    }

    /// The words that tell of it, each once.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for finding in self.meant() {
            if !words.contains(&finding.words) {
                words.push(finding.words.clone());
            }
        }
        words
    }

    fn meant(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.off.is_none())
    }
}

/// Judges a message by the list that is compiled in. The same message is always judged the same.
pub fn judge(message: &str) -> Verdict {
    let list: &'static List = &LIST;
    let plain = Plain::of(message);
    let found = Found::new(list, &plain);
    let findings = found
        .spans
        .iter()
        .filter_map(|span| match span.meaning {
            Meaning::Emergency(kind) => {
                let off = found.off(span, kind);
                Some(Finding { kind, words: span.words.clone(), off })
            }
            Meaning::Hint(kind) => {
                let off = found.off(span, kind);
                let off = off.or((!found.is_pressing(span)).then_some(Off::NotPressing));
                Some(Finding { kind, words: span.words.clone(), off })
            }
            _ => None,
        })
        .collect();
    Verdict { findings, list_version: &list.version }
}

/// A needle in the message: its number, and the characters from and before which it stands.
#[derive(Clone, Copy)]
struct Hit {
    needle: usize,
    start: usize,
    end: usize,
}

/// A pattern in the message.
struct Span {
    meaning: Meaning,
    words: String,
    /// Where its parts start.
    parts: Vec<usize>,
    end: usize,
}

struct Found<'a> {
    list: &'static List,
    plain: &'a Plain,
    spans: Vec<Span>,
}

impl<'a> Found<'a> {
    fn new(list: &'static List, plain: &'a Plain) -> Self {
        let hits = hits(list, plain);
        let mut found = Self { list, plain, spans: Vec::new() };
        for (place, hit) in hits.iter().enumerate() {
            for pattern in &list.starting[hit.needle] {
                let pattern = &list.patterns[*pattern];
                found.spans.extend(found.whole(pattern, *hit, &hits[place..]));
            }
        }
        found
    }

    /// The pattern that starts with `first`, if its other parts follow.
    fn whole(&self, pattern: &Pattern, first: Hit, hits: &[Hit]) -> Option<Span> {
        let mut words = self.list.needles[first.needle].clone();
        let (mut parts, mut end) = (vec![first.start], first.end);
        let sentence = self.plain.places[first.start].sentence;
        for part in pattern.parts.iter().skip(1) {
            let near = hits.iter().skip_while(|hit| hit.start < end).take_while(|hit| {
                hit.start <= end + GAP && self.plain.places[hit.start].sentence == sentence
            });
            let next = near.into_iter().find(|hit| part.contains(&hit.needle))?;
            words.push('…');
            words.push_str(&self.list.needles[next.needle]);
            parts.push(next.start);
            end = next.end;
        }
        Some(Span { meaning: pattern.meaning, words, parts, end })
    }

    /// Why words of an emergency do not mean one.
    fn off(&self, words: &Span, kind: EmergencyKind) -> Option<Off> {
        let clause = |place: usize| self.plain.places[place].clause;
        let denies = |span: &Span| {
            span.meaning == Meaning::NotBefore
                && words.parts.iter().any(|start| {
                    span.end <= *start
                        && start - span.end <= NEGATION_GAP
                        && clause(span.parts[0]) == clause(*start)
                })
        };
        if self.spans.iter().any(denies) {
            return Some(Off::Negated);
        }
        if self.says(Meaning::Now) {
            return None;
        }
        let sentence = |place: usize| self.plain.places[place].sentence;
        let turns_off = |span: &Span| {
            let Meaning::Off(number) = span.meaning else { return None };
            let rule = &self.list.rules[number];
            let away = sentence(span.parts[0]).abs_diff(sentence(words.parts[0]));
            let reached = match rule.reaches {
                Reaches::Sentence => away == 0,
                Reaches::Nearby => away <= 1,
                Reaches::Message => true,
            };
            (reached && rule.is_for(kind) && !self.says(Meaning::Unless(number)))
                .then_some(rule.name)
        };
        self.spans.iter().find_map(turns_off)
    }

    /// Whether a hint is to be taken seriously: it happens now, or something else hints at the same.
    fn is_pressing(&self, hint: &Span) -> bool {
        let apart = |other: &Span| other.end <= hint.parts[0] || hint.end <= other.parts[0];
        self.says(Meaning::Now)
            || self.says(Meaning::Cue)
            || self.spans.iter().any(|other| other.meaning == hint.meaning && apart(other))
    }

    fn says(&self, meaning: Meaning) -> bool {
        self.spans.iter().any(|span| span.meaning == meaning)
    }
}

/// Every needle in the message, in order, but for those that are only part of an idiom.
fn hits(list: &List, plain: &Plain) -> Vec<Hit> {
    let all = list.automaton.find_overlapping_iter(&plain.text).map(|found| Hit {
        needle: found.pattern().as_usize(),
        start: plain.at(found.start()),
        end: plain.at(found.end()),
    });
    let all: Vec<Hit> = all.filter(|hit| is_one_word(plain, hit)).collect();
    let is_idiom = |hit: &Hit| {
        let starting = &list.starting[hit.needle];
        starting.iter().any(|number| list.patterns[*number].meaning == Meaning::Idiom)
    };
    let idioms: Vec<Hit> = all.iter().copied().filter(is_idiom).collect();
    let within = |hit: &Hit| {
        idioms
            .iter()
            .any(|one| one.needle != hit.needle && one.start <= hit.start && hit.end <= one.end)
    };
    let mut hits: Vec<Hit> = all.into_iter().filter(|hit| !within(hit)).collect();
    hits.sort_by_key(|hit| (hit.start, hit.end));
    hits
}

/// A word lies in one clause, unless it is spelled out: 救，命。
fn is_one_word(plain: &Plain, hit: &Hit) -> bool {
    let clauses: Vec<usize> =
        plain.places[hit.start..hit.end].iter().map(|place| place.clause).collect();
    clauses.first() == clauses.last() || clauses.windows(2).all(|pair| pair[0] != pair[1])
}
