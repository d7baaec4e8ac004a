//! Access tokens: who may make them, and how they are pinned.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use crate::on_both_databases;
use crate::support::county::{ADMIN, LIUHE};
use crate::support::{Answer, Folder, TestApp, Value, json};

on_both_databases!(
    a_token_without_a_signature_is_refused,
    a_token_signed_with_the_public_key_as_a_secret_is_refused,
    a_token_of_another_issuer_or_audience_is_refused,
    a_token_of_an_unknown_key_is_refused,
    made_up_key_ids_are_looked_for_once_in_a_while,
    a_token_of_an_inner_role_is_refused,
    a_changed_token_is_refused,
    tokens_of_an_older_key_stay_good,
    another_instance_learns_of_a_new_key,
    a_providers_token_names_an_officer_of_ours,
    a_providers_token_for_somebody_else_is_refused,
    a_providers_token_expires,
    a_providers_symmetric_key_is_good_for_nothing,
    a_provider_without_keys_leaves_our_own_tokens_good,
);

const VIEWER: &str = "{ viewer { role officer { username } } }";
const ISSUER: &str = "https://id.example";

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The header and the claims of a good token.
fn opened(token: &str) -> (Value, Value) {
    let part = |index: usize| {
        let text = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn own(app: &TestApp) -> String {
    let life = chrono::TimeDelta::minutes(15);
    let role = huhutong::actor::Role::CountyAdmin;
    app.service().tokens.issue(role, ADMIN, None, life).unwrap().0
}

async fn call(app: &TestApp, token: &str) -> Answer {
    app.bearer(token).query(VIEWER, json!({})).await
}

async fn assert_refused(app: &TestApp, token: &str) {
    let answer = call(app, token).await;
    assert_eq!((answer.status.as_u16(), answer.outcome().as_str()), (401, "UNAUTHENTICATED"));
}

/// The service's own signing key: id, private key, public key.
async fn signing_key(app: &TestApp) -> (String, EncodingKey, Vec<u8>) {
    use sea_orm::EntityTrait;
    let raw = app.raw().await;
    let row = entity::signing_key::Entity::find().one(&raw).await.unwrap().unwrap();
    let keyring = app.service().database.keyring();
    let private = keyring.open("signing key", &row.private).unwrap();
    raw.close().await.unwrap();
    (row.id, EncodingKey::from_ed_der(&private), row.public)
}

async fn a_token_without_a_signature_is_refused(app: TestApp) {
    let (header, claims) = opened(&own(&app));
    let none = json!({ "alg": "none", "typ": "JWT", "kid": header["kid"] });
    for token in [
        format!("{}.{}.", part(&none), part(&claims)),
        format!("{}.{}.", part(&header), part(&claims)),
        format!("{}.{}", part(&header), part(&claims)),
    ] {
        assert_refused(&app, &token).await;
    }
}

async fn a_token_signed_with_the_public_key_as_a_secret_is_refused(app: TestApp) {
    let (id, _, public) = signing_key(&app).await;
    let (_, claims) = opened(&own(&app));
    let header = Header { kid: Some(id), ..Header::new(Algorithm::HS256) };
    let token = encode(&header, &claims, &EncodingKey::from_secret(&public)).unwrap();
    assert_refused(&app, &token).await;
}

async fn a_token_of_another_issuer_or_audience_is_refused(app: TestApp) {
    let (id, private, _) = signing_key(&app).await;
    let (_, good) = opened(&own(&app));
    let header = Header { kid: Some(id), ..Header::new(Algorithm::EdDSA) };
    call(&app, &encode(&header, &good, &private).unwrap()).await.data();
    for (claim, value) in [("iss", json!("other")), ("aud", json!("other")), ("exp", Value::Null)] {
        let mut claims = good.clone();
        claims[claim] = value;
        assert_refused(&app, &encode(&header, &claims, &private).unwrap()).await;
    }
}

async fn a_token_of_an_unknown_key_is_refused(app: TestApp) {
    let (_, private, _) = signing_key(&app).await;
    let (_, claims) = opened(&own(&app));
    for kid in [None, Some("20260901-other".to_owned())] {
        let header = Header { kid, ..Header::new(Algorithm::EdDSA) };
        assert_refused(&app, &encode(&header, &claims, &private).unwrap()).await;
    }
}

async fn made_up_key_ids_are_looked_for_once_in_a_while(app: TestApp) {
    let (_, private, _) = signing_key(&app).await;
    let (_, claims) = opened(&own(&app));
    let made_up = |kid: &str| {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &private).unwrap()
    };
    let refused = async |kid| app.statements(assert_refused(&app, &made_up(kid))).await.0;
    assert_eq!((refused("a").await, refused("b").await, refused("c").await), (1, 0, 0));
    app.advance(std::time::Duration::from_secs(5));
    assert_eq!((refused("d").await, refused("e").await), (1, 0));
}

async fn a_token_of_an_inner_role_is_refused(app: TestApp) {
    let (id, private, _) = signing_key(&app).await;
    let (_, good) = opened(&own(&app));
    let header = Header { kid: Some(id), ..Header::new(Algorithm::EdDSA) };
    for role in ["SYSTEM", "CHANNEL", "ANONYMOUS"] {
        let mut claims = good.clone();
        claims["role"] = role.into();
        assert_refused(&app, &encode(&header, &claims, &private).unwrap()).await;
    }
}

async fn a_changed_token_is_refused(app: TestApp) {
    let token = own(&app);
    let (_, mut claims) = opened(&token);
    claims["role"] = "AUDITOR".into();
    let parts: Vec<&str> = token.split('.').collect();
    assert_refused(&app, &format!("{}.{}.{}", parts[0], part(&claims), parts[2])).await;
    call(&app, &token).await.data();
}

async fn tokens_of_an_older_key_stay_good(app: TestApp) {
    let old = own(&app);
    app.advance(std::time::Duration::from_secs(60));
    app.service().tokens.rotate().await.unwrap();
    let new = own(&app);
    assert_ne!(opened(&old).0["kid"], opened(&new).0["kid"]);
    call(&app, &old).await.data();
    call(&app, &new).await.data();
}

async fn another_instance_learns_of_a_new_key(app: TestApp) {
    let other = app.another_instance().await;
    app.advance(std::time::Duration::from_secs(60));
    app.service().tokens.rotate().await.unwrap();
    call(&other, &own(&app)).await.data();
}

/// An identity provider of somebody else's, and an instance that trusts it.
struct Provider {
    app: TestApp,
    private: EncodingKey,
    _folder: Folder,
}

impl Provider {
    async fn new(app: &TestApp) -> Self {
        let rng = aws_lc_rs::rand::SystemRandom::new();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&rng).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let secret = URL_SAFE_NO_PAD.encode("a shared secret of 32 bytes long");
        let keys = json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "theirs", "use": "sig" },
            { "kty": "oct", "k": secret, "kid": "shared" },
        ]});
        let folder = Folder::new();
        std::fs::write(folder.file("jwks.json"), keys.to_string()).unwrap();
        let app = app.with_provider(ISSUER, folder.file("jwks.json")).await;
        Self { app, private: EncodingKey::from_ed_der(pkcs8.as_ref()), _folder: folder }
    }

    fn claims(&self, username: &str) -> Value {
        let exp = (self.app.now() + chrono::TimeDelta::minutes(5)).timestamp();
        json!({ "iss": ISSUER, "aud": "huhutong", "sub": "4711", "exp": exp,
                "preferred_username": username })
    }

    fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some("theirs".to_owned()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &self.private).unwrap()
    }
}

async fn a_providers_token_names_an_officer_of_ours(app: TestApp) {
    let provider = Provider::new(&app).await;
    let token = provider.token(&provider.claims(&format!("lead-{LIUHE}")));
    let answer = call(&provider.app, &token).await;
    let expected = json!({ "role": "OFFICER", "officer": { "username": format!("lead-{LIUHE}") } });
    assert_eq!(answer.at("/viewer"), &expected);
    // An instance that trusts no provider does not take it.
    assert_refused(&app, &token).await;
}

async fn a_providers_token_for_somebody_else_is_refused(app: TestApp) {
    let provider = Provider::new(&app).await;
    assert_refused(&provider.app, &provider.token(&provider.claims("nobody"))).await;
    for (claim, value) in [("iss", "https://other.example"), ("aud", "other")] {
        let mut claims = provider.claims("admin");
        claims[claim] = value.into();
        assert_refused(&provider.app, &provider.token(&claims)).await;
    }
}

async fn a_providers_token_expires(app: TestApp) {
    let provider = Provider::new(&app).await;
    let token = provider.token(&provider.claims("admin"));
    call(&provider.app, &token).await.data();
    app.advance(std::time::Duration::from_secs(300));
    assert_refused(&provider.app, &token).await;
}

async fn a_providers_symmetric_key_is_good_for_nothing(app: TestApp) {
    let provider = Provider::new(&app).await;
    let header = Header { kid: Some("shared".to_owned()), ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(b"a shared secret of 32 bytes long");
    let token = encode(&header, &provider.claims("admin"), &secret).unwrap();
    assert_refused(&provider.app, &token).await;
}

async fn a_provider_without_keys_leaves_our_own_tokens_good(app: TestApp) {
    let folder = Folder::new();
    let with = app.with_provider(ISSUER, folder.file("missing.json")).await;
    call(&with, &own(&with)).await.data();
    // A key that we have not heard of yet is looked for before the provider is asked.
    app.advance(std::time::Duration::from_secs(60));
    app.service().tokens.rotate().await.unwrap();
    call(&with, &own(&app)).await.data();
}
