//! What the service says of itself in WeChat. Every text says 110.

use chrono::{DateTime, Utc};
use entity::message_delivery::Automatic;

use super::store::Answering;
use crate::clock::CHINA;
use crate::error::Language;
use crate::urgent;

/// What is said.
pub fn say(automatic: Automatic) -> &'static str {
    match automatic {
        Automatic::Welcome => {
            "您好，这里是派出所“户户通”。紧急情况请直接拨打110，本账号不接警。\
             您可以在这里咨询户口、身份证等业务，反映矛盾纠纷和线索，预约办理；民警看到后会回复您。\
             请勿发送身份证号码、银行卡号和验证码。\
             您发来的内容仅用于答复和办理您的事项，您可以随时要求查看、更正、删除，或不再使用。"
        }
        Automatic::WhichHousehold => {
            "【自动回复】消息已收到。请告诉我们您是哪个村、几组、哪一户（户主姓名），民警核实后会回复您。\
             紧急情况请直接拨打110，本账号不接警。"
        }
        Automatic::Emergency => urgent::advice(Language::Chinese),
        Automatic::Verification => UNVERIFIED,
        Automatic::Menu => {
            "【自动回复】请选择要办的事项，马上告诉您要带的材料和办理步骤。紧急情况请直接拨打110，本账号不接警。"
        }
        Automatic::Guide => GUIDE_GONE,
    }
}

/// What stands below the menu of guides.
pub const BELOW_MENU: &str =
    "点选事项即可查看材料清单；也可以直接发送您的问题。发送“菜单”可再次查看。";
/// What stands below a question of a guide.
pub const BELOW_QUESTION: &str =
    "请点选符合您情况的一项；拿不准时直接发送您的问题，由民警答复。紧急情况请直接拨打110。";

const GUIDE_GONE: &str = "【自动回复】该事项的办事指南正在更新。请直接发送您的问题，由民警答复；发送“菜单”可查看现有事项。\
    紧急情况请直接拨打110，本账号不接警。";

/// Whether a text asks for the menu of guides.
pub fn asks_for_menu(text: &str) -> bool {
    matches!(text.trim(), "菜单" | "办事菜单" | "办事指南")
}

const UNVERIFIED: &str = "【自动回复】请向您所在地的派出所核实本账号，号码以派出所公示的为准。\
    民警不会在微信中索要密码、验证码，不会要求转账。紧急情况请直接拨打110。";

/// Whether a text asks whether this account and its officers are real.
pub fn asks_for_verification(text: &str) -> bool {
    matches!(text.trim(), "验证" | "核验" | "验证民警" | "验证身份" | "是真的吗" | "是真的吗？")
}

/// Who answers here, and where one can ask whether that is so: by a number that is known otherwise. A code would prove
/// nothing, since whoever pretends can pass it on.
pub fn verification(answering: Option<Answering>) -> String {
    let Some(Answering { station, phone, officer }) = answering else {
        return UNVERIFIED.to_owned();
    };
    let officer = officer.map_or(String::new(), |name| format!("负责您所在村的是{name}。"));
    let phone = phone.map_or(String::new(), |phone| format!("电话{phone}，"));
    format!(
        "【自动回复】这里是{station}的“户户通”账号。{officer}请到派出所或拨打派出所电话核实（{phone}以派出所公示的为准），\
         不要只凭微信相信。民警不会在微信中索要密码、验证码，不会要求转账。紧急情况请直接拨打110。"
    )
}

/// That nobody is at work before a moment.
pub fn closed(opens: DateTime<Utc>) -> String {
    let opens = hour(opens);
    format!(
        "【自动回复】消息已收到。现在是下班时间，民警将在{opens}上班后回复您。紧急情况请直接拨打110，本账号不接警。"
    )
}

/// That only who is on duty is at work before a moment.
pub fn on_duty(opens: DateTime<Utc>) -> String {
    let opens = hour(opens);
    format!(
        "【自动回复】消息已收到。现在是下班时间，由值班民警查看；不能马上答复的，民警将在{opens}上班后回复您。\
         紧急情况请直接拨打110，本账号不接警。"
    )
}

fn hour(at: DateTime<Utc>) -> impl std::fmt::Display {
    (at + CHINA).format("%-m月%-d日%H:%M")
}
