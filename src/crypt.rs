//! What makes personal data unreadable in the database: AES-256-GCM with the key's id in front, a
//! keyed hash for finding equal values without opening any, and keys of their own for single
//! objects, wrapped by the ring. The first key of the ring seals; every key of it opens, so keys
//! are rotated by putting a new one in front.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Bytes of a key.
const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;
/// Bytes of a signature in front of what a client brings back.
const SIGNATURE_LENGTH: usize = 12;

/// Why something could not be sealed or opened. It never says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptError {
    /// A key is not `id:` and 32 bytes in base64, or two keys share an id.
    #[error("a key is an id of 1 to 16 letters or digits, a colon, and 32 bytes in base64")]
    BadKey,
    /// No key of the ring opens it, or it was changed.
    #[error("this value cannot be opened with the keys at hand")]
    CannotOpen,
    /// The machine gave no randomness.
    #[error("the machine gave no randomness")]
    NoRandomness,
}

/// One key: seals, opens, and hashes.
pub struct SealingKey {
    cipher: LessSafeKey,
    hash: hmac::Key,
}

impl SealingKey {
    fn new(bytes: &[u8; KEY_LENGTH]) -> Result<Self, CryptError> {
        let cipher = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| CryptError::BadKey)?;
        let derive = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let hash = hmac::sign(&derive, b"huhutong keyed hash");
        Ok(Self {
            cipher: LessSafeKey::new(cipher),
            hash: hmac::Key::new(hmac::HMAC_SHA256, hash.as_ref()),
        })
    }

    /// Seals `plain`; `purpose` must be the same when it is opened, so that a sealed phone number
    /// cannot be passed off as an address.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, CryptError> {
        let nonce: [u8; NONCE_LENGTH] = random()?;
        let mut sealed = nonce.to_vec();
        let mut body = plain.to_vec();
        self.cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut body,
            )
            .map_err(|_| CryptError::NoRandomness)?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what [`SealingKey::seal`] made for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, CryptError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LENGTH).ok_or(CryptError::CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptError::CannotOpen)?;
        let mut body = body.to_vec();
        let plain = self
            .cipher
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| CryptError::CannotOpen)?;
        Ok(plain.to_vec())
    }
}

/// All keys that the service knows, the sealing one first.
pub struct Keyring {
    keys: Vec<(String, SealingKey)>,
}

impl Keyring {
    /// Reads `id:base64,id:base64,…`, newest first.
    pub fn parse(text: &str) -> Result<Self, CryptError> {
        let mut keys: Vec<(String, SealingKey)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (id, key) = part.split_once(':').ok_or(CryptError::BadKey)?;
            let named = (1..=16).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && keys.iter().all(|(other, _)| other != id);
            let bytes = STANDARD.decode(key).ok().and_then(|bytes| bytes.try_into().ok());
            match bytes {
                Some(bytes) if named => keys.push((id.to_owned(), SealingKey::new(&bytes)?)),
                _ => return Err(CryptError::BadKey),
            }
        }
        Ok(Self { keys })
    }

    /// A new ring of one random key, in the form that [`Keyring::parse`] reads.
    pub fn generate(id: &str) -> Result<String, CryptError> {
        Ok(format!("{id}:{}", STANDARD.encode(random::<KEY_LENGTH>()?)))
    }

    /// Seals `plain` with the first key.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, CryptError> {
        let (id, key) = self.keys.first().ok_or(CryptError::BadKey)?;
        let mut sealed = vec![u8::try_from(id.len()).map_err(|_| CryptError::BadKey)?];
        sealed.extend_from_slice(id.as_bytes());
        sealed.extend(key.seal(purpose, plain)?);
        Ok(sealed)
    }

    /// Opens what any key of the ring has sealed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, CryptError> {
        let (length, rest) = sealed.split_first().ok_or(CryptError::CannotOpen)?;
        let (id, body) =
            rest.split_at_checked(usize::from(*length)).ok_or(CryptError::CannotOpen)?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(known, _)| known.as_bytes() == id)
            .ok_or(CryptError::CannotOpen)?;
        key.open(purpose, body)
    }

    /// Opens a text.
    pub fn open_text(&self, purpose: &str, sealed: &[u8]) -> Result<String, CryptError> {
        String::from_utf8(self.open(purpose, sealed)?).map_err(|_| CryptError::CannotOpen)
    }

    /// The keyed hash of `value`, to be stored beside the sealed value.
    pub fn hash(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        self.hashes(purpose, value).into_iter().next().unwrap_or_default()
    }

    /// The keyed hashes of `value` under every key of the ring: a stored one may be any of them.
    pub fn hashes(&self, purpose: &str, value: &[u8]) -> Vec<Vec<u8>> {
        self.keys
            .iter()
            .map(|(_, key)| {
                let mut context = hmac::Context::with_key(&key.hash);
                context.update(purpose.as_bytes());
                context.update(&[0]);
                context.update(value);
                context.sign().as_ref().to_vec()
            })
            .collect()
    }

    /// `body` and its signature as URL-safe text: [`Keyring::signed`] takes it back for the same purpose.
    pub fn sign(&self, purpose: &str, body: &[u8]) -> String {
        let mut bytes = self.hash(purpose, body);
        bytes.truncate(SIGNATURE_LENGTH);
        bytes.extend_from_slice(body);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The body of a text that any key of the ring has signed for this purpose.
    pub fn signed(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signature, body) = bytes.split_at_checked(SIGNATURE_LENGTH)?;
        let genuine = self
            .hashes(purpose, body)
            .iter()
            .any(|hash| verify_slices_are_equal(&hash[..SIGNATURE_LENGTH], signature).is_ok());
        genuine.then(|| body.to_vec())
    }

    /// A key for one object alone, and the form in which it is stored beside that object.
    /// Destroying the stored form destroys the object.
    pub fn new_object_key(&self, purpose: &str) -> Result<(SealingKey, Vec<u8>), CryptError> {
        let bytes: [u8; KEY_LENGTH] = random()?;
        Ok((SealingKey::new(&bytes)?, self.seal(purpose, &bytes)?))
    }

    /// The object's key from its stored form.
    pub fn object_key(&self, purpose: &str, stored: &[u8]) -> Result<SealingKey, CryptError> {
        let bytes = self.open(purpose, stored)?.try_into().map_err(|_| CryptError::CannotOpen)?;
        SealingKey::new(&bytes)
    }
}

/// Random bytes of the machine.
pub fn random<const N: usize>() -> Result<[u8; N], CryptError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| CryptError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[&str]) -> (String, Keyring) {
        let text =
            ids.iter().map(|id| Keyring::generate(id).unwrap()).collect::<Vec<_>>().join(",");
        let ring = Keyring::parse(&text).unwrap();
        (text, ring)
    }

    #[test]
    fn a_sealed_value_opens_for_its_purpose_only() {
        let (_, ring) = ring(&["a"]);
        let sealed = ring.seal("phone", b"10012345678").unwrap();
        assert_eq!(ring.open("phone", &sealed).unwrap(), b"10012345678");
        assert_eq!(ring.open("address", &sealed), Err(CryptError::CannotOpen));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (_, ring) = ring(&["a"]);
        let sealed = ring.seal("phone", b"10012345678").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(ring.open("phone", &changed).is_err(), "byte {index}");
        }
        for length in 0..sealed.len() {
            assert!(ring.open("phone", &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn a_new_key_in_front_seals_and_the_old_one_still_opens_and_finds() {
        let (old_text, old) = ring(&["old"]);
        let sealed = old.seal("phone", b"10012345678").unwrap();
        let stored = old.hash("phone", b"10012345678");
        let new =
            Keyring::parse(&format!("{},{old_text}", Keyring::generate("new").unwrap())).unwrap();
        assert_eq!(new.open("phone", &sealed).unwrap(), b"10012345678");
        assert!(new.hashes("phone", b"10012345678").contains(&stored));
        assert!(old.open("phone", &new.seal("phone", b"1").unwrap()).is_err());
    }

    #[test]
    fn an_object_key_opens_its_object_and_no_other() {
        let (_, ring) = ring(&["a"]);
        let (key, stored) = ring.new_object_key("inquiry").unwrap();
        let (other, _) = ring.new_object_key("inquiry").unwrap();
        let sealed = key.seal("text", "邻居吵架".as_bytes()).unwrap();
        let again = ring.object_key("inquiry", &stored).unwrap();
        assert_eq!(again.open("text", &sealed).unwrap(), "邻居吵架".as_bytes());
        assert!(other.open("text", &sealed).is_err());
    }

    #[test]
    fn bad_rings_are_refused() {
        let key = Keyring::generate("a").unwrap();
        for text in ["", "a", "a:", "a:AAAA", ":AAAA", &format!("{key},{key}")] {
            assert!(Keyring::parse(text).is_err(), "{text}");
        }
    }
}
