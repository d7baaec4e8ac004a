//! 渠道账号: an account through which households are reached.

use sea_orm::entity::prelude::*;

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    WechatKf,
    WecomContacts,
    OfficialAccount,
    ByHand,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Kind,
    pub name: String,
    /// The township that it is for; the whole county when null.
    pub township_code: Option<String>,
    /// The id of the corporation at WeCom, or of the Official Account.
    pub corp_id: Option<String>,
    /// The customer service account within the corporation.
    pub open_kfid: Option<String>,
    /// What fetches access tokens, sealed.
    pub secret: Option<Vec<u8>>,
    /// What signs callbacks, sealed.
    pub callback_token: Option<Vec<u8>>,
    /// What encrypts callbacks, sealed.
    pub callback_key: Option<Vec<u8>>,
    /// The token before; good as long as it is here.
    pub old_callback_token: Option<Vec<u8>>,
    /// The key before; good as long as it is here.
    pub old_callback_key: Option<Vec<u8>>,
    pub api_base_url: String,
    /// Messages that may be sent after each message of the household's own.
    pub window_messages: i32,
    /// For how many hours after it.
    pub window_hours: i32,
    /// Calls of the API in a minute.
    pub per_minute: i32,
    pub enabled: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// When the far side last checked the callback's address.
    pub verified_at: Option<DateTimeUtc>,
    /// The error code with which the far side last refused a token; null after it gave one.
    pub api_error: Option<i32>,
    pub api_error_at: Option<DateTimeUtc>,
    /// Up to where messages were fetched.
    pub sync_cursor: Option<String>,
    /// When messages were last fetched without being called for.
    pub swept_at: Option<DateTimeUtc>,
    /// Until when `holder` alone fetches.
    pub locked_until: Option<DateTimeUtc>,
    pub holder: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
