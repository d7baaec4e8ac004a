//! Any object by its global id (Relay's object identification).

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::try_join_all;

use crate::access::Act;
use crate::access_log::AccessEntry;
use crate::alone::Alone;
use crate::appointment::{Appointment, ServiceWindow, WaitingPlace};
use crate::attachment::Attachment;
use crate::canned::{CannedReply, CannedReplyVersion};
use crate::channel::Channel;
use crate::division::{County, Station, Township, Village, VillageGroup};
use crate::error::{Code, Error, Kind as ErrorKind, Result};
use crate::export::Export;
use crate::friend::{Friend, FriendDifference, FriendTransfer};
use crate::guide::{Guide, GuideVersion};
use crate::handover::{Handover, HandoverTransfer};
use crate::household::{Consent, Contact, Household, HouseholdStatusChange};
use crate::id::{GlobalId, Kind};
use crate::import::{ImportBatch, ImportRow};
use crate::inquiry::{Inquiry, Message};
use crate::merge::HouseholdMerge;
use crate::messenger::WechatSender;
use crate::officer::{Leave, Officer, Posting};
use crate::page::MAX_PAGE;
use crate::privacy::CorrectionRequest;
use crate::rating::Rating;
use crate::record;
use crate::referral::Referral;
use crate::reorganisation::Reorganisation;
use crate::request::Request;
use crate::roster::{Shift, ShiftSwap};
use crate::urgent::UrgentAlert;
use crate::visit::Visit;

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&GlobalId", desc = "Global id."))]
pub enum Node {
    /// 县市
    County(County),
    /// 乡镇街道
    Township(Township),
    /// 村社区
    Village(Village),
    /// 村民组
    VillageGroup(VillageGroup),
    /// 派出所
    Station(Station),
    /// 民警、辅警
    Officer(Officer),
    /// 包村
    Posting(Posting),
    /// 户
    Household(Household),
    /// 联系人
    Contact(Contact),
    /// 咨询
    Inquiry(Inquiry),
    /// 消息
    Message(Message),
    /// 附件
    Attachment(Attachment),
    /// 导入批次
    ImportBatch(ImportBatch),
    /// 导入的一行
    ImportRow(ImportRow),
    /// 导出记录
    Export(Export),
    /// 请假
    Leave(Leave),
    /// 交接
    Handover(Handover),
    /// 交接的一户
    HandoverTransfer(HandoverTransfer),
    /// 区划调整
    Reorganisation(Reorganisation),
    /// 合并记录
    HouseholdMerge(HouseholdMerge),
    /// 走访
    Visit(Visit),
    /// 状态变更
    HouseholdStatusChange(HouseholdStatusChange),
    /// 同意
    Consent(Consent),
    /// 办事指南
    Guide(Guide),
    /// 指南版本
    GuideVersion(GuideVersion),
    /// 快捷回复
    CannedReply(CannedReply),
    /// 快捷回复的版本
    CannedReplyVersion(CannedReplyVersion),
    /// 紧急提醒
    UrgentAlert(UrgentAlert),
    /// 班次
    Shift(Shift),
    /// 调班
    ShiftSwap(ShiftSwap),
    /// 服务窗口
    ServiceWindow(ServiceWindow),
    /// 预约
    Appointment(Appointment),
    /// 候补
    WaitingPlace(WaitingPlace),
    /// 评价
    Rating(Rating),
    /// 更正申请
    CorrectionRequest(CorrectionRequest),
    /// 渠道账号
    Channel(Channel),
    /// 查看记录
    AccessEntry(AccessEntry),
    /// 转办
    Referral(Referral),
    /// 企业微信好友
    Friend(Friend),
    /// 好友转接
    FriendTransfer(FriendTransfer),
    /// 好友核对差异
    FriendDifference(FriendDifference),
    /// 微信来信人
    WechatSender(WechatSender),
}

/// Any object by its global id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id, whatever its type.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Alone<Node> {
        Alone::of(async {
            Request::of(context)?.reader(Act::ReadNode)?;
            load(context, GlobalId::parse(&id)?).await?.ok_or_else(Error::not_found)
        })
        .await
    }

    /// The objects with these ids, in their order, at most 100; null where there is none, or none
    /// that the caller may see.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        Request::of(context)?.reader(Act::ReadNode)?;
        if ids.len() > MAX_PAGE as usize {
            return Err(Error::top(
                Code::BadUserInput,
                "ids 最多100个。",
                "Ask for at most 100 ids.",
            ));
        }
        let ids = ids.iter().map(GlobalId::parse).collect::<Result<Vec<_>>>()?;
        try_join_all(ids.into_iter().map(|id| async {
            match load(context, id).await {
                Err(error) if error.kind == ErrorKind::Top(Code::Forbidden) => Ok(None),
                found => found,
            }
        }))
        .await
    }
}

async fn load(context: &Context<'_>, id: GlobalId) -> Result<Option<Node>> {
    let key = id.key;
    Ok(match id.kind {
        Kind::County => record::load(context, key).await?.map(Node::County),
        Kind::Township => record::load(context, key).await?.map(Node::Township),
        Kind::Village => record::load(context, key).await?.map(Node::Village),
        Kind::VillageGroup => record::load(context, key).await?.map(Node::VillageGroup),
        Kind::Station => record::load(context, key).await?.map(Node::Station),
        Kind::Officer => record::load(context, key).await?.map(Node::Officer),
        Kind::Posting => record::load(context, key).await?.map(Node::Posting),
        Kind::Household => record::load(context, key).await?.map(Node::Household),
        Kind::Contact => record::load(context, key).await?.map(Node::Contact),
        Kind::Inquiry => record::load(context, key).await?.map(Node::Inquiry),
        Kind::Message => record::load(context, key).await?.map(Node::Message),
        Kind::Attachment => record::load(context, key).await?.map(Node::Attachment),
        Kind::ImportBatch => record::load(context, key).await?.map(Node::ImportBatch),
        Kind::ImportRow => record::load(context, key).await?.map(Node::ImportRow),
        // A file that was brought is no object of the contract.
        Kind::ImportUpload => None,
        Kind::Leave => record::load(context, key).await?.map(Node::Leave),
        Kind::Handover => record::load(context, key).await?.map(Node::Handover),
        Kind::HandoverTransfer => record::load(context, key).await?.map(Node::HandoverTransfer),
        Kind::Export => record::load(context, key).await?.map(Node::Export),
        Kind::HouseholdMerge => record::load(context, key).await?.map(Node::HouseholdMerge),
        Kind::Visit => record::load(context, key).await?.map(Node::Visit),
        Kind::HouseholdStatusChange => {
            record::load(context, key).await?.map(Node::HouseholdStatusChange)
        }
        Kind::Consent => record::load(context, key).await?.map(Node::Consent),
        Kind::Guide => record::load(context, key).await?.map(Node::Guide),
        Kind::GuideVersion => record::load(context, key).await?.map(Node::GuideVersion),
        Kind::CannedReply => record::load(context, key).await?.map(Node::CannedReply),
        Kind::CannedReplyVersion => record::load(context, key).await?.map(Node::CannedReplyVersion),
        Kind::UrgentAlert => record::load(context, key).await?.map(Node::UrgentAlert),
        Kind::Shift => record::load(context, key).await?.map(Node::Shift),
        Kind::ShiftSwap => record::load(context, key).await?.map(Node::ShiftSwap),
        Kind::Rating => record::load(context, key).await?.map(Node::Rating),
        Kind::CorrectionRequest => record::load(context, key).await?.map(Node::CorrectionRequest),
        Kind::Channel => record::load(context, key).await?.map(Node::Channel),
        Kind::AccessEntry => record::load(context, key).await?.map(Node::AccessEntry),
        Kind::Referral => record::load(context, key).await?.map(Node::Referral),
        Kind::Friend => record::load(context, key).await?.map(Node::Friend),
        Kind::FriendTransfer => record::load(context, key).await?.map(Node::FriendTransfer),
        Kind::FriendDifference => record::load(context, key).await?.map(Node::FriendDifference),
        Kind::WechatSender => record::load(context, key).await?.map(Node::WechatSender),
        Kind::Reorganisation => record::load(context, key).await?.map(Node::Reorganisation),
        Kind::ServiceWindow => record::load(context, key).await?.map(Node::ServiceWindow),
        Kind::Appointment => record::load(context, key).await?.map(Node::Appointment),
        Kind::WaitingPlace => record::load(context, key).await?.map(Node::WaitingPlace),
    })
}
