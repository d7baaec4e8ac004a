//! What a mutation answers: the object, or why the change was refused.

use async_graphql::{Context, SimpleObject};

use crate::error::{Error, Kind, Language, Result, UserErrorCode};
use crate::request::Request;

/// Why a change was refused. Nothing of it was done.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// What is wrong, for programs.
    pub code: UserErrorCode,
    /// The path of the input field that is wrong, such as `["phone"]`; null when it is no single one.
    pub field: Option<Vec<String>>,
    /// What is wrong, for people, in the language of `Accept-Language`.
    pub message: String,
}

/// Parts a result into what a payload shows and what stops the operation.
pub fn part<T>(context: &Context<'_>, result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(error) => Ok((None, vec![told(error, Request::of(context)?.language())?])),
    }
}

/// What a client can act on, in its language; anything else stays an error.
pub fn told(error: Error, language: Language) -> Result<UserError> {
    let message = error.say(language).to_owned();
    match error.kind {
        Kind::User(code, path) => {
            let field = (!path.is_empty()).then_some(path);
            Ok(UserError { code, field, message })
        }
        Kind::Top(_) => Err(error),
    }
}

/// In a mutation, what an id names may be missing: the client can act on that.
pub fn expected<T>(found: Option<T>, field: &str) -> Result<T> {
    found.ok_or_else(|| Error::user(UserErrorCode::NotFound, field, "没有找到。", "Not found."))
}

/// Declares the payload of a mutation, and how it is made of a result.
#[macro_export]
macro_rules! payload {
    ($(#[doc = $doc:literal])* $name:ident { $(#[doc = $field_doc:literal])* $field:ident: $type:ty }) => {
        $(#[doc = $doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[doc = $field_doc])*
            pub $field: Option<$type>,
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<$crate::payload::UserError>,
        }

        impl $name {
            fn of(
                context: &async_graphql::Context<'_>,
                result: $crate::error::Result<$type>,
            ) -> $crate::error::Result<Self> {
                let ($field, user_errors) = $crate::payload::part(context, result)?;
                Ok(Self { $field, user_errors })
            }
        }
    };
}
