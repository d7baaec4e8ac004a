//! Access tokens (JWT, EdDSA): made at sign-in, good for a quarter of an hour, verified with the
//! algorithm, the issuer and the audience pinned. The keys that sign them are made at first start,
//! kept sealed in the database, and told apart by their id, so that they can be rotated: the newest
//! signs, all verify. A verified token is remembered until it expires.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::{self, Act};
use crate::actor::{Actor, Role};
use crate::clock::Clock;
use crate::db::Database;
use crate::error::{Error, Result};

pub mod external;
mod store;

use external::IdentityProvider;

/// How long an access token is good.
pub const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);
/// How many verified tokens are remembered.
const REMEMBERED: u64 = 20_000;
/// How long an unknown key is not looked for again, so that made-up tokens cost no statements.
const UNKNOWN: TimeDelta = TimeDelta::seconds(2);

/// For whom and by whom tokens are made.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The `iss` of our tokens.
    pub issuer: String,
    /// The `aud` of our tokens.
    pub audience: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    role: Role,
    sid: Option<Uuid>,
    iat: i64,
    exp: i64,
}

/// A signing key, opened.
struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// Makes and verifies access tokens.
pub struct Tokens {
    settings: TokenSettings,
    provider: Option<IdentityProvider>,
    database: Arc<Database>,
    clock: Clock,
    keys: RwLock<Vec<Key>>,
    /// When the keys were last read because of a token that names none of them.
    looked_at: Mutex<Option<DateTime<Utc>>>,
    verified: Cache<String, Actor>,
    /// Sessions and accounts that ended while a token of theirs may still be about.
    ended: Cache<Uuid, ()>,
}

impl Tokens {
    /// Opens the keys in the database, and makes the first one when there is none.
    pub async fn open(
        database: Arc<Database>,
        clock: Clock,
        settings: TokenSettings,
        provider: Option<IdentityProvider>,
    ) -> Result<Self> {
        let life = ACCESS_TOKEN_LIFE.to_std().unwrap_or(Duration::from_secs(900));
        let tokens = Self {
            settings,
            provider,
            database,
            clock,
            keys: RwLock::default(),
            looked_at: Mutex::default(),
            verified: Cache::builder().max_capacity(REMEMBERED).time_to_live(life).build(),
            ended: Cache::builder().max_capacity(REMEMBERED).time_to_live(life).build(),
        };
        if tokens.reload().await? == 0 {
            tokens.rotate().await?;
        }
        Ok(tokens)
    }

    /// Makes a new key, which signs from now on. Tokens of older keys stay good until they expire.
    pub async fn rotate(&self) -> Result<()> {
        let rng = aws_lc_rs::rand::SystemRandom::new();
        let private = Ed25519KeyPair::generate_pkcs8(&rng).map_err(Error::internal)?;
        let public = Ed25519KeyPair::from_pkcs8(private.as_ref())
            .map_err(Error::internal)?
            .public_key()
            .as_ref()
            .to_vec();
        let now = self.clock.now();
        let id = format!("{}-{}", now.format("%Y%m%d"), Uuid::new_v4().simple());
        let tx = self.database.begin(&self.grant()?).await?;
        store::add(&tx, &id, private.as_ref(), public, now).await?;
        tx.commit().await?;
        self.reload().await?;
        Ok(())
    }

    async fn reload(&self) -> Result<usize> {
        let reader = self.database.reader(self.database.connection(), *self.grant()?.scope());
        let keys = store::all(&reader)
            .await?
            .into_iter()
            .map(|(id, private, public)| Key {
                id,
                encoding: EncodingKey::from_ed_der(&private),
                decoding: DecodingKey::from_ed_der(&public),
            })
            .collect::<Vec<_>>();
        let count = keys.len();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(count)
    }

    fn grant(&self) -> Result<access::Grant> {
        access::grant(&Actor::SYSTEM, Act::KeepService, self.clock.now())
    }

    /// Makes an access token, and says when it stops being good.
    pub fn issue(
        &self,
        role: Role,
        subject: Uuid,
        session: Option<Uuid>,
        life: TimeDelta,
    ) -> Result<(String, DateTime<Utc>)> {
        let now = self.clock.now();
        let expires_at = now + life;
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: subject,
            role,
            sid: session,
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.first().ok_or_else(|| Error::internal("there is no signing key"))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.id.clone());
        let token =
            jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Error::internal)?;
        Ok((token, expires_at))
    }

    /// Who holds this token.
    pub async fn verify(&self, token: &str) -> Result<Actor> {
        let actor = match self.verified.get(token) {
            Some(actor) => actor,
            None => self.examine(token).await?,
        };
        let over = actor.expires_at.is_none_or(|end| end <= self.clock.now());
        let ended = [actor.session, Some(actor.id)]
            .into_iter()
            .flatten()
            .any(|id| self.ended.contains_key(&id));
        if over || ended {
            return Err(Error::bad_token());
        }
        Ok(actor)
    }

    /// Refuses the tokens of a session or an account from now on, on this instance; the others
    /// learn it from the event log, and every statement checks it in the database.
    pub fn end(&self, id: Uuid) {
        self.ended.insert(id, ());
    }

    async fn examine(&self, token: &str) -> Result<Actor> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::bad_token())?;
        let mut own = self.own(token, header.kid.as_deref());
        if own.is_none() && header.kid.is_some() && self.may_look() {
            // Another instance may have made a key meanwhile.
            self.reload().await?;
            own = self.own(token, header.kid.as_deref());
        }
        let actor = match (own, &self.provider) {
            (Some(result), _) => result?,
            (None, Some(provider)) => {
                provider.verify(token, &header, &self.database, self.clock.now()).await?
            }
            (None, None) => return Err(Error::bad_token()),
        };
        self.verified.insert(token.to_owned(), actor);
        Ok(actor)
    }

    /// Whether the keys may be read again by now; if so, not for a while after.
    fn may_look(&self) -> bool {
        let now = self.clock.now();
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = looked_at.is_none_or(|at| now - at >= UNKNOWN);
        if may {
            *looked_at = Some(now);
        }
        may
    }

    /// Verifies a token that names one of our keys.
    fn own(&self, token: &str, key_id: Option<&str>) -> Option<Result<Actor>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| Some(key.id.as_str()) == key_id)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Our clock decides, which tests set; `verify` compares.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation);
        Some(claims.map_err(|_| Error::bad_token()).and_then(|data| {
            let claims = data.claims;
            if claims.role.of_staff().is_none() && claims.role != Role::Resident {
                return Err(Error::bad_token());
            }
            Ok(Actor {
                role: claims.role,
                id: claims.sub,
                session: claims.sid,
                expires_at: DateTime::from_timestamp(claims.exp, 0),
            })
        }))
    }
}
