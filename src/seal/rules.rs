//! The rules of who sees a sealed inquiry. Naming and excluding are about a set, so that doing it twice is doing it
//! once; no version is wanted.

use entity::inquiry_reader::Reason;
use serde_json::json;
use uuid::Uuid;

use crate::access::Act;
use crate::db::Tx;
use crate::deadline;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::Kind;
use crate::inquiry::seal::{self, Named};
use crate::inquiry::{
    Change, Changed, Inquiry, area_of, handled, happened, let_go, locked, told, update,
};
use crate::officer::Officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// How many officers one inquiry can name.
const MOST: u64 = 20;

/// Lets an officer see a sealed inquiry.
pub async fn name(request: &Request, id: Uuid, officer_id: Uuid) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageSeal).await?;
    let inquiry = sealed(&tx, id).await?;
    let concerned = seal::concerned(&tx, &[id.into()]).await?.contains(&(id, officer_id));
    if concerned || !area_of(&tx, officer_id, now).await?.holds(&inquiry) {
        return Err(Error::user(
            UserErrorCode::NotFound,
            "officerId",
            "没有找到负责该村、且与此事无关的这位民警。",
            "No such officer looks after this village and is not concerned.",
        ));
    }
    if seal::count(&tx, id).await? >= MOST {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "officerId",
            "最多指定20人。",
            "At most 20 officers can be named.",
        ));
    }
    let by = Some(request.actor().id);
    let named = Named { inquiry_id: id, officer_id, reason: Reason::Named, by };
    seal::name(&tx, &[named], now).await?;
    let detail = json!({ "officer": officer_id, "sees": true });
    tx.record(happened(Kind::InquiryReadersChanged, &inquiry, now, detail));
    tx.commit().await?;
    Ok(inquiry)
}

/// Lets an officer see a sealed inquiry no longer.
pub async fn remove(request: &Request, id: Uuid, officer_id: Uuid) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageSeal).await?;
    let before = sealed(&tx, id).await?;
    let removed = seal::remove(&tx, id, officer_id).await?;
    expected(removed.then_some(()), "officerId")?;
    let after = without(request, &mut tx, before, officer_id, false).await?;
    let detail = json!({ "officer": officer_id, "sees": false });
    tx.record(happened(Kind::InquiryReadersChanged, &after, now, detail));
    tx.commit().await?;
    Ok(after)
}

/// Keeps an officer out whom an inquiry concerns. Who sees to it that this is done goes on seeing it.
pub async fn exclude(request: &Request, id: Uuid, officer_id: Uuid) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageSeal).await?;
    let before = locked(&tx, id).await?;
    let officer = record::one::<Officer>(&tx, &officer_id.into(), ()).await?;
    expected(officer, "officerId")?;
    let after = without(request, &mut tx, before, officer_id, true).await?;
    handled(&tx, std::iter::once(&after), now).await?;
    seal::exclude(&tx, id, officer_id, now).await?;
    let detail = json!({ "officer": officer_id, "sees": false });
    tx.record(happened(Kind::InquiryReadersChanged, &after, now, detail));
    tx.commit().await?;
    Ok(after)
}

/// Seals an inquiry when it is `to_be_sealed`, and takes it out of an officer's hands.
async fn without(
    request: &Request,
    tx: &mut Tx,
    before: Inquiry,
    officer_id: Uuid,
    to_be_sealed: bool,
) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let has = before.assignee_id == Some(officer_id);
    let seals = to_be_sealed && !before.sealed;
    let_go(tx, before.id.uuid(), officer_id).await?;
    if !has && !seals {
        return Ok(before);
    }
    let policy = deadline::policy(request.service()).await?;
    let change = Change {
        assignee_id: has.then_some(None),
        sealed: seals.then_some(true),
        ..Default::default()
    };
    let changed = Changed::by(change, &before, now, &policy);
    update(tx, &changed).await?;
    tx.record(told(&before, &changed.after, now));
    Ok(changed.after)
}

async fn sealed(tx: &Tx, id: Uuid) -> Result<Inquiry> {
    let inquiry = locked(tx, id).await?;
    if !inquiry.sealed {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "inquiryId",
            "该咨询不是密件，负责该村的民警都能查看。",
            "This inquiry is not sealed: every officer of its village sees it.",
        ));
    }
    Ok(inquiry)
}
