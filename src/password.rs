//! Passwords: argon2id, computed away from the threads that serve requests.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::error::{Error, Result, UserErrorCode};

/// The fewest and the most characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// Hashes a new password; `field` is its path in the input. It needs three kinds of characters out
/// of lower case, upper case, digits and others (GB/T 22239-2019, 8.1.4.1).
pub async fn hash(field: &str, password: String) -> Result<String> {
    let has = |kind: fn(char) -> bool| usize::from(password.chars().any(kind));
    let kinds = has(|c| c.is_lowercase())
        + has(|c| c.is_uppercase())
        + has(|c| c.is_numeric())
        + has(|c| !c.is_lowercase() && !c.is_uppercase() && !c.is_numeric());
    if !LENGTH.contains(&password.chars().count()) || kinds < 3 {
        return Err(Error::user(
            UserErrorCode::WeakPassword,
            field,
            "密码应为10到128个字符，并含有小写字母、大写字母、数字、其他字符中的三种。",
            "A password has 10 to 128 characters of three kinds out of lower case, upper case, digits and others.",
        ));
    }
    apart(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(Error::internal)
    })
    .await?
}

/// Whether `password` is the one that was hashed. Takes as long when there is no such account.
pub async fn is_right(password: String, hash: Option<String>) -> Result<bool> {
    apart(move || match hash.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => {
            // The work of a check, so that nobody learns from the time which names exist.
            let _ = Argon2::default().hash_password(password.as_bytes());
            false
        }
    })
    .await
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
