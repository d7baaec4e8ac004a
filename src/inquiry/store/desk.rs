//! Where officers may handle inquiries, what they have not seen, and that they write no more.

use chrono::{DateTime, Utc};
use entity::{draft_lock, message, officer, posting, station};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::{Reader, Tx, area, area::column};
use crate::error::Result;
use crate::inquiry::{Inquiry, Message, MessageOrder};
use crate::record::{self, Record};

/// Where an officer may handle inquiries.
pub enum Area {
    /// Nowhere: the account is none of the desk's, or was deactivated.
    Nowhere,
    /// In these villages.
    Villages(Vec<String>),
    /// In this township.
    Township(String),
    /// Everywhere.
    County,
}

impl Area {
    /// Whether an inquiry lies in it.
    pub fn holds(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Villages(codes) => codes.contains(&inquiry.village_code),
            Self::Township(code) => *code == inquiry.township_code,
            Self::County => true,
        }
    }
}

/// Where this officer may handle inquiries at this moment.
pub async fn area_of(tx: &Tx, officer_id: Uuid, now: DateTime<Utc>) -> Result<Area> {
    let found = officer::Entity::find_by_id(officer_id)
        .filter(officer::Column::DeactivatedAt.is_null())
        .one(tx)
        .await?;
    let Some(found) = found else { return Ok(Area::Nowhere) };
    Ok(match (found.role, found.station_id) {
        (officer::Role::CountyAdmin, _) => Area::County,
        (officer::Role::StationChief, Some(id)) => {
            let station = station::Entity::find_by_id(id).one(tx).await?;
            station.map_or(Area::Nowhere, |station| Area::Township(station.township_code))
        }
        (officer::Role::Officer, _) => {
            let codes = posting::Entity::find()
                .select_only()
                .column(posting::Column::VillageCode)
                .filter(posting::Column::OfficerId.eq(officer_id))
                .filter(area::current(now))
                .into_tuple()
                .all(tx)
                .await?;
            Area::Villages(codes)
        }
        _ => Area::Nowhere,
    })
}

/// What the household wrote or was answered after a message, earliest first: at most `most`. What the service
/// answered by itself does not count.
pub async fn unseen(reader: &Reader, seen: &Message, most: u64) -> Result<Vec<Message>> {
    let mut select = record::visible::<Message>(reader, ());
    let sort = Message::sort(MessageOrder::SentAtAsc);
    select
        .and_where(column(("message", "inquiry_id")).eq(seen.inquiry_id))
        .and_where(column(("message", "direction")).ne(message::Direction::InternalNote))
        .and_where(column(("message", "automatic")).not())
        .and_where(sort.after(seen.sort_values(MessageOrder::SentAtAsc)));
    sort.apply(&mut select);
    record::first(reader, &select, most, ()).await
}

/// Takes the draft lock away from an officer; answers whether it was that officer's.
pub async fn let_go(tx: &Tx, inquiry_id: Uuid, officer_id: Uuid) -> Result<bool> {
    let result = draft_lock::Entity::delete_many()
        .filter(draft_lock::Column::InquiryId.eq(inquiry_id))
        .filter(draft_lock::Column::OfficerId.eq(officer_id))
        .exec(tx)
        .await?;
    Ok(result.rows_affected > 0)
}
