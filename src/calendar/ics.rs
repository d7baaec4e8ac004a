//! Reads holidays and days worked in exchange out of an iCalendar file (RFC 5545).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use icalendar::parser::unfold;
use icalendar::{Component, DatePerhapsTime, Event};

use super::{CalendarDay, CalendarDayKind};
use crate::error::{Error, Result, UserErrorCode};
use crate::scalar::Date;
use crate::text;

/// The largest file.
const MAX_BYTES: usize = 200 * 1024;
/// The most days of a file.
const MAX_DAYS: usize = 1000;
/// How deep components lie in one another: an alarm in an event in a calendar. The parser calls itself for each.
const MAX_DEPTH: usize = 3;
const MAX_NAME: usize = 40;
/// By this, Apple's calendars tell days off and days worked in exchange from other feasts.
const APPLE: &str = "X-APPLE-SPECIAL-DAY";

/// The days that a file names, earliest first.
pub fn read(ics: &str) -> Result<Vec<CalendarDay>> {
    if ics.len() > MAX_BYTES {
        return Err(Error::user(
            UserErrorCode::TooLong,
            "ics",
            "日历文件不能超过200 KiB。",
            "A calendar file must not be longer than 200 KiB.",
        ));
    }
    let text = unfold(ics.trim_start_matches('\u{feff}'));
    let event_count = check_components(&text)?;
    let calendar: icalendar::Calendar = text.parse().map_err(|_| no_calendar())?;
    let events: Vec<&Event> = calendar.events().collect();
    if events.len() != event_count {
        return Err(no_calendar());
    }
    let marked = events.iter().any(|event| event.properties().contains_key(APPLE));
    let mut days = BTreeMap::new();
    for (nth, event) in events.into_iter().enumerate() {
        if !marked || event.properties().contains_key(APPLE) {
            add(event, nth + 1, &mut days)?;
        }
    }
    if days.is_empty() {
        return Err(invalid("文件里没有全天的日程。", "The file has no whole-day events."));
    }
    Ok(days.into_values().collect())
}

/// Checks that components begin and end as they should, and counts the events among them.
fn check_components(text: &str) -> Result<usize> {
    let (mut depth, mut events) = (0_usize, 0);
    for line in text.lines() {
        let line = line.trim_end().to_ascii_uppercase();
        if line.starts_with("BEGIN:") {
            depth += 1;
            events += usize::from(line == "BEGIN:VEVENT");
        } else if line.starts_with("END:") {
            depth = depth.checked_sub(1).ok_or_else(no_calendar)?;
        }
        if depth > MAX_DEPTH {
            return Err(no_calendar());
        }
    }
    if depth > 0 { Err(no_calendar()) } else { Ok(events) }
}

/// Adds the days of an event, which is the `nth` of its file.
fn add(event: &Event, nth: usize, days: &mut BTreeMap<NaiveDate, CalendarDay>) -> Result<()> {
    let refused = |chinese: &str, english: &str| {
        invalid(format!("第{nth}个日程：{chinese}"), format!("Event {nth}: {english}"))
    };
    let repeats = ["RRULE", "RDATE", "DURATION"];
    if repeats.iter().any(|name| event.properties().contains_key(*name)) {
        return Err(refused(
            "不支持重复的日程和时长，请逐日写明起止日期。",
            "events that repeat or have a duration are not taken; give each its first and last day.",
        ));
    }
    let (Some(DatePerhapsTime::Date(start)), end) = (event.get_start(), event.get_end()) else {
        return Err(refused(
            "应为全天的日程（VALUE=DATE）。",
            "it must be a whole-day one (VALUE=DATE).",
        ));
    };
    let next = start.succ_opt().unwrap_or(start);
    let end = match end {
        Some(DatePerhapsTime::Date(end)) => end,
        None if !event.properties().contains_key("DTEND") => next,
        _ => {
            return Err(refused("结束日期（DTEND）应为日期。", "its end (DTEND) must be a day."));
        }
    };
    let possible = (2000..=2100).contains(&start.year()) && (2000..=2100).contains(&end.year());
    if end <= start || !possible {
        return Err(refused(
            "结束日期应晚于开始日期，年份在2000到2100之间。",
            "it must end after it begins, between the years 2000 and 2100.",
        ));
    }
    let summary = event.get_summary().unwrap_or_default();
    let name = text::required("ics", summary, MAX_NAME).map_err(|_| {
        refused(
            "应有不超过40个字符的标题（SUMMARY）。",
            "it needs a summary of at most 40 characters.",
        )
    })?;
    let kind = kind(event, &name);
    for day in start.iter_days().take_while(|day| *day < end) {
        let new = CalendarDay { day: Date(day), kind, name: name.clone() };
        if days.entry(day).or_insert(new).kind != kind {
            return Err(refused(
                "同一天不能既放假又上班。",
                "a day cannot be a holiday and worked at once.",
            ));
        }
        if days.len() > MAX_DAYS {
            return Err(Error::user(
                UserErrorCode::TooLong,
                "ics",
                format!("一个日历文件最多{MAX_DAYS}天。"),
                format!("A calendar file names at most {MAX_DAYS} days."),
            ));
        }
    }
    Ok(())
}

fn kind(event: &Event, name: &str) -> CalendarDayKind {
    let name = name.to_lowercase();
    // A workers' day is none.
    let worked = name.contains('班') || (name.contains("work") && !name.contains("worker"));
    match event.property_value(APPLE) {
        Some("ALTERNATE-WORKDAY") => CalendarDayKind::Workday,
        None if worked => CalendarDayKind::Workday,
        _ => CalendarDayKind::Holiday,
    }
}

fn no_calendar() -> Error {
    invalid(
        "不是日历文件（iCalendar，.ics），或不完整。",
        "This is no iCalendar file (.ics), or not a whole one.",
    )
}

fn invalid(
    chinese: impl Into<std::borrow::Cow<'static, str>>,
    english: impl Into<std::borrow::Cow<'static, str>>,
) -> Error {
    Error::user(UserErrorCode::Invalid, "ics", chinese, english)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(events: &[&str]) -> String {
        let events: String = events
            .iter()
            .map(|event| format!("BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n"))
            .collect();
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    fn days(events: &[&str]) -> Vec<String> {
        let days = read(&file(events)).unwrap();
        days.iter().map(|one| format!("{} {:?} {}", one.day.0, one.kind, one.name)).collect()
    }

    #[test]
    fn whole_day_events_are_days() {
        let found = days(&[
            "DTSTART;VALUE=DATE:20270215\r\nDTEND;VALUE=DATE:20270217\r\nSUMMARY:春节",
            "DTSTART;VALUE=DATE:20270220\r\nSUMMARY:春节 补\r\n 班",
            "DTSTART;VALUE=DATE:20270501\r\nSUMMARY:International Workers' Day",
            "DTSTART;VALUE=DATE:20270509\r\nSUMMARY:Make-up Work Day\\, May",
        ]);
        let expected = [
            "2027-02-15 Holiday 春节",
            "2027-02-16 Holiday 春节",
            "2027-02-20 Workday 春节 补班",
            "2027-05-01 Holiday International Workers' Day",
            "2027-05-09 Workday Make-up Work Day, May",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn in_apples_files_other_feasts_do_not_count() {
        let found = days(&[
            "DTSTART;VALUE=DATE:20270508\r\nSUMMARY:母亲节\r\nRRULE:FREQ=YEARLY",
            "DTSTART;VALUE=DATE:20270501\r\nSUMMARY:劳动节（休）\r\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY",
            "DTSTART;VALUE=DATE:20270509\r\nSUMMARY:劳动节（班）\r\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY",
        ]);
        assert_eq!(found, ["2027-05-01 Holiday 劳动节（休）", "2027-05-09 Workday 劳动节（班）"]);
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let event = |text: &str| file(&[text]);
        let whole = event("DTSTART;VALUE=DATE:20270215\r\nSUMMARY:a");
        for bad in [
            String::new(),
            "你好".to_owned(),
            "BEGIN:VCALENDAR".to_owned(),
            file(&[]),
            whole[..whole.len() - 20].to_owned(),
            format!("{whole}{}", event("DTSTART;VALUE=DATE:20270215\r\nSUMMARY:b")),
            "BEGIN:A\n".repeat(30_000),
            format!("{}{}", "BEGIN:A\n".repeat(10_000), "END:A\n".repeat(10_000)),
            "a".repeat(MAX_BYTES + 1),
            event("SUMMARY:a"),
            event("DTSTART;VALUE=DATE:20270215"),
            event("DTSTART:20270215T090000Z\r\nSUMMARY:a"),
            event("DTSTART;VALUE=DATE:20270215\r\nDTEND;VALUE=DATE:20270215\r\nSUMMARY:a"),
            event("DTSTART;VALUE=DATE:20270215\r\nDTEND:20270216T000000Z\r\nSUMMARY:a"),
            event("DTSTART;VALUE=DATE:20270215\r\nDTEND;VALUE=DATE:20370215\r\nSUMMARY:a"),
            event("DTSTART;VALUE=DATE:19990215\r\nSUMMARY:a"),
            event("DTSTART;VALUE=DATE:20270215\r\nSUMMARY:a\r\nRRULE:FREQ=DAILY"),
            event(&format!("DTSTART;VALUE=DATE:20270215\r\nSUMMARY:{}", "节".repeat(41))),
            file(&[
                "DTSTART;VALUE=DATE:20270215\r\nSUMMARY:节",
                "DTSTART;VALUE=DATE:20270215\r\nSUMMARY:班",
            ]),
        ] {
            let refused = read(&bad).expect_err(&bad.chars().take(200).collect::<String>());
            assert!(refused.is_at("ics"), "{refused:?}");
        }
    }
}
