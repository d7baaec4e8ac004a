//! Global ids: opaque to clients, one letter for the type and then the key, in URL-safe base64.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::db::Key;
use crate::error::{Error, Result};

/// The types that have global ids, with the letter that marks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// 县市
    County = b'C',
    /// 乡镇街道
    Township = b'T',
    /// 村社区
    Village = b'V',
    /// 村民组
    VillageGroup = b'G',
    /// 派出所
    Station = b'S',
    /// 民警、辅警
    Officer = b'O',
    /// 包村
    Posting = b'D',
    /// 户
    Household = b'H',
    /// 联系人
    Contact = b'P',
    /// 咨询
    Inquiry = b'I',
    /// 消息
    Message = b'M',
    /// 附件
    Attachment = b'f',
    /// 导入批次
    ImportBatch = b'B',
    /// 导入的一行
    ImportRow = b'L',
    /// 上传的文件
    ImportUpload = b'F',
    /// 导出
    Export = b'X',
    /// 区划调整
    Reorganisation = b'R',
    /// 请假
    Leave = b'Y',
    /// 交接
    Handover = b'E',
    /// 交接的一户
    HandoverTransfer = b'J',
    /// 合并记录
    HouseholdMerge = b'U',
    /// 走访
    Visit = b'W',
    /// 状态变更
    HouseholdStatusChange = b'Z',
    /// 同意
    Consent = b'A',
    /// 办事指南
    Guide = b'g',
    /// 指南版本
    GuideVersion = b'v',
    /// 快捷回复
    CannedReply = b'c',
    /// 快捷回复的版本
    CannedReplyVersion = b'r',
    /// 紧急提醒
    UrgentAlert = b'u',
    /// 班次
    Shift = b's',
    /// 调班
    ShiftSwap = b'w',
    /// 服务窗口
    ServiceWindow = b'i',
    /// 预约
    Appointment = b'a',
    /// 候补
    WaitingPlace = b'q',
    /// 评价
    Rating = b'x',
    /// 更正申请
    CorrectionRequest = b'o',
    /// 渠道账号
    Channel = b'n',
    /// 查看记录
    AccessEntry = b'l',
    /// 转办
    Referral = b'N',
    /// 企业微信好友
    Friend = b'y',
    /// 好友转接
    FriendTransfer = b'z',
    /// 好友核对差异
    FriendDifference = b'd',
    /// 微信来信人
    WechatSender = b'k',
}

impl Kind {
    const ALL: [Self; 43] = [
        Self::County,
        Self::Township,
        Self::Village,
        Self::VillageGroup,
        Self::Station,
        Self::Officer,
        Self::Posting,
        Self::Household,
        Self::Contact,
        Self::Inquiry,
        Self::Message,
        Self::Attachment,
        Self::ImportBatch,
        Self::ImportRow,
        Self::ImportUpload,
        Self::Export,
        Self::Reorganisation,
        Self::Leave,
        Self::Handover,
        Self::HandoverTransfer,
        Self::HouseholdMerge,
        Self::Visit,
        Self::HouseholdStatusChange,
        Self::Consent,
        Self::Guide,
        Self::GuideVersion,
        Self::CannedReply,
        Self::CannedReplyVersion,
        Self::UrgentAlert,
        Self::Shift,
        Self::ShiftSwap,
        Self::ServiceWindow,
        Self::Appointment,
        Self::WaitingPlace,
        Self::Rating,
        Self::CorrectionRequest,
        Self::Channel,
        Self::AccessEntry,
        Self::Referral,
        Self::Friend,
        Self::FriendTransfer,
        Self::FriendDifference,
        Self::WechatSender,
    ];

    /// Whether its key is a code of the division tree.
    fn has_code(self) -> bool {
        matches!(self, Self::County | Self::Township | Self::Village | Self::VillageGroup)
    }
}

/// An object's global id. It is written out only when a client asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// The object's type.
    pub kind: Kind,
    /// The object's key.
    pub key: Key,
}

impl GlobalId {
    /// The id of the object of type `kind` with this key.
    pub fn new(kind: Kind, key: impl Into<Key>) -> Self {
        Self { kind, key: key.into() }
    }

    fn encoded(&self) -> String {
        let kind = self.kind as u8;
        match &self.key {
            Key::Id(id) => {
                let mut bytes = [kind; 17];
                bytes[1..].copy_from_slice(id.as_bytes());
                URL_SAFE_NO_PAD.encode(bytes)
            }
            Key::Code(code) => URL_SAFE_NO_PAD.encode([&[kind], code.as_bytes()].concat()),
        }
    }

    /// Reads an id that a client sent.
    pub fn parse(id: &ID) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(id.as_bytes()).map_err(|_| Error::bad_id())?;
        let (letter, key) = bytes.split_first().ok_or_else(Error::bad_id)?;
        let kind =
            Kind::ALL.into_iter().find(|kind| *kind as u8 == *letter).ok_or_else(Error::bad_id)?;
        let key = if kind.has_code() {
            let code = std::str::from_utf8(key).map_err(|_| Error::bad_id())?;
            let sane = !code.is_empty()
                && code.len() <= 16
                && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
            if !sane {
                return Err(Error::bad_id());
            }
            Key::Code(code.to_owned())
        } else {
            Key::Id(Uuid::from_slice(key).map_err(|_| Error::bad_id())?)
        };
        Ok(Self { kind, key })
    }

    /// The key of an id that must belong to `kind`.
    pub fn expect(id: &ID, kind: Kind) -> Result<Key> {
        let id = Self::parse(id)?;
        if id.kind == kind { Ok(id.key) } else { Err(Error::bad_id()) }
    }

    /// The UUID of an id that must belong to `kind`.
    pub fn expect_uuid(id: &ID, kind: Kind) -> Result<Uuid> {
        match Self::expect(id, kind)? {
            Key::Id(id) => Ok(id),
            Key::Code(_) => Err(Error::bad_id()),
        }
    }

    /// The UUID, or nil for an object that is keyed by a code.
    pub fn uuid(&self) -> Uuid {
        match self.key {
            Key::Id(id) => id,
            Key::Code(_) => Uuid::nil(),
        }
    }
}

impl std::fmt::Display for GlobalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.encoded())
    }
}

impl OutputType for GlobalId {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(self.encoded()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_written() {
        for id in [
            GlobalId::new(Kind::Household, Uuid::from_u128(7)),
            GlobalId::new(Kind::Village, "411481109204"),
        ] {
            assert_eq!(GlobalId::parse(&ID(id.to_string())), Ok(id));
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "1", "户", "SGVsbG8", "====", "VjQxMTQ4MScgT1IgMT0x", &"A".repeat(100_000)]
        {
            assert_eq!(GlobalId::parse(&ID(text.to_owned())), Err(Error::bad_id()), "{text}");
        }
    }

    #[test]
    fn an_id_of_another_type_is_refused() {
        let id = ID(GlobalId::new(Kind::Household, Uuid::from_u128(7)).to_string());
        assert_eq!(GlobalId::expect(&id, Kind::Inquiry), Err(Error::bad_id()));
    }
}
