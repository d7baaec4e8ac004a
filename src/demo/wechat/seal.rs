//! How WeCom seals a callback, made from other parts than the service's own way to open one, so that neither
//! can be wrong alone.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand;
use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// Plaintexts are filled up to a multiple of this.
const BLOCK: usize = 32;

/// What both sides of a callback know.
#[derive(Clone)]
pub struct Seal {
    /// The callback's token.
    pub token: String,
    /// The EncodingAESKey: 43 characters.
    pub encoding_aes_key: String,
    /// The corp.
    pub receiver: String,
}

/// A callback as it arrives.
#[derive(Clone, Debug)]
pub struct Callback {
    /// What stands behind the question mark of the address.
    pub query: String,
    /// The body; empty when the address is being verified.
    pub body: String,
}

impl Seal {
    /// A callback that says `plain`, with a number of the sender's.
    pub fn callback(&self, plain: &str, timestamp: i64, nonce: &str) -> Option<Callback> {
        let mut random = [0; 16];
        rand::fill(&mut random).ok()?;
        let encrypted = self.sealed(random, plain)?;
        let signature = self.signature(timestamp, nonce, &encrypted);
        let query = format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}");
        let body = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><AgentID><![CDATA[]]></AgentID>\
             <Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>",
            self.receiver
        );
        Some(Callback { query, body })
    }

    /// What an Official Account puts into the address besides: a signature that says nothing of the contents.
    pub fn signed_plainly(&self, timestamp: i64, nonce: &str) -> String {
        let signature = hash(&mut [&self.token, &timestamp.to_string(), nonce]);
        format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
    }

    /// The question whether the address is ours, which is answered with `echo`.
    pub fn verification(&self, echo: &str, timestamp: i64, nonce: &str) -> Option<Callback> {
        let mut random = [0; 16];
        rand::fill(&mut random).ok()?;
        let encrypted = self.sealed(random, echo)?;
        let signature = self.signature(timestamp, nonce, &encrypted);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("msg_signature", &signature)
            .append_pair("timestamp", &timestamp.to_string())
            .append_pair("nonce", nonce)
            .append_pair("echostr", &encrypted)
            .finish();
        Some(Callback { query, body: String::new() })
    }

    fn sealed(&self, random: [u8; 16], plain: &str) -> Option<String> {
        let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
        let key = GeneralPurpose::new(&ALPHABET, config);
        let key = key.decode(format!("{}=", self.encoding_aes_key)).ok()?;
        let mut text = random.to_vec();
        text.extend(u32::try_from(plain.len()).ok()?.to_be_bytes());
        text.extend(plain.as_bytes());
        text.extend(self.receiver.as_bytes());
        let padding = BLOCK - text.len() % BLOCK;
        text.extend(std::iter::repeat_n(u8::try_from(padding).ok()?, padding));
        let whole = text.len();
        let iv: [u8; 16] = key.get(..16)?.try_into().ok()?;
        let cipher = UnboundCipherKey::new(&AES_256, &key).ok()?;
        let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher).ok()?;
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        cipher.less_safe_encrypt(&mut text, context).ok()?;
        // The library pads on its own: a block of nothing but padding, which nothing before it depends on.
        text.truncate(whole);
        Some(STANDARD.encode(text))
    }

    fn signature(&self, timestamp: i64, nonce: &str, encrypted: &str) -> String {
        let timestamp = timestamp.to_string();
        hash(&mut [&self.token, &timestamp, nonce, encrypted])
    }
}

impl Callback {
    /// The part of the address that signs what is sealed.
    pub fn only_seal(&self) -> &str {
        self.query.split('&').next().unwrap_or_default()
    }
}

fn hash(parts: &mut [&str]) -> String {
    parts.sort_unstable();
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn it_seals_byte_for_byte_as_two_other_implementations_do() {
        let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
        let vectors = vectors["vectors"].as_array().unwrap();
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap().to_owned();
            let seal = Seal {
                token: text("token"),
                encoding_aes_key: text("encoding_aes_key"),
                receiver: text("receiveid"),
            };
            let random = text("random16").into_bytes().try_into().unwrap();
            let encrypted = seal.sealed(random, &text("plaintext")).unwrap();
            assert_eq!(encrypted, text("ciphertext"), "{}", text("name"));
            let timestamp = text("timestamp").parse().unwrap();
            let signature = seal.signature(timestamp, &text("nonce"), &encrypted);
            assert_eq!(signature, text("msg_signature"), "{}", text("name"));
        }
        assert!(vectors.len() >= 10);
    }
}
