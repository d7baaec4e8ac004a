//! How referrals are stored.

use async_graphql::Lookahead;
use entity::access_log::LookedAt;
use entity::referral::{self, Column as C, Entity, Office, Outcome};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    Value,
};
use uuid::Uuid;

use super::{Referral, ReferralFilter, ReferralOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column};
use crate::error::{Error, Result};
use crate::id::{GlobalId, Kind};
use crate::inquiry::Inquiry;
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;

/// What sealed notes are sealed for.
const NOTE: &str = "referral note";
const OUTCOME_NOTE: &str = "referral outcome";

const COLUMNS: [&str; 12] = [
    "id",
    "referred_to",
    "note",
    "referred_at",
    "follow_up_on",
    "version",
    "outcome",
    "outcome_note",
    "closed_at",
    "inquiry_id",
    "referred_by",
    "closed_by",
];

impl Record for Referral {
    type Filter = ReferralFilter;
    type Order = ReferralOrder;
    type With = ();

    const READ: Act = Act::ReadReferral;
    const KIND: Kind = Kind::Referral;
    const KEY: Column = ("referral", "id");
    const PLACE: Place = Inquiry::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("referral", &COLUMNS);
        record::join(&mut select, "inquiry", "id", ("referral", "inquiry_id"));
        record::add_seal(&mut select);
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        // What officers write to each other is not the household's to read.
        let reveals = cells.reveals() && cells.role().of_staff().is_some();
        let referral = Self {
            id: GlobalId::new(Kind::Referral, cells.take::<Uuid>()?),
            referred_to: cells.take::<Office>()?.into(),
            note: cells.open(NOTE)?.filter(|_| reveals),
            referred_at: cells.take()?,
            follow_up_on: Date(cells.take()?),
            version: cells.take()?,
            outcome: cells.take::<Option<Outcome>>()?.map(Into::into),
            outcome_note: cells.open(OUTCOME_NOTE)?.filter(|_| reveals),
            closed_at: cells.take()?,
            inquiry_id: cells.take()?,
            referred_by: cells.take()?,
            closed_by: cells.take()?,
        };
        cells.shown(LookedAt::Inquiry)?;
        Ok(referral)
    }

    fn keep(filter: &ReferralFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("referral", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        match filter.open {
            Some(true) => select.and_where(is("closed_at").is_null()),
            Some(false) => select.and_where(is("closed_at").is_not_null()),
            None => select,
        };
        if let Some(offices) = &filter.referred_to {
            select.and_where(is("referred_to").is_in(offices.iter().map(|one| Office::from(*one))));
        }
        if let Some(day) = filter.follow_up_until {
            select.and_where(is("follow_up_on").lte(day.0));
        }
    }

    fn sort(order: ReferralOrder) -> Sort {
        let first = match order {
            ReferralOrder::FollowUpAsc => ("referral", "follow_up_on"),
            ReferralOrder::ReferredAtDesc => ("referral", "referred_at"),
        };
        let descending = order == ReferralOrder::ReferredAtDesc;
        Sort { columns: vec![first, Self::KEY], descending }
    }

    fn sort_values(&self, order: ReferralOrder) -> Vec<Value> {
        let first = match order {
            ReferralOrder::FollowUpAsc => self.follow_up_on.0.into(),
            ReferralOrder::ReferredAtDesc => self.referred_at.into(),
        };
        vec![first, self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

fn sealed(tx: &Tx, purpose: &str, note: Option<&String>) -> Result<Option<Vec<u8>>> {
    let sealed = note.map(|note| tx.keyring().seal(purpose, note.as_bytes()));
    sealed.transpose().map_err(Error::internal)
}

/// Adds a referral.
pub async fn insert(tx: &Tx, new: &Referral) -> Result<()> {
    let row = referral::ActiveModel {
        id: Set(new.id.uuid()),
        inquiry_id: Set(new.inquiry_id),
        referred_to: Set(new.referred_to.into()),
        note: Set(sealed(tx, NOTE, new.note.as_ref())?),
        referred_at: Set(new.referred_at),
        referred_by: Set(new.referred_by),
        follow_up_on: Set(new.follow_up_on.0),
        version: Set(new.version),
        outcome: Set(None),
        outcome_note: Set(None),
        closed_at: Set(None),
        closed_by: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down what came of a referral.
pub async fn close(tx: &Tx, after: &Referral) -> Result<()> {
    let row = referral::ActiveModel {
        version: Set(after.version),
        outcome: Set(after.outcome.map(Into::into)),
        outcome_note: Set(sealed(tx, OUTCOME_NOTE, after.outcome_note.as_ref())?),
        closed_at: Set(after.closed_at),
        closed_by: Set(after.closed_by),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(C::Id.eq(after.id.uuid())).exec(tx).await?;
    Ok(())
}

/// How many referrals an inquiry has.
pub async fn count(tx: &Tx, inquiry_id: Uuid) -> Result<u64> {
    Ok(Entity::find().filter(C::InquiryId.eq(inquiry_id)).count(tx).await?)
}

/// Of the referrals of these inquiries remains that there were, and what came of them.
pub async fn forget(tx: &Tx, inquiries: &[Uuid]) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Note, Expr::val(None::<Vec<u8>>))
        .col_expr(C::OutcomeNote, Expr::val(None::<Vec<u8>>))
        .filter(C::InquiryId.is_in(inquiries.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
