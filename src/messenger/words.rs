//! What the service says of itself in WeChat. Every text says 110.

use entity::message_delivery::Automatic;

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
    }
}
