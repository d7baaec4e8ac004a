//! Inquiries of the last 180 days: which household asked what, when, who answered after how long,
//! and how far it has come. More of them lie close to today, most are asked between 8 and 21
//! o'clock, officers answer in working hours, and nothing happens after `now`.

use chrono::{Datelike, NaiveDateTime, Weekday};

use super::random::Random;
use super::talks::{Category, Speaker, Talk, Turn, talks};
use super::timing::{DAY, minutes, opening, schedule};

const SPREAD: u32 = 180 * DAY;

/// A household that may ask: what the conversation needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The caller's number for the household, given back unchanged.
    pub household_index: usize,
    /// 刘河村3组-王建国
    pub label: String,
    /// 刘河村
    pub village: String,
    /// 王建国
    pub contact: String,
}

/// One line of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUpTurn {
    /// Who wrote it.
    pub from: Speaker,
    /// What it says.
    pub text: String,
    /// Minutes after the inquiry was opened; never falls.
    pub minutes_after_opening: u32,
}

/// One inquiry. It is resolved, or waits for the resident, or else for an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUpInquiry {
    /// Who asked.
    pub household_index: usize,
    /// What it is about.
    pub category: Category,
    /// A title of at most 40 characters.
    pub subject: String,
    /// How long before `now` it was opened.
    pub opened_minutes_ago: u32,
    /// The lines, a resident's first.
    pub turns: Vec<MadeUpTurn>,
    /// The matter is settled.
    pub resolved: bool,
    /// An officer asked something back and has no answer yet.
    pub waiting_for_resident: bool,
}

/// `count` inquiries of these households (none when there is no household), in no order. `now` is
/// local time (Asia/Shanghai): it decides what "between 8 and 21 o'clock" means.
///
/// # Errors
/// When a table built into the program is not what `talks` expects.
pub fn inquiries(
    seed: u64,
    now: NaiveDateTime,
    askers: &[Asker],
    count: usize,
) -> Result<impl Iterator<Item = MadeUpInquiry> + use<'_>, serde_json::Error> {
    let talks = talks()?;
    let all = (0..).take(count).filter_map(move |nth| {
        // Apart from the streams the households of the same seed use.
        let mut random = Random::of(seed, &[0x7A1C, nth]);
        let asker = random.pick(askers)?;
        inquiry(&mut random, &talks, now, asker)
    });
    Ok(all)
}

/// How far an inquiry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    WaitingForResident,
    Resolved,
}

impl State {
    /// The older, the more likely settled; what is old and unsettled mostly waits for the resident.
    fn after(random: &mut Random, minutes: u32) -> Self {
        let (resolved, waiting) = match minutes / DAY {
            0 => (35, 25),
            1..3 => (55, 45),
            3..7 => (66, 70),
            7..30 => (74, 88),
            _ => (83, 94),
        };
        match (random.chance(resolved), random.chance(waiting)) {
            (true, _) => Self::Resolved,
            (false, true) => Self::WaitingForResident,
            (false, false) => Self::Open,
        }
    }
}

/// Draws until a conversation fits between its opening and `now`; an unanswered question always does.
fn inquiry(
    random: &mut Random,
    talks: &[Talk],
    now: NaiveDateTime,
    asker: &Asker,
) -> Option<MadeUpInquiry> {
    let age = (0..3).map(|_| random.below(SPREAD)).min()?;
    let wanted = State::after(random, age);
    (0..8).find_map(|attempt| {
        let state = if attempt < 5 { wanted } else { State::Open };
        let talk = choose(random, talks, state)?;
        let opened = opening(random, now, age, talk.at_night());
        let opened_minutes_ago = u32::try_from((now - opened).num_minutes()).unwrap_or_default();
        let times = schedule(random, opened, talk);
        let mut possible = lengths(talk, state);
        possible.retain(|n| times.get(n - 1).is_some_and(|last| *last <= opened_minutes_ago));
        let length = *random.pick(&possible)?;
        let spoken = opened + minutes(last_mention_of_a_date(talk, &times));
        let words = words(random, spoken, asker);
        let turns = talk.turns.iter().zip(times).take(length);
        Some(MadeUpInquiry {
            household_index: asker.household_index,
            category: talk.category,
            subject: talk.subject.clone(),
            opened_minutes_ago,
            turns: turns.map(|(turn, at)| say(turn, at, &words)).collect(),
            resolved: state == State::Resolved,
            waiting_for_resident: state == State::WaitingForResident,
        })
    })
}

/// A conversation that can stand in this state, its category drawn by frequency.
fn choose<'a>(random: &mut Random, talks: &'a [Talk], state: State) -> Option<&'a Talk> {
    let category = *random.weighted(&Category::BY_FREQUENCY)?;
    let of_it = talks.iter().filter(|talk| talk.category == category);
    let fitting: Vec<&Talk> = of_it.filter(|talk| !lengths(talk, state).is_empty()).collect();
    random.pick(&fitting).copied()
}

/// After how many lines the conversation can stand in this state.
fn lengths(talk: &Talk, state: State) -> Vec<usize> {
    let all = talk.turns.len();
    if state == State::Resolved {
        return if talk.resolved { vec![all] } else { Vec::new() };
    }
    if talk.urgent {
        return Vec::new();
    }
    let goes_on = |at: usize, with: Speaker| {
        let rest = talk.turns.get(at..).unwrap_or_default();
        rest.iter().any(|turn| turn.from == with) || (at == all && !talk.resolved)
    };
    let stands = |(at, turn): (usize, &Turn)| {
        let here = match state {
            State::Open => turn.from == Speaker::Resident && goes_on(at, Speaker::Officer),
            _ => turn.from == Speaker::Officer && turn.asks && goes_on(at, Speaker::Resident),
        };
        here.then_some(at)
    };
    (1..).zip(&talk.turns).filter_map(stands).collect()
}

/// When a date is named for the last time: the date has to lie after it.
fn last_mention_of_a_date(talk: &Talk, times: &[u32]) -> u32 {
    let lines = talk.turns.iter().zip(times);
    let with_date = lines.filter(|(turn, _)| turn.text.contains("{date}"));
    with_date.map(|(_, at)| *at).next_back().unwrap_or_default()
}

/// What the open places of a template stand for in one conversation; its date is the day of a
/// visit, a working day after everybody has `spoken` of it.
fn words(random: &mut Random, spoken: NaiveDateTime, asker: &Asker) -> [(&'static str, String); 5] {
    const TIMES: [&str; 5] = ["上午9点", "上午10点", "上午11点", "下午3点", "下午4点"];
    let mut day = spoken.date() + minutes(random.between(1, 5) * DAY);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day += minutes(DAY);
    }
    let weekday = ["一", "二", "三", "四", "五", "六", "日"]
        .get(day.weekday().num_days_from_monday() as usize)
        .copied()
        .unwrap_or_default();
    [
        ("{name}", asker.contact.clone()),
        ("{village}", asker.village.clone()),
        ("{label}", asker.label.clone()),
        ("{date}", format!("{}月{}日（周{weekday}）", day.month(), day.day())),
        ("{time}", random.pick(&TIMES).copied().unwrap_or_default().to_owned()),
    ]
}

fn say(turn: &Turn, minutes_after_opening: u32, words: &[(&str, String)]) -> MadeUpTurn {
    let text = words.iter().fold(turn.text.clone(), |text, (open, word)| text.replace(open, word));
    MadeUpTurn { from: turn.from, text, minutes_after_opening }
}
