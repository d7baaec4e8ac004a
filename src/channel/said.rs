//! Values of channels as administrators enter them, checked.

use url::{Host, Url};

use super::ChannelKind;
use super::envelope::Keys;
use super::input::CallbackKeysInput;
use crate::error::{Error, Result, UserErrorCode};
use crate::scalar::{DivisionCode, Level};
use crate::text;

/// The most characters of an id that WeChat's side has given.
pub const MAX_ID: usize = 64;
const MAX_SECRET: usize = 128;
const MAX_URL: usize = 200;

/// The code of a township.
pub fn township(code: Option<&DivisionCode>) -> Result<Option<String>> {
    let code = code.map(|code| code.expect(Level::Township)).transpose();
    let code = code.map_err(|error| error.about(UserErrorCode::Invalid, "townshipCode"))?;
    Ok(code.map(str::to_owned))
}

/// An id that WeChat's side has given.
pub fn outer_id(field: &str, id: &str) -> Result<String> {
    let id = text::required(field, id, MAX_ID)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if id.bytes().all(plain) {
        return Ok(id);
    }
    Err(invalid(
        field,
        "此编号由字母、数字、连字符和下划线组成。",
        "This id is made of letters, digits, hyphens and underscores.",
    ))
}

/// The id of a customer service account, for channels that have one.
pub fn kf_account(kind: ChannelKind, id: &str) -> Result<String> {
    if kind == ChannelKind::WechatKf {
        return outer_id("openKfid", id);
    }
    Err(invalid(
        "openKfid",
        "只有微信客服渠道有客服账号。",
        "Only channels of WeChat customer service have such an account.",
    ))
}

/// A secret.
pub fn secret(secret: &str) -> Result<String> {
    let secret = text::required("secret", secret, MAX_SECRET)?;
    if secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(secret);
    }
    Err(invalid(
        "secret",
        "Secret不含空格和中文，请从管理后台原样复制。",
        "A secret has neither spaces nor Chinese characters. Copy it as it is shown.",
    ))
}

/// Keys that are keys. Only an Official Account may be without one, in plain mode.
pub fn checked(
    kind: ChannelKind,
    keys: &CallbackKeysInput,
    field: &str,
) -> Result<(String, Option<String>)> {
    let (token, key) = (keys.token.trim(), keys.aes_key.as_deref().map(str::trim));
    let sane = match key {
        Some(key) => Keys::new(token, key).is_some(),
        None => kind == ChannelKind::OfficialAccount && Keys::plain(token).is_some(),
    };
    if sane {
        return Ok((token.to_owned(), key.map(str::to_owned)));
    }
    Err(invalid(
        field,
        "Token应为1到32位字母或数字，EncodingAESKey应为43位，请从管理后台原样复制。",
        "A token has 1 to 32 letters and digits, a key 43 characters. Copy both as they are shown.",
    ))
}

/// An address to which a secret may be sent: encrypted, or of this machine.
pub fn base_url(text: &str) -> Result<String> {
    let text = text::required("apiBaseUrl", text, MAX_URL)?;
    let safe = |url: &Url| {
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        plain && (url.scheme() == "https" || url.scheme() == "http" && here)
    };
    match Url::parse(&text).ok().filter(safe) {
        Some(url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
        None => Err(invalid(
            "apiBaseUrl",
            "接口地址应以https://开头，且不含账号、问号和井号。",
            "The address must begin with https:// and have neither a user, nor a query, nor a fragment.",
        )),
    }
}

/// A number from 1 to `most`.
pub fn within(field: &str, value: i32, most: i32) -> Result<i32> {
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    let (chinese, english) =
        (format!("此项应为1到{most}。"), format!("This must be from 1 to {most}."));
    Err(Error::user(UserErrorCode::Invalid, field, chinese, english))
}

/// Why a channel by hand does not take it.
pub fn no_account(field: &str) -> Error {
    invalid(field, "人工登记渠道没有账号。", "A channel by hand has no account.")
}

fn invalid(field: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, field, chinese, english)
}
