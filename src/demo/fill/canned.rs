//! Canned replies of the whole county, as a county office would write them first.

use chrono::{DateTime, Utc};
use entity::inquiry::Category;
use entity::{canned_reply, canned_reply_version};

use super::{BEGAN, id_at};
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::store;

const REPLIES: [(Option<Category>, &str, &str); 5] = [
    (
        None,
        "已收到",
        "{contact}您好，我是{village}包村民警{officer}，您的消息已收到，我核实后尽快回复您。紧急情况请拨打110。",
    ),
    (
        None,
        "窗口时间",
        "{station}户籍窗口工作日办公，节假日以公示为准。来之前可以先在这里说一声，我帮您看材料。",
    ),
    (
        None,
        "请补充情况",
        "{contact}您好，请再说一下具体情况：什么时间、在哪里、现在是否还需要帮助。请不要发身份证号和照片。",
    ),
    (
        Some(Category::FraudAdvice),
        "先别转账",
        "{contact}您好，先不要转账、不要给验证码。拿不准请打96110；已经转了钱请马上打110，越快越好。",
    ),
    (
        Some(Category::Dispute),
        "约时间调解",
        "{contact}您好，您反映的事情只有办理的民警知道。您看哪天方便，我到{village}当面听您说。",
    ),
];

/// Adds the replies.
pub async fn fill(tx: &Tx, now: DateTime<Utc>) -> Result<(), DemoError> {
    let at = now - BEGAN;
    let (mut replies, mut versions) = (Vec::new(), Vec::new());
    for (category, title, text) in REPLIES {
        let (id, title, text) = (id_at(at), title.to_owned(), text.to_owned());
        versions.push(canned_reply_version::Model {
            id: id_at(at),
            canned_reply_id: id,
            number: 1,
            title: title.clone(),
            text: text.clone(),
            officer_id: None,
            written_at: at,
        });
        replies.push(canned_reply::Model {
            id,
            station_id: None,
            category,
            title,
            text,
            version: 1,
            created_at: at,
            updated_at: at,
            retired_at: None,
        });
    }
    store::add(tx, replies).await?;
    Ok(store::add(tx, versions).await?)
}
