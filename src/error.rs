//! Everything that can go wrong, said once: a stable code for programs and a sentence in the
//! caller's language for people. An error that the client can act on has a [`UserErrorCode`] and
//! travels in a payload's `userErrors`; every other has a [`Code`] and travels in the response's
//! `errors` with `extensions.code`. Texts never quote what the caller sent, nor what the database said.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Enum, ErrorExtensionValues, ServerError};

/// The languages in which the service speaks to people, chosen by `Accept-Language`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 简体中文, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The first language of an `Accept-Language` header that the service speaks (RFC 9110 §12.5.4).
    pub fn accepted(header: &str) -> Self {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
                let quality: f32 = quality.trim().parse().ok().filter(|q| *q > 0.0)?;
                match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
                    "zh" | "*" => Some((quality, Self::Chinese)),
                    "en" => Some((quality, Self::English)),
                    _ => None,
                }
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map_or(Self::default(), |(_, language)| *language)
    }
}

/// One sentence in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    chinese: Cow<'static, str>,
    english: Cow<'static, str>,
}

impl Text {
    /// A sentence in both languages.
    pub fn new(
        chinese: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { chinese: chinese.into(), english: english.into() }
    }

    /// The sentence in `language`.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        }
    }
}

/// Codes of errors that stop an operation or a field: `errors[].extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The HTTP request is not a GraphQL request.
    BadRequest,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// An argument has the right type but not a possible value.
    BadUserInput,
    /// The id was not made by this service, or belongs to another type.
    BadId,
    /// The cursor was not made by this service for this list and order.
    BadCursor,
    /// The document is larger, deeper or more expensive than `serviceInfo.limits` allow.
    QueryTooLarge,
    /// The uploaded file is none that is taken there, or is damaged.
    BadFile,
    /// The uploaded file is larger than the service takes.
    FileTooLarge,
    /// Nobody is signed in, or the token is no longer good.
    Unauthenticated,
    /// The caller's role may never do this.
    Forbidden,
    /// It does not exist, or lies outside the caller's area: the two look the same.
    NotFound,
    /// Too many tries; come back later.
    RateLimited,
    /// The database or another part is away for the moment; try again.
    Unavailable,
    /// The operation took longer than the service allows.
    Timeout,
    /// A fault of the service; it was logged.
    Internal,
}

impl Code {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadId => "BAD_ID",
            Self::BadCursor => "BAD_CURSOR",
            Self::QueryTooLarge => "QUERY_TOO_LARGE",
            Self::BadFile => "BAD_FILE",
            Self::FileTooLarge => "FILE_TOO_LARGE",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why a change was refused. Codes never change; new ones may be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserErrorCode {
    /// A required value is empty.
    Blank,
    /// A text is longer than allowed.
    TooLong,
    /// A value is not in the form that the field expects.
    Invalid,
    /// Something with this key exists already.
    Taken,
    /// The object does not exist, or lies outside the caller's area.
    NotFound,
    /// Somebody else changed the object meanwhile: `expectedVersion` is no longer its version.
    VersionConflict,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The object's present state does not allow this change.
    WrongState,
    /// The user name or the password is wrong.
    WrongCredentials,
    /// The session has ended; sign in again.
    SessionEnded,
    /// The password is too easy to guess.
    WeakPassword,
    /// The change would leave a household without an officer.
    WithoutOfficer,
    /// The household was moved out of the caller's area, or merged into one that lies elsewhere.
    HouseholdElsewhere,
    /// The import that had registered the household was taken back: there is no such household.
    HouseholdWithdrawn,
    /// The caller's posting to the household's village has ended.
    PostingEnded,
    /// Another officer has taken the inquiry on.
    AlreadyClaimed,
    /// Another officer is writing an answer just now.
    BeingAnswered,
    /// Something was written that the caller has not seen yet.
    UnseenMessages,
}

/// How an error travels to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In a payload's `userErrors`, with the path of the input field that caused it.
    User(UserErrorCode, Vec<String>),
    /// In the response's `errors`.
    Top(Code),
}

/// An error with its code and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Its code and the way it travels.
    pub kind: Kind,
    text: Text,
}

/// The result of everything that may be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error for the response's `errors`.
    pub fn top(
        code: Code,
        chinese: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind: Kind::Top(code), text: Text::new(chinese, english) }
    }

    /// An error for a payload's `userErrors`; `field` is a path such as `household.label`.
    pub fn user(
        code: UserErrorCode,
        field: &str,
        chinese: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        let path = field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { kind: Kind::User(code, path), text: Text::new(chinese, english) }
    }

    /// The same for a payload's `userErrors`, about a field of the input.
    pub fn about(self, code: UserErrorCode, field: &str) -> Self {
        Self { kind: Kind::User(code, vec![field.to_owned()]), ..self }
    }

    /// The same about another field of the input.
    pub fn of_field(mut self, field: &str) -> Self {
        if let Kind::User(_, path) = &mut self.kind {
            *path = vec![field.to_owned()];
        }
        self
    }

    /// The sentence in `language`.
    pub fn say(&self, language: Language) -> &str {
        self.text.say(language)
    }

    /// Whether it is an error of this input field.
    pub fn is_at(&self, field: &str) -> bool {
        matches!(&self.kind, Kind::User(_, path) if path.first().is_some_and(|first| first == field))
    }

    /// The same error, of a field that lies below this one.
    pub fn below(mut self, field: &str) -> Self {
        if let Kind::User(_, path) = &mut self.kind {
            path.insert(0, field.to_owned());
        }
        self
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::top(Code::Unauthenticated, "请先登录。", "Sign in first.")
    }

    /// The token was good once, or never.
    pub fn bad_token() -> Self {
        Self::top(
            Code::Unauthenticated,
            "登录已失效，请重新登录。",
            "The access token is not valid any more. Refresh the session or sign in again.",
        )
    }

    /// The caller's role may never do this.
    pub fn forbidden() -> Self {
        Self::top(Code::Forbidden, "您的角色无权进行此操作。", "Your role does not allow this.")
    }

    /// Missing or outside the caller's area.
    pub fn not_found() -> Self {
        Self::top(Code::NotFound, "没有找到。", "Not found.")
    }

    /// The id was not made by this service, or belongs to another type.
    pub fn bad_id() -> Self {
        Self::top(Code::BadId, "编号无效。", "This is not an id of the expected type.")
    }

    /// The cursor was not made by this service for this list.
    pub fn bad_cursor() -> Self {
        Self::top(
            Code::BadCursor,
            "分页游标无效。",
            "This cursor was not made for this list and order.",
        )
    }

    /// The cursor is from a time that this database has not seen: it was restored from a backup.
    pub fn stale_cursor() -> Self {
        Self::top(
            Code::BadCursor,
            "该游标已失效，请从头开始同步。",
            "This cursor is out of date: start again without it.",
        )
    }

    /// The database, or another part, is away for the moment.
    pub fn unavailable() -> Self {
        Self::top(
            Code::Unavailable,
            "服务暂时不可用，请稍后再试。",
            "The service is away for a moment. Try again.",
        )
    }

    /// A fault of the service. The cause goes to the log and never to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::top(Code::Internal, "服务内部错误。", "An internal error occurred.")
    }
}

impl From<Error> for async_graphql::Error {
    /// English for now; [`localise`] says it in the caller's language at the door.
    fn from(error: Error) -> Self {
        let code = match &error.kind {
            Kind::Top(code) => *code,
            Kind::User(..) => Code::BadUserInput,
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code.as_str());
        let mut graphql = Self::new(error.say(Language::English));
        graphql.extensions = Some(extensions);
        graphql.source = Some(Arc::new(error));
        graphql
    }
}

/// Gives an error of a response its code and its sentence in `language`. An error that is not ours
/// and carries no code came from the executor itself: the document asked for something impossible.
pub fn localise(error: &mut ServerError, language: Language) {
    if let Some(ours) = error.source::<Error>() {
        error.message = ours.say(language).to_owned();
    }
    let extensions = error.extensions.get_or_insert_with(Default::default);
    if extensions.get("code").is_none() {
        let code = if error.path.is_empty() { Code::ValidationFailed } else { Code::BadUserInput };
        extensions.set("code", code.as_str());
    }
}
