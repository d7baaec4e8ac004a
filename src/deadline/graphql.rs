//! Deadlines as the contract shows them.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use entity::deadline_target::Hours;

use super::rules;
use super::stopwatch::{Due, Stopwatch, Stretch};
use super::targets::Targets;
use crate::category::{InquiryCategory, InquiryPriority};
use crate::error::{Language, Result, Text};
use crate::payload;
use crate::request::Request;

/// Which hours count towards a deadline.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::deadline_target::Hours")]
pub enum DeadlineHours {
    /// 工作时间: those of the working calendar (`calendar`).
    Working,
    /// 全天: all of them, day and night.
    RoundTheClock,
}

/// How a deadline stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeadlineState {
    /// 计时中: the clock runs, and there is time left.
    Running,
    /// 已超时: the clock runs, and no time is left.
    Overdue,
    /// 已暂停: the household is waited for, and the clock stands still.
    Paused,
    /// 按时办结: answered and resolved in time.
    Met,
    /// 超时办结: resolved, but answered or resolved late.
    Missed,
}

/// What is due.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeadlineKind {
    /// 首次答复: the first answer to the household.
    FirstReply,
    /// 办结: the resolution.
    Resolution,
}

/// By when an inquiry is to be answered and resolved (时限), and why just then.
#[derive(SimpleObject, Clone, Debug)]
pub struct Deadline {
    /// When the next of the two runs out; null while the clock stands still.
    pub due_at: Option<DateTime<Utc>>,
    /// Which of the two that is; null while the clock stands still.
    pub kind: Option<DeadlineKind>,
    /// How it stands at this moment.
    pub state: DeadlineState,
    /// By when it had to be answered.
    pub first_reply_due_at: DateTime<Utc>,
    /// When it was first answered; null while nobody has.
    pub first_replied_at: Option<DateTime<Utc>>,
    /// By when it has to be resolved; null while the clock stands still.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// Minutes that are given for the first answer.
    pub first_reply_minutes: i32,
    /// Minutes that are given for the resolution.
    pub resolution_minutes: i32,
    /// Which hours count.
    pub hours: DeadlineHours,
    /// When the clock ran and when it stood still, in the order of time: at most the last 50 stretches.
    pub reasons: Vec<DeadlineReason>,
}

/// A time in which the clock of a deadline ran or stood still.
#[derive(SimpleObject, Clone, Debug)]
pub struct DeadlineReason {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; null while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Whether the clock stood still, as the household was waited for or the inquiry was resolved.
    pub paused: bool,
    /// How much of it counts, in seconds; null while it lasts.
    pub counted_seconds: Option<i64>,
    /// The `version` of the working calendar that it was counted by; null round the clock.
    pub calendar_version: Option<i32>,
    /// All of that in a sentence, in the language of `Accept-Language`.
    pub text: String,
}

/// How soon inquiries of a category and a priority are to be answered and resolved (时限标准).
#[derive(SimpleObject, InputObject, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "SetDeadlineTargetInput")]
pub struct DeadlineTarget {
    /// What they are about.
    pub category: InquiryCategory,
    /// How much they press.
    pub priority: InquiryPriority,
    /// Minutes from the opening to the first answer, from 1 to 144,000.
    pub first_reply_minutes: i32,
    /// Minutes from the opening to the resolution, not counting those in which the household is waited for; from 1
    /// to 144,000.
    pub resolution_minutes: i32,
    /// When a deadline runs out, the station's chief is told; after so many more minutes the county is. From 1 to
    /// 144,000.
    pub escalation_minutes: i32,
    /// Which hours count.
    pub hours: DeadlineHours,
}

impl DeadlineTarget {
    pub(super) fn of(
        category: InquiryCategory,
        priority: InquiryPriority,
        targets: Targets,
    ) -> Self {
        Self {
            category,
            priority,
            first_reply_minutes: targets.first_reply_minutes,
            resolution_minutes: targets.resolution_minutes,
            escalation_minutes: targets.escalation_minutes,
            hours: targets.hours.into(),
        }
    }
}

impl Deadline {
    /// How a clock stands at this moment.
    pub fn of(clock: &Stopwatch, now: DateTime<Utc>, language: Language) -> Self {
        let due = clock.due();
        let state = match due {
            Some(due) if due.at() < now => DeadlineState::Overdue,
            Some(_) => DeadlineState::Running,
            None if clock.resolved_at.is_none() => DeadlineState::Paused,
            None if clock.met() => DeadlineState::Met,
            None => DeadlineState::Missed,
        };
        let reason = |stretch| DeadlineReason::of(stretch, clock.targets.hours, language);
        Self {
            due_at: due.map(Due::at),
            kind: due.map(|due| match due {
                Due::FirstReply(_) => DeadlineKind::FirstReply,
                Due::Resolution(_) => DeadlineKind::Resolution,
            }),
            state,
            first_reply_due_at: clock.first_reply_due_at,
            first_replied_at: clock.first_replied_at,
            resolution_due_at: clock.resolution_due_at,
            first_reply_minutes: clock.targets.first_reply_minutes,
            resolution_minutes: clock.targets.resolution_minutes,
            hours: clock.targets.hours.into(),
            reasons: clock.stretches.iter().map(reason).collect(),
        }
    }
}

impl DeadlineReason {
    fn of(stretch: &Stretch, hours: Hours, language: Language) -> Self {
        let counted_seconds = stretch.to.map(|_| stretch.counted);
        let text = match (stretch.paused, stretch.to, stretch.calendar) {
            (true, None, _) => Text::new(
                "等待居民或已办结，暂停计时。",
                "The household is waited for, or it is resolved: the clock stands still.",
            ),
            (true, Some(_), _) => Text::new(
                "曾等待居民或已办结，这段时间不计。",
                "The household was waited for, or it was resolved: this time does not count.",
            ),
            (false, None, Some(version)) => Text::new(
                format!("按工作时间计时（工作日历第{version}版）。"),
                format!("The clock runs in working hours (version {version} of the calendar)."),
            ),
            (false, None, None) => Text::new("全天计时。", "The clock runs day and night."),
            (false, Some(_), version) => {
                let (chinese, english) = length(stretch.counted);
                match version.filter(|_| hours == Hours::Working) {
                    Some(version) => Text::new(
                        format!("计工作时间{chinese}（工作日历第{version}版）。"),
                        format!(
                            "{english} of working hours count (version {version} of the calendar)."
                        ),
                    ),
                    None => Text::new(format!("计时{chinese}。"), format!("{english} count.")),
                }
            }
        };
        Self {
            from: stretch.from,
            to: stretch.to,
            paused: stretch.paused,
            counted_seconds,
            calendar_version: stretch.calendar,
            text: text.say(language).to_owned(),
        }
    }
}

fn length(seconds: i64) -> (String, String) {
    let time = TimeDelta::seconds(seconds);
    let (hours, minutes) = (time.num_hours(), time.num_minutes() % 60);
    (format!("{hours}小时{minutes}分"), format!("{hours} h {minutes} min"))
}

payload! {
    /// The answer of `setDeadlineTarget`.
    SetDeadlineTargetPayload {
        /// What holds from now on.
        deadline_target: DeadlineTarget
    }
}

/// How deadlines are looked up.
#[derive(Default)]
pub struct DeadlineQuery;

#[Object]
impl DeadlineQuery {
    /// How soon inquiries are to be answered and resolved, for every category and priority.
    async fn deadline_targets(&self, context: &Context<'_>) -> Result<Vec<DeadlineTarget>> {
        rules::targets(Request::of(context)?).await
    }
}

/// How deadlines are decided.
#[derive(Default)]
pub struct DeadlineMutation;

#[Object]
impl DeadlineMutation {
    /// Decides how soon inquiries of a category and a priority are to be answered and resolved. It holds for
    /// inquiries that are opened, or sorted anew, from now on.
    async fn set_deadline_target(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: DeadlineTarget,
    ) -> Result<SetDeadlineTargetPayload> {
        let set = rules::set(Request::of(context)?, input).await;
        SetDeadlineTargetPayload::of(context, set)
    }
}
