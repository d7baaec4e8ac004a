//! Nothing in an envelope makes the door fall over, be it signed with the right token or not; and what is opened was
//! sealed for the receiver.

#![no_main]

#[expect(dead_code, reason = "the service uses all of it")]
#[path = "../../../src/channel/envelope.rs"]
mod envelope;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::{Keys, MAX_SEALED, Outside};
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "hht4Token2026";
/// 32 zeros.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn opened(keys: &Keys, sealed: &str) -> Result<String, envelope::Closed> {
    let signature = keys.sign("1", "1", sealed);
    keys.open(Outside { signature: &signature, timestamp: "1", nonce: "1" }, sealed, "wx")
}

fuzz_target!(|bytes: &[u8]| {
    let keys = Keys::new(TOKEN, KEY).expect("keys");
    let text = String::from_utf8_lossy(bytes);
    let _ = Keys::new(&text, &text);
    // As it comes: neither signed nor base64.
    let outside = Outside { signature: &text, timestamp: &text, nonce: &text };
    assert!(keys.open(outside, &text, "wx").is_err());
    // Signed, and decrypted to chance.
    let _ = opened(&keys, &text);
    let _ = opened(&keys, &STANDARD.encode(bytes));
    // Signed, and decrypted to what the fuzzer wants: length, receiver and padding.
    let mut plain = bytes[..bytes.len() / 16 * 16].to_vec();
    let length = plain.len();
    cbc::Encryptor::<aes::Aes256>::new(&[0; 32].into(), &[0; 16].into())
        .encrypt_padded::<NoPadding>(&mut plain, length)
        .expect("whole blocks");
    if let Ok(message) = opened(&keys, &STANDARD.encode(plain)) {
        assert!(message.len() + 23 <= length);
    }
    // A message is opened as it was sealed.
    let sealed = keys.seal(&text, "wx", [7; 16]).expect("a key");
    if sealed.len() <= MAX_SEALED {
        assert_eq!(opened(&keys, &sealed).as_deref(), Ok(&*text));
    }
});
