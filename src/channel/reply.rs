//! What an Official Account answers at once, in the far side's own call (被动回复): a greeting for whoever begins to follow
//! it. Everything else is answered later.

use chrono::{DateTime, Utc};
use quick_xml::escape::partial_escape;

use super::xml::Fields;

/// What a new follower is greeted with.
const WELCOME: &str = "您好，这里是派出所“户户通”服务号。紧急情况请直接拨打110，本账号不接警。\
    您可以在这里咨询户口、身份证等业务，反映矛盾纠纷和线索，预约办理；民警看到后会回复您。\
    请勿发送身份证号码、银行卡号和验证码。";

/// The answer to what was delivered; nothing when there is nothing to say at once.
pub fn to(fields: &Fields, now: DateTime<Utc>) -> Option<String> {
    if fields.get("Event") != Some("subscribe") {
        return None;
    }
    let (follower, account) = (fields.get("FromUserName")?, fields.get("ToUserName")?);
    let [follower, account, text] = [follower, account, WELCOME].map(partial_escape);
    Some(format!(
        "<xml><ToUserName>{follower}</ToUserName><FromUserName>{account}</FromUserName>\
         <CreateTime>{}</CreateTime><MsgType>text</MsgType><Content>{text}</Content></xml>",
        now.timestamp()
    ))
}
