//! Sessions as the contract shows them.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::rules;
use crate::actor::Role;
use crate::error::Result;
use crate::officer::Officer;
use crate::payload;
use crate::request::Request;

/// Who is calling, and what lies in their area.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Viewer {
    /// The caller's role.
    pub role: Role,
    /// When the access token stops being good.
    pub token_expires_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) subject_id: uuid::Uuid,
}

/// The tokens of a session.
#[derive(SimpleObject)]
pub struct Session {
    /// Send it as `Authorization: Bearer …`. Good for a quarter of an hour.
    pub access_token: String,
    /// When the access token stops being good.
    pub access_token_expires_at: DateTime<Utc>,
    /// Gets the next pair of tokens from `refreshSession`. It works once; keep it secret.
    pub refresh_token: String,
    /// When the refresh token stops being good.
    pub refresh_token_expires_at: DateTime<Utc>,
}

/// The input of `signIn`.
#[derive(InputObject)]
pub struct SignInInput {
    /// The officer's user name.
    pub username: String,
    /// The officer's password.
    pub password: String,
}

/// The input of `refreshSession`.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token that came last.
    pub refresh_token: String,
}

/// The input of `signOut`.
#[derive(InputObject, Default)]
pub struct SignOutInput {
    /// Sign out on all devices, not only on this one.
    #[graphql(default)]
    pub everywhere: bool,
}

/// The input of `changePassword`.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    pub current_password: String,
    /// The new password: 10 to 128 characters of three kinds out of lower case, upper case, digits
    /// and others.
    pub new_password: String,
}

payload! {
    /// The answer of `signIn`.
    SignInPayload {
        /// The new session.
        session: Session
    }
}
payload! {
    /// The answer of `refreshSession`.
    RefreshSessionPayload {
        /// The session with new tokens; the old refresh token no longer works.
        session: Session
    }
}
payload! {
    /// The answer of `signOut`.
    SignOutPayload {
        /// True when the session has ended.
        signed_out: bool
    }
}
payload! {
    /// The answer of `changePassword`.
    ChangePasswordPayload {
        /// The officer whose password was changed.
        officer: Officer
    }
}

/// Who is calling.
#[derive(Default)]
pub struct SessionQuery;

#[Object]
impl SessionQuery {
    /// Who is calling; null when nobody is signed in.
    async fn viewer(&self, context: &Context<'_>) -> Result<Option<Viewer>> {
        let actor = Request::of(context)?.actor();
        Ok(actor.is_signed_in().then_some(Viewer {
            role: actor.role,
            token_expires_at: actor.expires_at,
            subject_id: actor.id,
        }))
    }
}

/// Signing in and out.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs an officer in with user name and password. Needs no token.
    async fn sign_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let made = rules::sign_in(Request::of(context)?, &input.username, input.password).await;
        SignInPayload::of(context, made)
    }

    /// Gets the next pair of tokens. Needs no access token. Using a refresh token twice ends the
    /// session.
    async fn refresh_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload> {
        let made = rules::refresh(Request::of(context)?, &input.refresh_token).await;
        RefreshSessionPayload::of(context, made)
    }

    /// Ends the caller's session: its tokens no longer work.
    async fn sign_out(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "On this device alone when left out.")] input: Option<SignOutInput>,
    ) -> Result<SignOutPayload> {
        let everywhere = input.unwrap_or_default().everywhere;
        let made = rules::sign_out(Request::of(context)?, everywhere).await;
        SignOutPayload::of(context, made)
    }

    /// Changes the caller's password, and signs the caller out on all other devices.
    async fn change_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let request = Request::of(context)?;
        let made = rules::change_password(request, input.current_password, input.new_password);
        ChangePasswordPayload::of(context, made.await)
    }
}
