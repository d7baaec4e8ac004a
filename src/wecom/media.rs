//! Files, which go to the far side and come from there apart from what they belong to.

use serde::Deserialize;
use serde_json::json;

use super::call::{Call, Nothing, Sent};
use super::{Account, Failure, Upload, Wecom};

/// The most bytes of a file that a customer sends.
const MOST_MEDIA: usize = 21 << 20;
/// The most bytes of a short answer.
const MOST_ANSWER: usize = 1 << 20;

/// As what a file is shown in the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture.
    Image,
    /// A file to open.
    File,
}

impl FileKind {
    /// JPEG and PNG up to 10 MB are pictures, everything else is a file.
    pub fn of(media_type: &str, bytes: usize) -> Self {
        let picture = matches!(media_type, "image/jpeg" | "image/png") && bytes <= 10 << 20;
        if picture { Self::Image } else { Self::File }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::File => "file",
        }
    }
}

/// A file that a customer sent.
pub struct Media {
    /// What the far side says that it is.
    pub content_type: Option<String>,
    /// What it is called, when it has a name.
    pub name: Option<String>,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Wecom {
    /// A file that a customer sent, for three days after that.
    pub async fn media(&self, account: &Account, media_id: &str) -> Result<Media, Failure> {
        let query = [("media_id", media_id)];
        let sent = Sent::<()>::Nothing;
        let call = Call { path: "media/get", query: &query, sent, most: MOST_MEDIA };
        let raw = self.call(account, &call).await?;
        Ok(Media { content_type: raw.content_type, name: raw.name, bytes: raw.bytes })
    }

    /// Brings a file, and answers with its name at the far side, which is good for three days.
    pub async fn upload(
        &self,
        account: &Account,
        kind: FileKind,
        file: &Upload<'_>,
    ) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            media_id: String,
        }
        let query = [("type", kind.name())];
        let sent = Sent::<()>::File(file);
        let call = Call { path: "media/upload", query: &query, sent, most: MOST_ANSWER };
        let raw = self.call(account, &call).await?;
        let answer: Answer = serde_json::from_slice(&raw.bytes).map_err(|_| Failure::Unreadable)?;
        Ok(answer.media_id)
    }

    /// Sends a file that was brought.
    pub async fn send_file(
        &self,
        account: &Account,
        (open_kfid, external_userid): (&str, &str),
        msgid: &str,
        (kind, media_id): (FileKind, &str),
    ) -> Result<(), Failure> {
        let kind = kind.name();
        let mut body = json!({ "touser": external_userid, "open_kfid": open_kfid, "msgid": msgid,
                               "msgtype": kind });
        body[kind] = json!({ "media_id": media_id });
        self.post::<Nothing>(account, "kf/send_msg", &body).await.map(drop)
    }
}
