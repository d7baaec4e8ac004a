//! Joins the slices into one schema, and writes it down.

use std::sync::Arc;

use async_graphql::{
    Context, MergedObject, MergedSubscription, Object, SDLExportOptions, SimpleObject,
};

use crate::access_log::AccessLogQuery;
use crate::appointment::{
    AppointmentMutation, AppointmentOutcomesQuery, AppointmentQuery, ServiceWindowMutation,
    ServiceWindowQuery, WaitingMutation,
};
use crate::attachment::AttachmentMutation;
use crate::calendar::{CalendarMutation, CalendarQuery};
use crate::canned::{CannedReplyMutation, CannedReplyQuery};
use crate::channel::{ChannelMutation, ChannelQuery};
use crate::deadline::{DeadlineMutation, DeadlineQuery};
use crate::desk::{DeskMutation, InboxQuery};
use crate::division::{DivisionQuery, StationMutation};
use crate::error::Result;
use crate::export::{ExportMutation, ExportQuery};
use crate::field::{FieldBookQuery, FieldWorkMutation};
use crate::friend::{FriendMutation, FriendQuery};
use crate::graph::node::NodeQuery;
use crate::guard::Limits;
use crate::guide::{GuideMutation, GuideQuery};
use crate::handover::{HandoverMutation, HandoverQuery};
use crate::household::{HouseholdMutation, HouseholdQuery};
use crate::import::{ImportMutation, ImportQuery};
use crate::inquiry::{InquiryMutation, InquiryQuery, InquirySubscription};
use crate::leaving::LeavingMutation;
use crate::live;
use crate::merge::MergeMutation;
use crate::messenger::{SenderMutation, SenderQuery};
use crate::officer::{LeaveMutation, OfficerMutation, OfficerQuery};
use crate::page::{DEFAULT_PAGE, MAX_PAGE};
use crate::privacy::{PrivacyMutation, PrivacyQuery};
use crate::rating::RatingMutation;
use crate::referral::{ReferralMutation, ReferralQuery};
use crate::reorganisation::{ReorganisationMutation, ReorganisationQuery};
use crate::request::Request;
use crate::rollout::{RolloutMutation, RolloutQuery};
use crate::root::Root;
use crate::roster::{DutyCalendarQuery, RosterMutation, RosterQuery};
use crate::seal::SealMutation;
use crate::session::{SessionMutation, SessionQuery};
use crate::urgent::{UrgentMutation, UrgentQuery, UrgentSubscription};
use crate::visit::VisitMutation;

/// The schema of the service.
pub type Schema = async_graphql::Schema<Arc<Root<Query>>, Mutation, Subscription>;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    ServiceQuery,
    SessionQuery,
    NodeQuery,
    DivisionQuery,
    OfficerQuery,
    HouseholdQuery,
    DeadlineQuery,
    InquiryQuery,
    InboxQuery,
    RolloutQuery,
    ImportQuery,
    ReorganisationQuery,
    ExportQuery,
    HandoverQuery,
    GuideQuery,
    CannedReplyQuery,
    FieldBookQuery,
    CalendarQuery,
    UrgentQuery,
    RosterQuery,
    DutyCalendarQuery,
    ServiceWindowQuery,
    AppointmentQuery,
    AppointmentOutcomesQuery,
    PrivacyQuery,
    ChannelQuery,
    AccessLogQuery,
    ReferralQuery,
    FriendQuery,
    SenderQuery,
);

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SessionMutation,
    OfficerMutation,
    HouseholdMutation,
    AttachmentMutation,
    DeadlineMutation,
    InquiryMutation,
    DeskMutation,
    SealMutation,
    ReferralMutation,
    SenderMutation,
    ImportMutation,
    MergeMutation,
    LeavingMutation,
    VisitMutation,
    RolloutMutation,
    ReorganisationMutation,
    ExportMutation,
    LeaveMutation,
    HandoverMutation,
    GuideMutation,
    CannedReplyMutation,
    StationMutation,
    FieldWorkMutation,
    CalendarMutation,
    UrgentMutation,
    RosterMutation,
    ServiceWindowMutation,
    AppointmentMutation,
    WaitingMutation,
    RatingMutation,
    PrivacyMutation,
    ChannelMutation,
    FriendMutation,
);

/// What can be followed.
#[derive(MergedSubscription, Default)]
pub struct Subscription(InquirySubscription, UrgentSubscription);

/// What the service is and what it allows.
#[derive(SimpleObject)]
pub struct ServiceInfo {
    /// The version of the program (semantic versioning).
    version: &'static str,
    /// What a request may ask for.
    limits: ServiceLimits,
    /// For how many days a confirmed contact counts as recently confirmed (近期已核实).
    confirmed_days: u16,
    /// Where the event log stands now. Take it, then load a list, then subscribe `after` it: nothing
    /// is missed in between. Null while nobody is signed in.
    event_cursor: Option<String>,
}

/// What a request may ask for. What goes beyond is refused with QUERY_TOO_LARGE.
#[derive(SimpleObject)]
pub struct ServiceLimits {
    /// Bytes of a request's body, and of a WebSocket message.
    max_body_bytes: usize,
    /// Tokens of a document.
    max_tokens: usize,
    /// Levels of nesting, after fragments have been expanded.
    max_depth: usize,
    /// Aliases of a document.
    max_aliases: usize,
    /// Directives of a document.
    max_directives: usize,
    /// Variables of an operation.
    max_variables: usize,
    /// Fields on the root of an operation.
    max_root_fields: usize,
    /// Objects that an operation may return in the worst case; see `extensions.cost`.
    max_cost: usize,
    /// Rows of a page.
    max_page_size: u32,
    /// Rows of a page when neither `first` nor `last` is given.
    default_page_size: u32,
    /// Operations that run on one WebSocket at the same time.
    max_socket_operations: usize,
    /// Seconds that a query or a mutation may take.
    timeout_seconds: u64,
}

impl From<&Limits> for ServiceLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            max_body_bytes: limits.body_bytes,
            max_tokens: limits.tokens,
            max_depth: limits.depth,
            max_aliases: limits.aliases,
            max_directives: limits.directives,
            max_variables: limits.variables,
            max_root_fields: limits.root_fields,
            max_cost: limits.cost,
            max_page_size: MAX_PAGE,
            default_page_size: DEFAULT_PAGE,
            max_socket_operations: limits.socket_operations,
            timeout_seconds: limits.timeout.as_secs(),
        }
    }
}

/// What the service is and what it allows.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// What the service is and what it allows.
    async fn service_info(&self, context: &Context<'_>) -> Result<ServiceInfo> {
        let request = Request::of(context)?;
        let service = request.service();
        let wanted =
            request.actor().is_signed_in() && context.look_ahead().field("eventCursor").exists();
        let event_cursor = if wanted {
            Some(live::cursor(service.live.head().await?, service.database.keyring()))
        } else {
            None
        };
        Ok(ServiceInfo {
            version: env!("CARGO_PKG_VERSION"),
            limits: (&service.limits).into(),
            confirmed_days: service.confirmed_days,
            event_cursor,
        })
    }
}

/// The schema, ready to be executed.
pub fn build(root: Arc<Root<Query>>) -> Schema {
    Schema::build(root, Mutation::default(), Subscription::default()).finish()
}

/// What the linter has to know: values have no identity of their own, only objects have; and besides
/// edges there are short closed lists, such as the errors of a payload.
const LINT: &str = "\
# eslint @graphql-eslint/strict-id-in-types: [error, {exceptions: {types: [PageInfo, Viewer, Session, UserError, ServiceInfo, ServiceLimits, Coverage, ContactResponsibility, DivisionVersion, ReorganisedDivision, PossibleDuplicate, HouseholdMergeResult, CoverageChange, Rollout, RolloutBoard, RolloutProgress, ImportMapping, ImportDuplicate, HandoverCheck, HandoverTransferCount, ConsentText, FieldBook, FieldBookRemoval, FieldWorkResult, FieldWorkConflict, GuideContent, GuideQuestion, GuideChoice, GuideChecklist, GuidePaper, GuideFee, GuideSource, RenderedReply, AttachmentUpload, Deadline, DeadlineReason, DeadlineTarget, DraftLock, InquiryOwnership, InquiryReader, Inbox, InboxCounts, InquiryResult, Calendar, CalendarDay, CalendarImport, WorkingHours, UrgentStatistics, Duty, DutyReason, OpeningHours, WindowClosure, AvailableSlot, KeptItem, ChannelCheck, ChannelFinding, DutyDay, DutySpan, MessageDelivery, WechatWindow, HeldMessage, AppointmentOutcomes, WastedTripCount, WindowOpening, ChannelCapabilities, FriendLink, FriendWriting, HandoverFriends, MovedAppointment], suffixes: [Connection, Edge, Payload, Event]}}]
# eslint @graphql-eslint/relay-edge-types: [error, {listTypeCanWrapOnlyEdgeType: false}]
";

/// The schema in the schema definition language, sorted: the contract.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    format!("{LINT}\n{}", build(Arc::default()).sdl_with_options(options).trim_start())
}
