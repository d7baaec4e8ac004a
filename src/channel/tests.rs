//! Envelopes against what other programs seal, and against what nobody should send. The vectors were sealed by
//! wechatpy 1.8.18 and @wecom/crypto 1.0.1, byte for byte the same; the first is the far side's own sample.

use proptest::prelude::*;
use serde_json::Value;

use super::envelope::{Closed, KEY_LENGTH, Keys, Outside};
use super::xml::{Fields, MAX_BYTES, NotRead};

const TOKEN: &str = "hht4Token2026";
const KEY: &str = "pyTKlsYE4Ydrw0BCiP1jbPLeSO57m/EBuUjc4OTtuDI";

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/data/wechat.json")).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_default()
}

fn keys_of(vector: &Value) -> Keys {
    Keys::new(text(vector, "token"), text(vector, "encoding_aes_key")).unwrap()
}

fn outside(vector: &Value) -> Outside<'_> {
    Outside {
        signature: text(vector, "msg_signature"),
        timestamp: text(vector, "timestamp"),
        nonce: text(vector, "nonce"),
    }
}

fn open(vector: &Value) -> Result<String, Closed> {
    keys_of(vector).open(outside(vector), text(vector, "ciphertext"), text(vector, "receiveid"))
}

#[test]
fn what_others_sealed_is_opened_and_sealed_alike() {
    let vectors = vectors();
    let good = |vector: &&Value| vector["expect"] == "ok";
    let mut seen = 0;
    for vector in vectors["vectors"].as_array().unwrap().iter().filter(good) {
        let (name, plain) = (text(vector, "name"), text(vector, "plaintext"));
        assert_eq!(open(vector).as_deref(), Ok(plain), "{name}");
        if let Ok(chance) = text(vector, "random16").as_bytes().try_into() {
            let sealed = keys_of(vector).seal(plain, text(vector, "receiveid"), chance).unwrap();
            assert_eq!(sealed, text(vector, "ciphertext"), "{name}");
        }
        if let Some(body) = vector["post_body"].as_str() {
            let fields = Fields::read(body).unwrap();
            assert_eq!(fields.get("Encrypt"), vector["ciphertext"].as_str(), "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn what_is_wrong_stays_closed() {
    let vectors = vectors();
    let bad = |vector: &&Value| vector["expect"] == "reject";
    let closed: Vec<_> = vectors["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(bad)
        .map(|vector| (text(vector, "name"), open(vector).unwrap_err()))
        .collect();
    assert_eq!(
        closed,
        [
            ("neg_bad_signature", Closed::Signature),
            ("neg_receiveid_mismatch", Closed::Receiver),
            ("neg_msg_len_too_big", Closed::Contents),
            ("neg_pad_0", Closed::Contents),
            ("neg_pad_33", Closed::Contents),
            ("neg_not_multiple_of_16", Closed::Contents),
            ("neg_not_base64", Closed::Contents),
        ]
    );
}

#[test]
fn a_plain_signature_is_known() {
    let vectors = vectors();
    let vector = &vectors["mp_plain_signature"][0];
    let keys = Keys::new(text(vector, "token"), KEY).unwrap();
    let signed = Outside { signature: text(vector, "signature"), ..outside(vector) };
    assert_eq!(keys.signed_plainly(signed), Ok(()));
    let other = Outside { nonce: "1372623140", ..signed };
    assert_eq!(keys.signed_plainly(other), Err(Closed::Signature));
}

#[test]
fn an_answer_is_written_as_others_read_it() {
    let vectors = vectors();
    let reply = &vectors["passive_reply"];
    let theirs = Fields::read(text(reply, "encrypted_xml_by_wechatpy")).unwrap();
    let [sealed, signature, timestamp, nonce] =
        ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"].map(|name| theirs.get(name).unwrap());
    let keys = keys_of(reply);
    let plain =
        keys.open(Outside { signature, timestamp, nonce }, sealed, text(reply, "receiveid"));
    assert_eq!(plain.as_deref(), Ok(text(reply, "plaintext")));
    assert_eq!(Fields::read(&keys.answer(sealed, timestamp, nonce)).unwrap(), theirs);
}

#[test]
fn every_changed_sign_of_an_envelope_is_noticed() {
    let vectors = vectors();
    let vector = &vectors["vectors"][1];
    let sealed = text(vector, "ciphertext");
    for place in 0..sealed.len() {
        let mut changed = sealed.as_bytes().to_vec();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let opened = keys_of(vector).open(outside(vector), &changed, text(vector, "receiveid"));
        assert_eq!(opened, Err(Closed::Signature), "{place}");
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    assert!(Keys::new(TOKEN, KEY).is_some());
    // The last character's lowest bits mean nothing.
    assert!(Keys::new(TOKEN, "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").is_some());
    for (token, key) in [
        ("", KEY),
        ("with space", KEY),
        ("令牌", KEY),
        (&*"a".repeat(33), KEY),
        (TOKEN, ""),
        (TOKEN, &KEY[1..]),
        (TOKEN, &"中".repeat(KEY_LENGTH)[..KEY_LENGTH / 3 * 3]),
        (TOKEN, &format!("{}=", &KEY[1..])),
        (TOKEN, &format!("{KEY}A")),
    ] {
        assert!(Keys::new(token, key).is_none(), "{token} {key}");
    }
}

#[test]
fn xml_is_read_as_far_as_it_is_plain() {
    let read = |text: &str| Fields::read(text).map(|fields| fields.get("a").map(str::to_owned));
    for (document, expected) in [
        ("<xml><a>1</a></xml>", Some("1")),
        ("<?xml version=\"1.0\"?>\n<xml>\n <a><![CDATA[1 < 2]]></a>\n</xml>\n", Some("1 < 2")),
        ("<xml><a>&lt;&#20320;&#x1F46E;&amp;</a></xml>", Some("<你👮&")),
        ("<xml><a><![CDATA[x]]]]><![CDATA[>y]]></a></xml>", Some("x]]>y")),
        ("<xml><a/></xml>", Some("")),
        ("<xml><b><a>1</a></b></xml>", None),
        ("<xml><a>1<b>2</b>3</a></xml>", Some("13")),
        ("<xml><!-- a --></xml>", None),
        ("<xml/>", None),
    ] {
        assert_eq!(read(document), Ok(expected.map(str::to_owned)), "{document}");
    }
}

#[test]
fn xml_that_is_more_than_plain_is_not_read() {
    let deep = "<a>".repeat(20) + &"</a>".repeat(20);
    let laughs = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml><a>&b;</a></xml>";
    let outer = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><a>&a;</a></xml>";
    for document in [
        "",
        "a",
        "<xml>",
        "</xml>",
        "<xml></a>",
        "<xml><a>1</a>",
        "<xml><a>1</b></xml>",
        "<xml><a>1</a><a>2</a></xml>",
        "<xml><a>1</a></xml><xml/>",
        "<xml><a>&b;</a></xml>",
        "<xml><a>&#0;</a></xml>",
        "<xml><a>&</a></xml>",
        "<xml>b<a>1</a></xml>",
        "<xml><?php a ?></xml>",
        "<!DOCTYPE xml><xml/>",
        laughs,
        outer,
        &deep,
        &format!("<xml><a>{}</a></xml>", "x".repeat(MAX_BYTES)),
    ] {
        assert_eq!(Fields::read(document), Err(NotRead), "{document:.60}");
    }
}

proptest! {
    #[test]
    fn whatever_is_sealed_is_opened_again(message in ".{0,200}", receiver in "[a-z0-9]{0,40}", chance: [u8; 16]) {
        let keys = Keys::new(TOKEN, KEY).unwrap();
        let sealed = keys.seal(&message, &receiver, chance).unwrap();
        let signature = keys.sign("1790000100", "01", &sealed);
        let outside = Outside { signature: &signature, timestamp: "1790000100", nonce: "01" };
        prop_assert_eq!(keys.open(outside, &sealed, &receiver), Ok(message));
        prop_assert_eq!(keys.open(outside, &sealed, "another"), Err(Closed::Receiver));
    }

    /// Whoever knows the token may still send nonsense.
    #[test]
    fn nothing_that_is_signed_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        use base64::Engine;
        let keys = Keys::new(TOKEN, KEY).unwrap();
        let sealed = base64::engine::general_purpose::STANDARD.encode(bytes);
        let signature = keys.sign("1", "1", &sealed);
        let outside = Outside { signature: &signature, timestamp: "1", nonce: "1" };
        prop_assert!(keys.open(outside, &sealed, "wx").is_err());
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "(<[a-c/!?&;]{0,3}|[a-c&;#<>/\\[\\]! ]|<a>|</a>|<!\\[CDATA\\[|\\]\\]>){0,40}") {
        let _ = Fields::read(&text);
    }
}
