//! The envelope in which WeChat and WeCom (企业微信) deliver: AES-256-CBC inside, a signature outside, as the far side's
//! document 91144 says (加解密方案说明). Nothing is decrypted before its signature is found to be right.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use quick_xml::escape::partial_escape;

/// Characters of a key as the far side shows it (EncodingAESKey).
pub const KEY_LENGTH: usize = 43;
/// The most characters of a token.
pub const MAX_TOKEN: usize = 32;
/// The most bytes that are opened.
pub const MAX_SEALED: usize = 64 * 1024;
/// Bytes of chance in front of each message.
const CHANCE: usize = 16;
/// Bytes that say how long the message is.
const LENGTH: usize = 4;
/// PKCS#7 fills up to a multiple of this, which is twice the cipher's block.
const PADDED_TO: usize = 32;

/// The last of a key's characters carries bits that mean nothing, and the far side's own keys have them set.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Why an envelope stays closed. Whoever sent it is told none of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// It was not signed with this token.
    #[error("the signature is wrong")]
    Signature,
    /// What is in it was not sealed with this key.
    #[error("it cannot be opened with this key")]
    Contents,
    /// It is for somebody else.
    #[error("it is for another receiver")]
    Receiver,
}

/// What stands outside of an envelope.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a> {
    /// `msg_signature`.
    pub signature: &'a str,
    /// `timestamp`, as it was written.
    pub timestamp: &'a str,
    /// `nonce`, as it was written: it may begin with a zero.
    pub nonce: &'a str,
}

/// The token and the key of a callback, which seal and open its envelopes. An Official Account in plain mode (明文模式) has
/// a token only, and sends no envelopes.
pub struct Keys {
    token: String,
    key: Option<[u8; 32]>,
}

impl Keys {
    /// Takes a token of up to 32 letters and digits and a key of 43, or nothing.
    pub fn new(token: &str, key: &str) -> Option<Self> {
        if key.len() != KEY_LENGTH {
            return None;
        }
        let key = KEY_BASE64.decode(format!("{key}=")).ok()?.try_into().ok()?;
        Some(Self { key: Some(key), ..Self::plain(token)? })
    }

    /// Takes a token of up to 32 letters and digits, or nothing.
    pub fn plain(token: &str) -> Option<Self> {
        let sane = (1..=MAX_TOKEN).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        sane.then(|| Self { token: token.to_owned(), key: None })
    }

    /// Whether nothing is sealed.
    pub fn is_plain(&self) -> bool {
        self.key.is_none()
    }

    /// Opens what is sealed for `receiver`.
    pub fn open(
        &self,
        outside: Outside<'_>,
        sealed: &str,
        receiver: &str,
    ) -> Result<String, Closed> {
        if sealed.len() > MAX_SEALED {
            return Err(Closed::Contents);
        }
        let signature = sign(&[&self.token, outside.timestamp, outside.nonce, sealed]);
        verify_slices_are_equal(signature.as_bytes(), outside.signature.as_bytes())
            .map_err(|_| Closed::Signature)?;
        let key = self.key.ok_or(Closed::Contents)?;
        let mut bytes = STANDARD.decode(sealed).map_err(|_| Closed::Contents)?;
        let plain = cbc::Decryptor::<Aes256>::new(&key.into(), &start(key).into())
            .decrypt_padded::<NoPadding>(&mut bytes)
            .map_err(|_| Closed::Contents)?;
        let (message, addressee) = parts(plain).ok_or(Closed::Contents)?;
        verify_slices_are_equal(addressee, receiver.as_bytes()).map_err(|_| Closed::Receiver)?;
        String::from_utf8(message.to_vec()).map_err(|_| Closed::Contents)
    }

    /// Seals `message` for `receiver` with 16 bytes of `chance`, in base64; nothing in plain mode.
    pub fn seal(&self, message: &str, receiver: &str, chance: [u8; CHANCE]) -> Option<String> {
        let key = self.key?;
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = chance.to_vec();
        for part in [&length, message.as_bytes(), receiver.as_bytes()] {
            bytes.extend_from_slice(part);
        }
        let pad = PADDED_TO - bytes.len() % PADDED_TO;
        bytes.resize(bytes.len() + pad, pad as u8);
        let length = bytes.len();
        // It fits: the length is a multiple of the block's.
        let _ = cbc::Encryptor::<Aes256>::new(&key.into(), &start(key).into())
            .encrypt_padded::<NoPadding>(&mut bytes, length);
        Some(STANDARD.encode(bytes))
    }

    /// What is put outside of an envelope.
    pub fn sign(&self, timestamp: &str, nonce: &str, sealed: &str) -> String {
        sign(&[&self.token, timestamp, nonce, sealed])
    }

    /// An answer in an envelope, as the far side takes it.
    pub fn answer(&self, sealed: &str, timestamp: &str, nonce: &str) -> String {
        let signature = self.sign(timestamp, nonce, sealed);
        let [timestamp, nonce] = [timestamp, nonce].map(partial_escape);
        format!(
            "<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signature}</MsgSignature>\
             <TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        )
    }

    /// Whether this signature of an Official Account without an envelope is right.
    pub fn signed_plainly(&self, outside: Outside<'_>) -> Result<(), Closed> {
        let signature = sign(&[&self.token, outside.timestamp, outside.nonce]);
        verify_slices_are_equal(signature.as_bytes(), outside.signature.as_bytes())
            .map_err(|_| Closed::Signature)
    }
}

/// The cipher's initial vector is the beginning of its key.
fn start(key: [u8; 32]) -> [u8; 16] {
    let mut start = [0; 16];
    start.copy_from_slice(&key[..16]);
    start
}

/// The lower-case hexadecimal SHA-1 of the parts in the order of their bytes.
fn sign(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The message and the receiver of what was decrypted: chance, length, message, receiver, padding.
fn parts(plain: &[u8]) -> Option<(&[u8], &[u8])> {
    let pad = usize::from(*plain.last()?);
    let (rest, padding) = plain.split_at_checked(plain.len().checked_sub(pad)?)?;
    if !(1..=PADDED_TO).contains(&pad) || padding.iter().any(|byte| usize::from(*byte) != pad) {
        return None;
    }
    let (length, rest) = rest.get(CHANCE..)?.split_first_chunk::<LENGTH>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
