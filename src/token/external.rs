//! An identity provider of somebody else's, named by its key set (JWKS, RFC 7517) in a file or at an
//! address. Its tokens say who the officer is (`preferred_username`, or else `sub`); the role and the
//! area are ours to know.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use moka::sync::Cache;
use serde::Deserialize;

use super::store;
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::Database;
use crate::error::{Error, Result};

/// How long a fetched key set is trusted before it is fetched again.
const KEY_SET_LIFE: Duration = Duration::from_secs(300);
/// How long the provider may take to answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the provider's key set is.
#[derive(Clone, Debug)]
pub enum KeySetSource {
    /// A file, read again when its keys have grown old.
    File(PathBuf),
    /// An address, fetched again when its keys have grown old.
    Address(String),
}

/// Somebody else's identity provider.
pub struct IdentityProvider {
    issuer: String,
    audience: String,
    source: KeySetSource,
    client: reqwest::Client,
    keys: Cache<(), Arc<JwkSet>>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    preferred_username: Option<String>,
    exp: i64,
}

impl IdentityProvider {
    /// A provider whose tokens carry this issuer and audience.
    pub fn new(issuer: String, audience: String, source: KeySetSource) -> Result<Self> {
        let client =
            reqwest::Client::builder().timeout(FETCH_TIMEOUT).build().map_err(Error::internal)?;
        let keys = Cache::builder().max_capacity(1).time_to_live(KEY_SET_LIFE).build();
        Ok(Self { issuer, audience, source, client, keys })
    }

    /// The officer that one of the provider's tokens names.
    pub(super) async fn verify(
        &self,
        token: &str,
        header: &Header,
        database: &Database,
        now: DateTime<Utc>,
    ) -> Result<Actor> {
        let keys = self.key_set().await?;
        let jwk = match &header.kid {
            Some(id) => keys.find(id),
            None => keys.keys.first(),
        }
        .ok_or_else(Error::bad_token)?;
        let algorithm = pinned(jwk).filter(|algorithm| *algorithm == header.alg);
        let mut validation = Validation::new(algorithm.ok_or_else(Error::bad_token)?);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| Error::bad_token())?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| Error::bad_token())?
            .claims;
        let username = claims.preferred_username.unwrap_or(claims.sub);
        let tx = database.begin(&access::grant(&Actor::SYSTEM, Act::KeepService, now)?).await?;
        let (id, role) =
            store::officer_named(&tx, &username).await?.ok_or_else(Error::bad_token)?;
        Ok(Actor {
            role: role.into(),
            id,
            session: None,
            expires_at: DateTime::from_timestamp(claims.exp, 0),
        })
    }

    async fn key_set(&self) -> Result<Arc<JwkSet>> {
        if let Some(keys) = self.keys.get(&()) {
            return Ok(keys);
        }
        let keys = match &self.source {
            KeySetSource::File(path) => {
                let text = tokio::fs::read(path).await.map_err(|error| away(&error))?;
                serde_json::from_slice(&text).map_err(|error| away(&error))?
            }
            KeySetSource::Address(address) => {
                let answer = self.client.get(address).send().await.map_err(|error| away(&error))?;
                answer.json().await.map_err(|error| away(&error))?
            }
        };
        let keys: Arc<JwkSet> = Arc::new(keys);
        self.keys.insert((), keys.clone());
        Ok(keys)
    }
}

fn away(error: &dyn std::error::Error) -> Error {
    tracing::error!(error = %error, "the identity provider's key set cannot be read");
    Error::unavailable()
}

/// The one algorithm that a key is good for; symmetric keys are good for none.
fn pinned(jwk: &Jwk) -> Option<Algorithm> {
    match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Some(Algorithm::ES256),
            EllipticCurve::P384 => Some(Algorithm::ES384),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(_) => Some(Algorithm::EdDSA),
        _ => None,
    }
}
