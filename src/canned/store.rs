//! How canned replies are stored.

use async_graphql::Lookahead;
use entity::inquiry::Category;
use entity::{canned_reply, canned_reply_version};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use super::graphql::CannedReplyFilter;
use super::{CannedReply, CannedReplyVersion, template};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area::column, changed_one};
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

/// A reply lies in its station's township; one of nobody's is everybody's.
const PLACE: Place =
    Place { township: Some(("station", "township_code")), common: true, ..Place::NOWHERE };

fn is(name: &'static str) -> SimpleExpr {
    column(("canned_reply", name))
}

impl Record for CannedReply {
    type Filter = CannedReplyFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadCannedReply;
    const KIND: Kind = Kind::CannedReply;
    const KEY: Column = ("canned_reply", "id");
    const PLACE: Place = PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = [
            "id",
            "category",
            "title",
            "text",
            "version",
            "created_at",
            "updated_at",
            "retired_at",
            "station_id",
        ];
        let mut select = record::from("canned_reply", &columns);
        record::left_join(&mut select, "station", "id", ("canned_reply", "station_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let id = GlobalId::new(Kind::CannedReply, cells.take::<Uuid>()?);
        let category = cells.take::<Option<Category>>()?.map(Into::into);
        let title = cells.take()?;
        let text: String = cells.take()?;
        Ok(Self {
            id,
            category,
            title,
            variables: template::variables(&text),
            text,
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            retired_at: cells.take()?,
            station_id: cells.take()?,
        })
    }

    fn keep(filter: &CannedReplyFilter, select: &mut SelectStatement, backend: DbBackend) {
        if let Some(category) = filter.category {
            let category = Category::from(category);
            select.and_where(is("category").is_null().or(is("category").eq(category)));
        }
        if let Some(id) = &filter.station_id {
            let id = GlobalId::parse(id).map(|id| id.uuid()).unwrap_or_default();
            select.and_where(is("station_id").is_null().or(is("station_id").eq(id)));
        }
        if let Some(text) = &filter.text {
            // The replies of a station are few, so no index is needed.
            let contains = match backend {
                DbBackend::Postgres => "strpos(lower(replace($1 || '|' || $2, ' ', '')), $3) > 0",
                _ => "instr(lower(replace(? || '|' || ?, ' ', '')), ?) > 0",
            };
            let searched = [is("title"), is("text"), Expr::val(text)];
            select.and_where(Expr::cust_with_exprs(contains, searched));
        }
        if filter.retired {
            select.and_where(is("retired_at").is_not_null());
        } else {
            select.and_where(is("retired_at").is_null());
        }
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("canned_reply", "title"), Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.title.as_str().into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

impl Record for CannedReplyVersion {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadCannedReply;
    const KIND: Kind = Kind::CannedReplyVersion;
    const KEY: Column = ("canned_reply_version", "id");
    const PLACE: Place = PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = ["id", "number", "title", "text", "written_at", "officer_id"];
        let mut select = record::from("canned_reply_version", &columns);
        let reply = ("canned_reply_version", "canned_reply_id");
        record::join(&mut select, "canned_reply", "id", reply);
        record::left_join(&mut select, "station", "id", ("canned_reply", "station_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::CannedReplyVersion, cells.take::<Uuid>()?),
            number: cells.take()?,
            title: cells.take()?,
            text: cells.take()?,
            written_at: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// The last version first. Versions are listed below their reply, so their numbers are in order.
    fn sort((): ()) -> Sort {
        Sort { columns: vec![("canned_reply_version", "number"), Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.number.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

fn row(reply: &CannedReply) -> canned_reply::ActiveModel {
    canned_reply::ActiveModel {
        id: Set(reply.id.uuid()),
        station_id: Set(reply.station_id),
        category: Set(reply.category.map(Into::into)),
        title: Set(reply.title.clone()),
        text: Set(reply.text.clone()),
        version: Set(reply.version),
        created_at: Set(reply.created_at),
        updated_at: Set(reply.updated_at),
        retired_at: Set(reply.retired_at),
    }
}

/// Adds a canned reply.
pub async fn insert(tx: &Tx, reply: &CannedReply) -> Result<()> {
    canned_reply::Entity::insert(row(reply)).exec_without_returning(tx).await?;
    Ok(())
}

/// Changes a canned reply as it was read.
pub async fn update(tx: &Tx, before: &CannedReply, after: &CannedReply) -> Result<()> {
    let changed = canned_reply::Entity::update_many()
        .set(row(after))
        .filter(canned_reply::Column::Id.eq(before.id.uuid()))
        .filter(canned_reply::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    changed_one(changed.rows_affected)
}

/// Keeps what a canned reply says from now on, and that the caller wrote it.
pub async fn keep_version(tx: &Tx, id: Uuid, reply: &CannedReply) -> Result<()> {
    let row = canned_reply_version::ActiveModel {
        id: Set(id),
        canned_reply_id: Set(reply.id.uuid()),
        number: Set(reply.version),
        title: Set(reply.title.clone()),
        text: Set(reply.text.clone()),
        officer_id: Set(Some(tx.scope().actor().id)),
        written_at: Set(reply.updated_at),
    };
    canned_reply_version::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
