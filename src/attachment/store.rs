//! How attachments are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::access_log::LookedAt;
use entity::attachment::{self, Column as C, Entity, Model};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};
use uuid::Uuid;

use super::Attachment;
use super::clean::Size;
use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Sort, Tx, area::column, keys};
use crate::error::{Error, Result};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

const COLUMNS: [&str; 7] = ["id", "name", "media_type", "bytes", "width", "height", "message_id"];
const NAME: &str = "attachment name";
const KEY: &str = "attachment key";

impl Record for Attachment {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadMessage;
    const KIND: Kind = Kind::Attachment;
    const KEY: Column = ("attachment", "id");
    const PLACE: Place = Place {
        township: Some(("inquiry", "township_code")),
        village: Some(("inquiry", "village_code")),
        household: Some(("inquiry", "household_id")),
        sealed: true,
        ..Place::NOWHERE
    };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    /// Who sees the message sees its files: internal notes, which not everybody does, have none.
    fn select((): ()) -> SelectStatement {
        let mut select = record::from("attachment", &COLUMNS);
        record::join(&mut select, "message", "id", ("attachment", "message_id"));
        record::join(&mut select, "inquiry", "id", ("message", "inquiry_id"));
        record::add_seal(&mut select);
        select.and_where(column(("attachment", "erased_at")).is_null());
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        let file = Self {
            id: GlobalId::new(Kind::Attachment, cells.take::<Uuid>()?),
            name: cells.open(NAME)?.unwrap_or_default(),
            media_type: cells.take::<Option<String>>()?.unwrap_or_default(),
            bytes: cells.take()?,
            width: cells.take()?,
            height: cells.take()?,
            message_id: cells.take()?,
        };
        cells.shown(LookedAt::Messages)?;
        Ok(file)
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    fn sort((): ()) -> Sort {
        let columns = vec![("attachment", "message_id"), ("attachment", "place")];
        Sort { columns, descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.message_id.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// The files of messages, in the order in which they were sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OfMessage;

impl Batch for OfMessage {
    type Value = Vec<Attachment>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<Attachment>>> {
        let reader = request.reader(Attachment::READ)?.below_parents();
        let mut select = record::visible::<Attachment>(&reader, ());
        select.and_where(keys::among(("attachment", "message_id"), keys, reader.backend()));
        Attachment::sort(()).apply(&mut select);
        let mut files: HashMap<Key, Vec<Attachment>> = HashMap::new();
        for file in record::all::<Attachment>(&reader, &select, ()).await? {
            files.entry(file.message_id.into()).or_default().push(file);
        }
        Ok(files)
    }
}

/// The files of these messages, in the order in which they were sent.
pub async fn of_messages(tx: &Tx, messages: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let keys: Vec<Key> = messages.iter().copied().map(Key::Id).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Option<Uuid>, Uuid)> = Entity::find()
        .select_only()
        .columns([C::MessageId, C::Id])
        .filter(keys::among(("attachment", "message_id"), &keys, tx.backend()))
        .filter(C::ErasedAt.is_null())
        .order_by_asc(C::Place)
        .into_tuple()
        .all(tx)
        .await?;
    let mut files: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (message_id, id) in rows {
        files.entry(message_id.unwrap_or_default()).or_default().push(id);
    }
    Ok(files)
}

/// A file that is announced.
pub struct Announced {
    /// Its id.
    pub id: Uuid,
    /// Who brings it.
    pub uploader_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// The hash of where it is sent.
    pub address_hash: Vec<u8>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Until when it is kept without a message; a day when nothing is said.
    pub kept_until: Option<DateTime<Utc>>,
}

/// Writes down that a file will come.
pub async fn insert(tx: &Tx, new: Announced, now: DateTime<Utc>) -> Result<()> {
    let row = Model {
        id: new.id,
        uploader_id: new.uploader_id,
        created_at: now,
        address_hash: new.address_hash,
        address_expires_at: new.expires_at,
        name: Some(tx.keyring().seal(NAME, new.name.as_bytes()).map_err(Error::internal)?),
        bytes: new.bytes,
        object: None,
        object_key: None,
        media_type: None,
        width: None,
        height: None,
        received_at: None,
        place: None,
        erased_at: None,
        message_id: None,
        kept_until: new.kept_until,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives an announced file another address; false when it has come already or is not kept any more.
pub async fn readdress(
    tx: &Tx,
    id: Uuid,
    hash: Vec<u8>,
    expires_at: DateTime<Utc>,
) -> Result<bool> {
    let row = attachment::ActiveModel {
        address_hash: Set(hash),
        address_expires_at: Set(expires_at),
        ..Default::default()
    };
    let filter = C::Id.eq(id).and(C::Object.is_null()).and(C::ErasedAt.is_null());
    Ok(Entity::update_many().set(row).filter(filter).exec(tx).await?.rows_affected == 1)
}

/// How many files of this uploader are tied to no message.
pub async fn loose(tx: &Tx, uploader_id: Uuid) -> Result<u64> {
    let filter = C::UploaderId.eq(uploader_id).and(C::MessageId.is_null());
    Ok(Entity::find().filter(filter).count(tx).await?)
}

/// A file that may be sent now.
pub struct Expected {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// How long it is to be.
    pub bytes: u64,
}

/// The file that is expected at the address with one of these hashes.
pub async fn expected(
    reader: &Reader,
    hashes: Vec<Vec<u8>>,
    now: DateTime<Utc>,
) -> Result<Option<Expected>> {
    let found = Entity::find().select_only().columns([C::Id, C::Name, C::Bytes]);
    let found = found.filter(may_come(now)).filter(C::AddressHash.is_in(hashes)).into_query();
    let rows = reader.rows(&reader.select(found, Place::NOWHERE)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut cells = Cells::new(row, 0, reader);
    let (id, name) = (cells.take()?, cells.open(NAME)?.unwrap_or_default());
    let bytes = u64::try_from(cells.take::<i64>()?).map_err(Error::internal)?;
    Ok(Some(Expected { id, name, bytes }))
}

fn may_come(now: DateTime<Utc>) -> SimpleExpr {
    C::Object.is_null().and(C::ErasedAt.is_null()).and(C::AddressExpiresAt.gt(now))
}

/// Takes the address for the file that will lie under this name in the store; false when somebody was faster.
/// From now on whatever comes to lie there is known, whether all goes well or not.
pub async fn claim(tx: &Tx, id: Uuid, object: &str, now: DateTime<Utc>) -> Result<bool> {
    let row =
        attachment::ActiveModel { object: Set(Some(object.to_owned())), ..Default::default() };
    let claimed = Entity::update_many().set(row).filter(C::Id.eq(id)).filter(may_come(now));
    Ok(claimed.exec(tx).await?.rows_affected == 1)
}

/// Gives the address back: nothing lies there.
pub async fn unclaim(tx: &Tx, id: Uuid) -> Result<()> {
    let row = attachment::ActiveModel { object: Set(None), ..Default::default() };
    let filter = C::Id.eq(id).and(C::ReceivedAt.is_null());
    Entity::update_many().set(row).filter(filter).exec(tx).await?;
    Ok(())
}

/// A file that has come.
pub struct Received {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its media type.
    pub media_type: &'static str,
    /// How large the picture is.
    pub size: Option<Size>,
    /// The key that opens it, sealed.
    pub key: Vec<u8>,
}

/// The purpose under which a file's key is sealed.
pub fn key_purpose(id: Uuid) -> String {
    format!("{KEY} {id}")
}

/// Writes down that a file has come; false when it was swept or erased meanwhile.
pub async fn receive(tx: &Tx, id: Uuid, file: &Received, now: DateTime<Utc>) -> Result<bool> {
    let name = tx.keyring().seal(NAME, file.name.as_bytes()).map_err(Error::internal)?;
    let row = attachment::ActiveModel {
        name: Set(Some(name)),
        bytes: Set(i64::try_from(file.bytes).map_err(Error::internal)?),
        media_type: Set(Some(file.media_type.to_owned())),
        width: Set(file.size.map(|size| size.width.into())),
        height: Set(file.size.map(|size| size.height.into())),
        object_key: Set(Some(file.key.clone())),
        received_at: Set(Some(now)),
        ..Default::default()
    };
    let filter = C::Id.eq(id).and(C::Object.is_not_null()).and(C::ErasedAt.is_null());
    Ok(Entity::update_many().set(row).filter(filter).exec(tx).await?.rows_affected == 1)
}

/// A file that the reader's caller may see, and where its contents are: the name in the store, and the sealed
/// key.
pub async fn contents(reader: &Reader, id: Uuid) -> Result<Option<(Attachment, String, Vec<u8>)>> {
    let mut select = record::visible::<Attachment>(reader, ());
    record::add(&mut select, "attachment", &["object", "object_key"]);
    select.and_where(column(Attachment::KEY).eq(id));
    let rows = reader.rows(&select).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut cells = Cells::new(row, 0, reader);
    let file = Attachment::read(&mut cells, ())?;
    Ok(Some((file, cells.take()?, cells.take()?)))
}

/// Ties files that this uploader has brought to a message, in this order. Tells how many.
pub async fn tie(tx: &Tx, uploader_id: Uuid, message_id: Uuid, ids: &[Uuid]) -> Result<u64> {
    let place = ids.iter().zip(0_i32..).fold(CaseStatement::new(), |case, (id, place)| {
        case.case(column(("attachment", "id")).eq(*id), place)
    });
    let filter = (C::Id.is_in(ids.iter().copied()))
        .and(C::UploaderId.eq(uploader_id))
        .and(C::ReceivedAt.is_not_null())
        .and(C::ErasedAt.is_null())
        .and(C::MessageId.is_null());
    let tied = Entity::update_many()
        .col_expr(C::MessageId, Expr::val(message_id))
        .col_expr(C::Place, place.into())
        .filter(filter)
        .exec(tx)
        .await?;
    Ok(tied.rows_affected)
}

/// Destroys the names and keys of the files that somebody has brought: they can be read no more, wherever
/// copies lie. The sweep removes what is left.
pub async fn forget(tx: &Tx, uploader_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    erase(tx, C::UploaderId.eq(uploader_id), now).await
}

/// Destroys the names and keys of the files in these inquiries.
pub async fn forget_inquiries(tx: &Tx, inquiries: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let messages = Query::select()
        .column(("message", "id"))
        .from("message")
        .and_where(column(("message", "inquiry_id")).is_in(inquiries.iter().copied()))
        .take();
    erase(tx, C::MessageId.in_subquery(messages), now).await
}

/// Destroys what came into no message though it was announced before this moment, or as long as it was to be kept.
pub async fn expire(tx: &Tx, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let over = C::KeptUntil.lte(now);
    let over = over.or(C::KeptUntil.is_null().and(C::CreatedAt.lt(before)));
    erase(tx, C::MessageId.is_null().and(over), now).await
}

/// Destroys a file that came into no message.
pub async fn drop_loose(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    erase(tx, C::MessageId.is_null().and(C::Id.eq(id)), now).await
}

/// How many files of somebody are kept without a message.
pub async fn kept(tx: &Tx, uploader_id: Uuid) -> Result<u64> {
    let kept = C::UploaderId.eq(uploader_id).and(C::MessageId.is_null()).and(C::ErasedAt.is_null());
    Ok(Entity::find().filter(kept).count(tx).await?)
}

/// Makes a file that came into no message somebody else's.
pub async fn pass_on(tx: &Tx, id: Uuid, from: Uuid, to: Uuid) -> Result<()> {
    let loose = C::Id.eq(id).and(C::UploaderId.eq(from)).and(C::MessageId.is_null());
    Entity::update_many().col_expr(C::UploaderId, Expr::val(to)).filter(loose).exec(tx).await?;
    Ok(())
}

async fn erase(tx: &Tx, which: SimpleExpr, now: DateTime<Utc>) -> Result<()> {
    let row = attachment::ActiveModel {
        name: Set(None),
        object_key: Set(None),
        erased_at: Set(Some(now)),
        ..Default::default()
    };
    let which = which.and(C::ErasedAt.is_null());
    Entity::update_many().set(row).filter(which).exec(tx).await?;
    Ok(())
}

/// Erased files of which something is left: ids, and names in the store.
pub async fn erased(tx: &Tx, limit: u64) -> Result<Vec<(Uuid, Option<String>)>> {
    let found = Entity::find().select_only().columns([C::Id, C::Object]);
    let found = found.filter(C::ErasedAt.is_not_null()).order_by_asc(C::ErasedAt).limit(limit);
    Ok(found.into_tuple().all(tx).await?)
}

/// Removes what is left of files.
pub async fn remove(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    Entity::delete_many().filter(C::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}
