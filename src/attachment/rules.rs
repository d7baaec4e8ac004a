//! The rules of attachments.

use std::fs::File;
use std::sync::Arc;

use async_graphql::ID;
use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::clean::{self, Fault, Size};
use super::graphql::AttachmentUpload;
use super::kind::FileKind;
use super::store::{self, Announced, Expected, Received};
use super::{Attachment, refusal};
use crate::access::{self, Act};
use crate::actor::{Actor, Role};
use crate::crypt::random;
use crate::db::{Once, Tx};
use crate::error::{Error, Language, Result};
use crate::id::{GlobalId, Kind};
use crate::request::{Caller, Request};
use crate::service::Service;
use crate::text;

/// Bytes of the largest file.
pub const MAX_BYTES: i64 = 20 << 20;
/// Files of one message.
const MAX_FILES: usize = 9;
/// Files that somebody may have announced or sent and not yet put into a message.
const MAX_LOOSE: u64 = 50;
const MAX_NAME: usize = 200;
/// How long a file may be sent to its address.
const SENT_WITHIN: TimeDelta = TimeDelta::hours(1);
/// How long an address is good at which a file is had.
const HAD_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// How long a file is kept that is in no message.
const LOOSE_FOR: TimeDelta = TimeDelta::days(1);
/// Files that are swept in one change.
const SWEPT_AT_ONCE: u64 = 100;
const INCOMING: &str = "attachment upload";
const OUTGOING: &str = "attachment download";

/// A file that is to come.
pub struct NewUpload {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: i64,
}

/// Announces a file.
pub async fn request(request: &Request, new: NewUpload, once: Once) -> Result<AttachmentUpload> {
    let name = file_name(&new.name)?;
    if !(1..=MAX_BYTES).contains(&new.bytes) {
        return Err(refusal::bad_length());
    }
    let now = request.service().clock.now();
    let expires_at = now + SENT_WITHIN;
    let secret = URL_SAFE_NO_PAD.encode(random::<32>().map_err(Error::internal)?);
    let mut id = request.new_id();
    let tx = request.begin(Act::AttachFile).await?;
    let address_hash = tx.keyring().hash(INCOMING, secret.as_bytes());
    match once.claim(&tx, id, now).await? {
        Some(first) => {
            id = first;
            if !store::readdress(&tx, id, address_hash, expires_at).await? {
                return Err(refusal::sent_already());
            }
        }
        None => {
            let uploader_id = tx.scope().actor().id;
            if store::loose(&tx, uploader_id).await? >= MAX_LOOSE {
                return Err(refusal::too_many_loose());
            }
            let bytes = new.bytes;
            let new = Announced {
                id,
                uploader_id,
                name,
                bytes,
                address_hash,
                expires_at,
                kept_until: None,
            };
            store::insert(&tx, new, now).await?;
        }
    }
    tx.commit().await?;
    let attachment_id = ID(GlobalId::new(Kind::Attachment, id).to_string());
    Ok(AttachmentUpload { attachment_id, url: format!("/uploads/{secret}"), expires_at })
}

/// The last part of a path, without characters that turn the direction of writing and so hide how a name ends.
fn file_name(name: &str) -> Result<String> {
    let name: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !text::is_hidden(*c) && !matches!(c, '\n' | '\t' | '\r'))
        .collect();
    text::required("name", name.trim_start_matches('.'), MAX_NAME)
}

/// The file that is expected at this address.
pub async fn offered(service: &Service, secret: &str) -> Result<Expected> {
    let hashes = service.database.keyring().hashes(INCOMING, secret.as_bytes());
    let now = service.clock.now();
    let scope = access::scope(&Actor::SYSTEM, Act::KeepService, now)?;
    let reader = service.database.reader(service.database.connection(), scope);
    store::expected(&reader, hashes, now).await?.ok_or_else(refusal::no_address)
}

/// Keeps what was sent for an expected file, if it is one that is taken. Either all of it is done, or nothing of
/// it remains and the address is good for another try.
pub async fn keep(service: Arc<Service>, offer: Expected, file: File) -> Result<Attachment> {
    let length = file.metadata().map_err(Error::internal)?.len();
    if length < offer.bytes {
        return Err(refusal::too_short(length));
    }
    let judged = spawn_blocking(move || judge(file)).await.map_err(Error::internal)??;
    let (mut file, kind, size) = judged;
    let object = Uuid::from_bytes(random().map_err(Error::internal)?).simple().to_string();
    let tx = service.keep().await?;
    if !store::claim(&tx, offer.id, &object, service.clock.now()).await? {
        return Err(refusal::no_address());
    }
    let keyring = service.database.keyring();
    let purpose = store::key_purpose(offer.id);
    let (key, sealed) = keyring.new_object_key(&purpose).map_err(Error::internal)?;
    tx.commit().await?;
    let bytes = file.metadata().map_err(Error::internal)?.len();
    if let Err(error) = service.files.put(&object, &mut file, &key).await {
        let tx = service.keep().await?;
        store::unclaim(&tx, offer.id).await?;
        tx.commit().await?;
        return Err(error);
    }
    let (name, media_type) = (kind.named(&offer.name), kind.media_type());
    let received = Received { name, bytes, media_type, size, key: sealed };
    let tx = service.keep().await?;
    if !store::receive(&tx, offer.id, &received, service.clock.now()).await? {
        // Whoever brought it is gone.
        service.files.remove(&object).await?;
        return Err(refusal::no_address());
    }
    tx.commit().await?;
    Ok(Attachment {
        id: GlobalId::new(Kind::Attachment, offer.id),
        name: received.name,
        media_type: media_type.to_owned(),
        bytes: i64::try_from(bytes).map_err(Error::internal)?,
        width: size.map(|size| size.width.into()),
        height: size.map(|size| size.height.into()),
        message_id: Uuid::nil(),
    })
}

/// Keeps a file that the service itself fetched for somebody; it belongs to no message yet, and does not need to before
/// a moment, if one is given.
pub async fn bring(
    service: &Arc<Service>,
    uploader_id: Uuid,
    (name, file): (&str, File),
    kept_until: Option<DateTime<Utc>>,
) -> Result<Uuid> {
    let (id, now) = (service.new_id(), service.clock.now());
    let bytes = file.metadata().map_err(Error::internal)?.len();
    let name = file_name(name)?;
    let tx = service.keep().await?;
    let new = Announced {
        id,
        uploader_id,
        name: name.clone(),
        bytes: i64::try_from(bytes).map_err(Error::internal)?,
        // Nothing is sent there.
        address_hash: random::<32>().map_err(Error::internal)?.to_vec(),
        expires_at: now + SENT_WITHIN,
        kept_until,
    };
    store::insert(&tx, new, now).await?;
    tx.commit().await?;
    keep(service.clone(), Expected { id, name, bytes }, file).await?;
    Ok(id)
}

/// Ties a file that was fetched for somebody to the message with which it came.
pub async fn tie(tx: &Tx, uploader_id: Uuid, message_id: Uuid, id: Uuid) -> Result<()> {
    store::tie(tx, uploader_id, message_id, &[id]).await.map(drop)
}

/// Ties a file to a message that was fetched before it was known who had sent it.
pub async fn hand_on(tx: &Tx, id: Uuid, (from, to): (Uuid, Uuid), message_id: Uuid) -> Result<()> {
    if from != to {
        store::pass_on(tx, id, from, to).await?;
    }
    tie(tx, to, message_id, id).await
}

/// A file that goes to another service, and what is in it.
pub async fn read(service: &Arc<Service>, id: Uuid) -> Result<Option<(Attachment, Vec<u8>)>> {
    let scope = access::scope(&Actor::SYSTEM, Act::ReadMessage, service.clock.now())?;
    let reader = service.database.reader(service.database.connection(), scope);
    let Some((file, object, sealed)) = store::contents(&reader, id).await? else { return Ok(None) };
    drop(reader);
    let key = service.database.keyring().object_key(&store::key_purpose(id), &sealed);
    let length = u64::try_from(file.bytes).map_err(Error::internal)?;
    let stream = service.files.get(&object, length, key.map_err(Error::internal)?).await?;
    let bytes: Vec<Bytes> = stream.try_collect().await?;
    Ok(Some((file, bytes.concat())))
}

fn judge(file: File) -> Result<(File, FileKind, Option<Size>)> {
    let kind = FileKind::of(&file).map_err(Error::internal)?.ok_or_else(refusal::not_taken)?;
    match clean::clean(file, kind) {
        Ok((file, size)) => Ok((file, kind, size)),
        Err(Fault::Broken) => Err(refusal::broken()),
        Err(Fault::TooLarge) => Err(refusal::too_many_pixels()),
        Err(Fault::Machine(error)) => Err(Error::internal(error)),
    }
}

/// The files that a client names for a message.
pub fn named(ids: Option<&[ID]>) -> Result<Vec<Uuid>> {
    let ids = ids.unwrap_or_default();
    if ids.len() > MAX_FILES {
        return Err(refusal::too_many_files(MAX_FILES));
    }
    ids.iter().map(|id| GlobalId::expect_uuid(id, Kind::Attachment)).collect()
}

/// Ties files that the caller has brought to the caller's new message, in this order.
pub async fn attach(tx: &Tx, message_id: Uuid, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let uploader_id = tx.scope().actor().id;
    let tied = store::tie(tx, uploader_id, message_id, ids).await?;
    // A file that is named twice is tied once.
    if tied != ids.len() as u64 { Err(refusal::no_file()) } else { Ok(()) }
}

/// What an address says, signed: which file, to whom, and until when.
type Pass = (Uuid, Role, Uuid, Option<Uuid>, i64);

/// Where the caller can have a file for a while.
pub fn address(request: &Request, id: Uuid) -> Result<String> {
    let actor = request.actor();
    let until = request.service().clock.now() + HAD_WITHIN;
    let pass: Pass = (id, actor.role, actor.id, actor.session, until.timestamp());
    let body = serde_json::to_vec(&pass).map_err(Error::internal)?;
    let signed = request.service().database.keyring().sign(OUTGOING, &body);
    Ok(format!("/attachments/{signed}"))
}

/// A file on its way out.
pub struct Download {
    /// What is known of it.
    pub file: Attachment,
    /// Its contents.
    pub bytes: BoxStream<'static, Result<Bytes>>,
}

/// The file at an address, if whom the address was given to may still see it.
pub async fn open(service: Arc<Service>, signed: &str) -> Result<Download> {
    let body = service.database.keyring().signed(OUTGOING, signed);
    let pass = body.and_then(|body| serde_json::from_slice::<Pass>(&body).ok());
    let (id, role, actor, session, until) = pass.ok_or_else(Error::not_found)?;
    if DateTime::<Utc>::from_timestamp(until, 0).is_none_or(|until| until <= service.clock.now()) {
        return Err(Error::not_found());
    }
    let actor = Actor { role, id: actor, session, expires_at: None };
    let caller = Caller { actor: Arc::new(actor), language: Language::default() };
    let request = Request::new(service.clone(), caller);
    let reader = request.reader(Act::ReadMessage)?;
    let (file, object, sealed) =
        store::contents(&reader, id).await?.ok_or_else(Error::not_found)?;
    request.write_down().await?;
    request.pause().await;
    let key = service.database.keyring().object_key(&store::key_purpose(id), &sealed);
    let length = u64::try_from(file.bytes).map_err(Error::internal)?;
    let bytes = service.files.get(&object, length, key.map_err(Error::internal)?).await?;
    Ok(Download { file, bytes })
}

/// Destroys files that came into no message within a day, and removes what is left of those that were destroyed.
pub async fn sweep(service: &Service) -> Result<()> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    store::expire(&tx, now - LOOSE_FOR, now).await?;
    tx.commit().await?;
    loop {
        let tx = service.keep().await?;
        let found = store::erased(&tx, SWEPT_AT_ONCE).await?;
        drop(tx);
        if found.is_empty() {
            return Ok(());
        }
        for object in found.iter().filter_map(|(_, object)| object.as_ref()) {
            service.files.remove(object).await?;
        }
        let tx = service.keep().await?;
        store::remove(&tx, found.into_iter().map(|(id, _)| id).collect()).await?;
        tx.commit().await?;
    }
}
