//! How ratings are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use entity::access_log::LookedAt;
use entity::rating::{self, Column as C, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::Rating;
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, keys};
use crate::error::{Error, Result};
use crate::id::{GlobalId, Kind};
use crate::inquiry::Inquiry;
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

/// What a sealed text is sealed for.
const TEXT: &str = "rating text";

impl Record for Rating {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadRating;
    const KIND: Kind = Kind::Rating;
    const KEY: Column = ("rating", "id");
    const PLACE: Place = Inquiry::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = ["id", "score", "text", "rated_at", "updated_at", "inquiry_id"];
        let mut select = record::from("rating", &columns);
        record::join(&mut select, "inquiry", "id", ("rating", "inquiry_id"));
        record::add_seal(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let rating = Self {
            id: GlobalId::new(Kind::Rating, cells.take::<Uuid>()?),
            score: cells.take()?,
            text: cells.open(TEXT)?,
            rated_at: cells.take()?,
            updated_at: cells.take()?,
            inquiry_id: cells.take()?,
        };
        cells.shown(LookedAt::Inquiry)?;
        Ok(rating)
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("rating", "rated_at"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.rated_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The ratings of inquiries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfInquiry;

impl Batch for OfInquiry {
    type Value = Rating;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Rating>> {
        let reader = request.reader(Rating::READ)?.below_parents();
        let mut select = record::visible::<Rating>(&reader, ());
        select.and_where(keys::among(("rating", "inquiry_id"), keys, reader.backend()));
        let ratings = record::all::<Rating>(&reader, &select, ()).await?;
        Ok(ratings.into_iter().map(|rating| (rating.inquiry_id.into(), rating)).collect())
    }
}

/// The rating of an inquiry.
pub async fn find(tx: &Tx, inquiry_id: Uuid) -> Result<Option<Rating>> {
    let mut select = record::visible::<Rating>(tx, ());
    select.and_where(column(("rating", "inquiry_id")).eq(inquiry_id));
    Ok(record::all::<Rating>(tx, &select, ()).await?.pop())
}

/// Writes a rating down as it is now.
pub async fn save(tx: &Tx, rating: &Rating, contact_id: Uuid, new: bool) -> Result<()> {
    let text = rating.text.as_ref().map(|text| tx.keyring().seal(TEXT, text.as_bytes()));
    let row = rating::ActiveModel {
        id: if new { Set(rating.id.uuid()) } else { NotSet },
        inquiry_id: Set(rating.inquiry_id),
        contact_id: Set(Some(contact_id)),
        score: Set(rating.score),
        text: Set(text.transpose().map_err(Error::internal)?),
        rated_at: Set(rating.rated_at),
        updated_at: Set(rating.updated_at),
    };
    if new {
        Entity::insert(row).exec_without_returning(tx).await?;
    } else {
        Entity::update_many().set(row).filter(C::Id.eq(rating.id.uuid())).exec(tx).await?;
    }
    Ok(())
}

/// Of the ratings of a contact remain the scores.
pub async fn forget_contact(tx: &Tx, contact_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(C::ContactId, Expr::val(None::<Uuid>))
        .col_expr(C::Text, Expr::val(None::<Vec<u8>>))
        .filter(C::ContactId.eq(contact_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Of the ratings of these inquiries remain the scores.
pub async fn forget_inquiries(tx: &Tx, inquiries: &[Uuid]) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Text, Expr::val(None::<Vec<u8>>))
        .filter(C::InquiryId.is_in(inquiries.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
