//! What is on its way.

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::{ActiveModel, Automatic, Column as C, Entity, Model, Reason, State};
use entity::{channel, channel_customer, contact, message};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::attachment;
use crate::channel as channels;
use crate::db::{Tx, area::column};
use crate::error::{Error, Result};
use crate::household::WECHAT;
use crate::wecom::Account;

/// For how long a delivery is one instance's own.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Something that is to be sent.
pub struct NewDelivery {
    /// That of the message, or a new one.
    pub id: Uuid,
    /// The channel.
    pub channel_id: Uuid,
    /// To whom, whose row is locked.
    pub customer_id: Uuid,
    /// The message, when it is one.
    pub message_id: Option<Uuid>,
    /// What the service says of itself, otherwise.
    pub automatic: Option<Automatic>,
    /// What allows a greeting.
    pub welcome_code: Option<String>,
    /// Into how many it is split.
    pub parts: i32,
}

/// Puts something behind what is on its way to the same customer, unless it is there.
pub async fn queue(tx: &Tx, new: NewDelivery, now: DateTime<Utc>) -> Result<()> {
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(C::Sequence.max(), "last")
        .filter(C::CustomerId.eq(new.customer_id))
        .into_tuple()
        .one(tx)
        .await?;
    let row = ActiveModel {
        id: Set(new.id),
        sequence: Set(last.flatten().unwrap_or_default() + 1),
        channel_id: Set(new.channel_id),
        customer_id: Set(new.customer_id),
        message_id: Set(new.message_id),
        automatic: Set(new.automatic),
        welcome_code: Set(new.welcome_code),
        state: Set(State::Queued),
        reason: NotSet,
        parts: Set(new.parts),
        sent_parts: Set(0),
        tries: Set(0),
        created_at: Set(now),
        next_try_at: Set(now),
        tried_at: NotSet,
        taken_until: NotSet,
        settled_at: NotSet,
    };
    Entity::insert(row).on_conflict_do_nothing_on([C::Id]).exec_without_returning(tx).await?;
    Ok(())
}

/// What is ripe: queued, and neither waiting for its next try nor in anybody's hand.
fn ripe(now: DateTime<Utc>) -> SimpleExpr {
    Expr::cust("message_delivery.state = 'QUEUED'")
        .and(Expr::col((Entity, C::NextTryAt)).lte(now))
        .and(
            Expr::col((Entity, C::TakenUntil))
                .is_null()
                .or(Expr::col((Entity, C::TakenUntil)).lte(now)),
        )
}

/// Channels through which something is to be sent.
pub async fn busy(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let enabled = Query::select()
        .column(channel::Column::Id)
        .from(channel::Entity)
        .and_where(channel::Column::Enabled.eq(true))
        .take();
    Ok(Entity::find()
        .select_only()
        .column(C::ChannelId)
        .distinct()
        .filter(ripe(now))
        .filter(C::ChannelId.in_subquery(enabled))
        .into_tuple()
        .all(tx)
        .await?)
}

/// Something that is one's own to send.
pub struct Claim {
    /// The delivery.
    pub row: Model,
    /// To whom.
    pub customer: channel_customer::Model,
    /// The far side's name for them.
    pub external_id: String,
    /// Whether they may be written to: a contact who consents and is still known by that name, or somebody who is no
    /// contact yet.
    pub consents: bool,
    /// The words, when it is a message.
    pub text: Option<String>,
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
/// last minute as may be.
pub async fn claim(tx: &Tx, channel_id: Uuid, now: DateTime<Utc>) -> Result<Option<Claim>> {
    let channel = channel::Entity::find_by_id(channel_id)
        .filter(channel::Column::Enabled.eq(true))
        .one(tx)
        .await?;
    let Some(channel) = channel else { return Ok(None) };
    let Some(account) = channels::account(tx, channel_id).await? else { return Ok(None) };
    let open_kfid = channel.open_kfid;
    if open_kfid.is_none() && channel.kind != channel::Kind::OfficialAccount {
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
    let text = match row.message_id {
        Some(id) => message::Entity::find_by_id(id).one(tx).await?.map(|message| message.text),
        None => None,
    };
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
    Ok(Some(Claim {
        external_id,
        row,
        customer,
        consents,
        text,
        files,
        account,
        open_kfid,
        window: (channel.window_messages, TimeDelta::hours(channel.window_hours.into())),
    }))
}

/// How often the far side was called for sending since a moment, each time with a look at the session.
async fn tried_since(tx: &Tx, channel_id: Uuid, since: DateTime<Utc>) -> Result<i64> {
    let calls = Expr::cust("CAST(coalesce(sum(sent_parts + 1), 0) AS bigint)");
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

/// Notes that the far side took a part, and counts it, once; what remains is one's own for a while more.
pub async fn note_part(tx: &Tx, claim: &Claim, part: i32, now: DateTime<Utc>) -> Result<()> {
    let noted = Entity::update_many()
        .col_expr(C::SentParts, Expr::val(part + 1))
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .filter(C::Id.eq(claim.row.id))
        .filter(C::SentParts.eq(part))
        .exec(tx)
        .await?;
    // A greeting by its code does not count.
    if noted.rows_affected == 1 && claim.row.welcome_code.is_none() {
        let sent = channel_customer::Column::SentInWindow;
        channel_customer::Entity::update_many()
            .col_expr(sent, Expr::col(sent).add(1))
            .filter(channel_customer::Column::Id.eq(claim.customer.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Notes how a delivery ended, unless it has ended; tells whether it did so now.
pub async fn end(
    tx: &Tx,
    id: Uuid,
    state: State,
    reason: Option<Reason>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(C::State, Expr::val(state))
        .col_expr(C::Reason, Expr::val(reason))
        .col_expr(C::SettledAt, Expr::val(now))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(C::Id.eq(id))
        .filter(C::State.eq(State::Queued))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Notes that what the far side took did not arrive after all, and answers with the message that it was.
pub async fn not_arrived(
    tx: &Tx,
    id: Uuid,
    channel_id: Uuid,
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>> {
    let found = Entity::find_by_id(id).filter(C::ChannelId.eq(channel_id)).one(tx).await?;
    let Some(row) = found.filter(|row| row.state != State::Failed) else { return Ok(None) };
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::Failed))
        .col_expr(C::Reason, Expr::val(reason))
        .col_expr(C::SettledAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(row.message_id)
}

/// Lets a delivery wait for its next try.
pub async fn postpone(tx: &Tx, id: Uuid, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Tries, Expr::col(C::Tries).add(1))
        .col_expr(C::NextTryAt, Expr::val(until))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes whether the service is known to have a customer's session.
pub async fn note_session(tx: &Tx, customer_id: Uuid, ours: bool) -> Result<()> {
    channel_customer::Entity::update_many()
        .col_expr(channel_customer::Column::SessionOurs, Expr::val(ours))
        .filter(channel_customer::Column::Id.eq(customer_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that as much was sent to a customer as may be.
pub async fn note_full(tx: &Tx, customer_id: Uuid, most: i32) -> Result<()> {
    channel_customer::Entity::update_many()
        .col_expr(channel_customer::Column::SentInWindow, Expr::val(most))
        .filter(channel_customer::Column::Id.eq(customer_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many deliveries wait to be sent.
pub async fn queued(tx: &Tx) -> Result<u64> {
    let queued = Entity::find().filter(Expr::cust("message_delivery.state = 'QUEUED'"));
    Ok(queued.count(tx).await?)
}
