//! Attachments as the contract shows them, and how their upload is announced.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::rules::{self, NewUpload};
use crate::db::Once;
use crate::error::Result;
use crate::id::GlobalId;
use crate::payload;
use crate::request::Request;

/// A file that came with a message (附件): a picture, a document or a recording of voice.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Attachment {
    /// Global id.
    pub id: GlobalId,
    /// Its name, which ends as files of its type do. Whoever sent it chose it.
    pub name: String,
    /// Its media type, told by its content: `image/jpeg`, `image/png`, `image/webp`, `image/gif`,
    /// `application/pdf`, `audio/mpeg` (MP3), `audio/amr`, or the type of a DOCX or XLSX document.
    pub media_type: String,
    /// Its length in bytes.
    pub bytes: i64,
    /// Pixels from left to right as they are stored, before it is turned the way up that it says; null when it is
    /// no picture.
    pub width: Option<i64>,
    /// Pixels from top to bottom as they are stored; null when it is no picture.
    pub height: Option<i64>,
    #[graphql(skip)]
    pub(crate) message_id: uuid::Uuid,
}

#[ComplexObject]
impl Attachment {
    /// Where it can be had by GET without a token, on this service, for ten minutes: only while the caller who
    /// asked for this address may still see the message. Ask again for a new one; do not keep or share it.
    async fn url(&self, context: &Context<'_>) -> Result<String> {
        rules::address(Request::of(context)?, self.id.uuid())
    }
}

/// The input of `requestAttachmentUpload`.
#[derive(InputObject)]
pub struct RequestAttachmentUploadInput {
    /// Chosen by the caller, new for each file: repeating a call with it announces no second one. The answer then
    /// has a new address, and the one before is good no more.
    pub idempotency_key: String,
    /// The name of the file, at most 200 characters; of a path only the last part counts.
    pub name: String,
    /// Its length in bytes: from 1 to 20,971,520 (20 MiB).
    pub bytes: i64,
}

/// A file that is announced, and where to send it.
#[derive(SimpleObject)]
pub struct AttachmentUpload {
    /// The attachment's id, for `attachmentIds` of a message after the file was sent.
    pub attachment_id: ID,
    /// Where the file is to be sent by PUT, as the body, on this service, without a token. Good for one file. When
    /// sending breaks off, try again with the same address.
    pub url: String,
    /// When the address stops being good.
    pub expires_at: DateTime<Utc>,
}

payload! {
    /// The answer of `requestAttachmentUpload`.
    RequestAttachmentUploadPayload {
        /// The announced file.
        upload: AttachmentUpload
    }
}

/// How files are brought.
#[derive(Default)]
pub struct AttachmentMutation;

#[Object]
impl AttachmentMutation {
    /// Announces a file that is to come with a message (附件). Send it to the answer's `url`, then name it in
    /// `attachmentIds` of `submitInquiry` or `replyToInquiry` within a day, or it is removed. Taken are JPEG, PNG,
    /// WebP, GIF, PDF, DOCX, XLSX, MP3 and AMR, judged by content; pictures lose where, when and with what they
    /// were taken.
    async fn request_attachment_upload(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RequestAttachmentUploadInput,
    ) -> Result<RequestAttachmentUploadPayload> {
        let made = async {
            let once = Once::new("requestAttachmentUpload", &input.idempotency_key, &input)?;
            let new = NewUpload { name: input.name, bytes: input.bytes };
            rules::request(Request::of(context)?, new, once).await
        };
        RequestAttachmentUploadPayload::of(context, made.await)
    }
}
