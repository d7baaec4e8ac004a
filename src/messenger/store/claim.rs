//! What is sent next, and all that is needed for it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::{Automatic, Column as C, Entity, Model};
use entity::{channel, channel_customer, contact, message};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::delivery::{LEASE, ripe};
use crate::attachment;
use crate::channel as channels;
use crate::clock::day;
use crate::db::{Tx, area::column};
use crate::error::{Error, Result};
use crate::guide;
use crate::household::WECHAT;
use crate::messenger::menu::{self, Said};
use crate::messenger::words;
use crate::wecom::{Account, MOST_CHOICES};

/// Something that is one's own to send.
pub struct Claim {
    /// The delivery.
    pub row: Model,
    channel: channel::Model,
    account: Account,
}

/// The same, with all that is needed for it.
pub struct Loaded {
    /// The delivery.
    pub row: Model,
    /// To whom.
    pub customer: channel_customer::Model,
    /// The far side's name for them.
    pub external_id: String,
    /// Whether they may be written to: a contact who consents and is still known by that name, or somebody who is no
    /// contact yet.
    pub consents: bool,
    /// What is said.
    pub said: Option<Said>,
    /// The files that come with it.
    pub files: Vec<Uuid>,
    /// How to sign in.
    pub account: Account,
    /// The account's name at the far side; an Official Account is alone there and needs none.
    pub open_kfid: Option<String>,
    /// How much may be sent after one message of theirs, and for how long.
    pub window: (i32, TimeDelta),
}

/// What has waited longest in a channel, behind nothing else to the same customer; nothing when as much was sent in the
/// last minute as may be. Lanes claim one after the other, so that each counts what the others took.
pub async fn claim(tx: &Tx, channel_id: Uuid, now: DateTime<Utc>) -> Result<Option<Claim>> {
    let Some((channel, account)) = channels::alone(tx, channel_id).await? else { return Ok(None) };
    if channel.open_kfid.is_none() && channel.kind != channel::Kind::OfficialAccount {
        return Ok(None);
    }
    if tried_since(tx, channel_id, now - TimeDelta::minutes(1)).await?
        >= i64::from(channel.per_minute)
    {
        return Ok(None);
    }
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "earlier")
        .and_where(
            column(("earlier", "customer_id")).eq(column(("message_delivery", "customer_id"))),
        )
        .and_where(Expr::cust("earlier.state = 'QUEUED'"))
        .and_where(column(("earlier", "sequence")).lt(column(("message_delivery", "sequence"))))
        .take();
    let row = Entity::find()
        .filter(ripe(now))
        .filter(C::ChannelId.eq(channel_id))
        .filter(Expr::exists(earlier).not())
        .order_by_asc(C::NextTryAt)
        .order_by_asc(C::Sequence)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .col_expr(C::TriedAt, Expr::val(now))
        .filter(C::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(Some(Claim { row, channel, account }))
}

/// Reads what is needed to send something. Other lanes claim meanwhile.
pub async fn load(tx: &Tx, claim: Claim, now: DateTime<Utc>) -> Result<Loaded> {
    let Claim { row, channel, account } = claim;
    let gone = || Error::internal("a delivery has nobody to go to");
    let customer = channel_customer::Entity::find_by_id(row.customer_id).one(tx).await?;
    let customer = customer.ok_or_else(gone)?;
    let consents = match customer.contact_id {
        Some(id) => {
            let contact = contact::Entity::find_by_id(id).one(tx).await?;
            let consenting = contact.filter(|contact| contact.consent_id.is_some());
            match consenting.and_then(|contact| contact.wechat_id) {
                Some(known) => super::customer::same(tx.keyring(), &known, &customer.external_id)?,
                None => false,
            }
        }
        None => !customer.external_id.is_empty(),
    };
    let said = said(tx, &row, &customer, now).await?;
    let files = match row.message_id {
        Some(id) => attachment::of_messages(tx, &[id]).await?.remove(&id).unwrap_or_default(),
        None => Vec::new(),
    };
    // Of whom has been forgotten no name is left.
    let external_id = match consents {
        true => {
            let opened = tx.keyring().open_text(WECHAT, &customer.external_id);
            opened.map_err(Error::internal)?
        }
        false => String::new(),
    };
    Ok(Loaded {
        external_id,
        row,
        customer,
        consents,
        said,
        files,
        account,
        open_kfid: channel.open_kfid,
        window: (channel.window_messages, TimeDelta::hours(channel.window_hours.into())),
    })
}

/// What is said: a message, or something of the service's own as it is at this moment.
async fn said(
    tx: &Tx,
    row: &Model,
    customer: &channel_customer::Model,
    now: DateTime<Utc>,
) -> Result<Option<Said>> {
    let automatic = match (row.message_id, row.automatic) {
        (Some(id), _) => {
            let message = message::Entity::find_by_id(id).one(tx).await?;
            return Ok(message.map(|message| Said::Text(message.text)));
        }
        (None, Some(automatic)) => automatic,
        (None, None) => return Ok(None),
    };
    Ok(Some(match automatic {
        Automatic::Verification => {
            Said::Text(words::verification(super::answering(tx, customer, now).await?))
        }
        Automatic::Welcome | Automatic::Menu => {
            let township = customer.township_code.as_deref();
            let guides = guide::most_asked(tx, township, day(now), MOST_CHOICES).await?;
            menu::of_guides(words::say(automatic), &guides)
        }
        Automatic::Guide => {
            let version = match row.guide_version_id {
                Some(id) => guide::version(tx, id).await?,
                None => None,
            };
            let places = row.choices.as_deref().unwrap_or_default();
            let said = version.and_then(|version| menu::at(&version, places));
            said.unwrap_or_else(|| Said::Text(words::say(automatic).to_owned()))
        }
        _ => Said::Text(words::say(automatic).to_owned()),
    }))
}

/// How often the far side was called for sending since a moment, each time with a look at the session. What is on its
/// way counts as sent.
async fn tried_since(tx: &Tx, channel_id: Uuid, since: DateTime<Utc>) -> Result<i64> {
    let parts = "CASE WHEN sent_parts = 0 THEN 1 ELSE sent_parts END";
    let calls = Expr::cust(format!("CAST(coalesce(sum({parts} + 1), 0) AS bigint)"));
    let counted: Option<i64> = Entity::find()
        .select_only()
        .column_as(calls, "calls")
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::TriedAt.gt(since))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(counted.unwrap_or_default())
}
