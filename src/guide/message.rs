//! A checklist as a message that can be sent to a household (一次性告知单).

use std::fmt::Write;

use super::content::{GuideChecklist, GuideContent, GuideFee, GuidePaper, GuidePaperForm};

/// The checklist in words.
pub fn of(content: &GuideContent, list: &GuideChecklist) -> String {
    let mut text = format!("【{}】{}\n", content.title, list.title);
    if list.papers.is_empty() {
        text.push_str("不需要带材料。\n");
    } else {
        numbered(&mut text, "请带：", list.papers.iter().map(paper));
    }
    numbered(&mut text, "办理：", list.steps.iter().cloned());
    match list.fees.as_slice() {
        [] => text.push_str("收费：不收费\n"),
        fees => line(&mut text, "收费", &fees.iter().map(fee).collect::<Vec<_>>().join("；")),
    }
    if let Some(duration) = &list.duration {
        line(&mut text, "时限", duration);
    }
    line(&mut text, "地点", &content.place);
    line(&mut text, "时间", &content.hours);
    if let Some(note) = &list.note {
        line(&mut text, "提示", note);
    }
    text.truncate(text.trim_end().len());
    text
}

fn numbered(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    text.push_str(heading);
    text.push('\n');
    for (number, line) in (1..).zip(lines) {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{number}. {line}");
    }
}

fn line(text: &mut String, heading: &str, line: &str) {
    let _ = writeln!(text, "{heading}：{line}");
}

fn paper(paper: &GuidePaper) -> String {
    let form = match paper.form {
        GuidePaperForm::Original => "原件",
        GuidePaperForm::Copy => "复印件",
        GuidePaperForm::OriginalAndCopy => "原件和复印件",
        GuidePaperForm::FilledInThere => "现场填写",
    };
    with_note(format!("{}（{form}）", paper.name), paper.note.as_deref())
}

fn fee(fee: &GuideFee) -> String {
    let (yuan, fen) = (fee.amount_fen / 100, fee.amount_fen % 100);
    let amount = if fen == 0 { format!("{yuan}元") } else { format!("{yuan}.{fen:02}元") };
    with_note(format!("{}{amount}", fee.name), fee.note.as_deref())
}

fn with_note(text: String, note: Option<&str>) -> String {
    match note {
        Some(note) => format!("{text}，{note}"),
        None => text,
    }
}
