//! The permission table: which role may do what, and how far. Nothing else decides. Writing needs a
//! [`Grant`], reading needs a [`Scope`], and both are made here only.

use chrono::{DateTime, Utc};

use crate::actor::{Actor, Role};
use crate::error::{Error, Result};

/// How far a permission reaches, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// The caller's own households, or the caller's own account.
    Own,
    /// The villages of the officer's current postings.
    Posted,
    /// The township of the officer's station.
    Township,
    /// Everything in this service's county.
    County,
}

macro_rules! acts {
    ($( $(#[doc = $doc:literal])* $act:ident [$($reach:ident)*] $($field:literal)*; )*) => {
        /// Something that a caller may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act { $( $(#[doc = $doc])* $act, )* }

        impl Act {
            /// All acts, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$act),*];

            /// The reaches of this act, in the order of [`Role::ALL`].
            const fn reaches(self) -> [Reach; 9] {
                match self { $( Self::$act => [$(reach!($reach)),*], )* }
            }

            /// The root fields of the schema that this act guards.
            pub const fn root_fields(self) -> &'static [&'static str] {
                match self { $( Self::$act => &[$($field),*], )* }
            }
        }
    };
}

macro_rules! reach {
    (no) => {
        Reach::Nothing
    };
    (own) => {
        Reach::Own
    };
    (posted) => {
        Reach::Posted
    };
    (town) => {
        Reach::Township
    };
    (all) => {
        Reach::County
    };
}

#[rustfmt::skip]
acts! {
    //                  anonymous resident officer chief admin analyst auditor channel system
    /// Learn what the service is and what it allows.
    ReadService        [all       all      all     all   all   all     all     all     all   ] "serviceInfo" "viewer" "consentTexts";
    /// Sign in, or continue a session with its refresh token.
    SignIn             [all       all      all     all   all   all     all     no      no    ] "signIn" "refreshSession";
    /// End one's own session, or change one's own password.
    ManageSession      [no        own      own     own   own   own     own     no      no    ] "signOut" "changePassword";
    /// Look up any object by its id; the act of the object's type decides what is found.
    ReadNode           [no        all      all     all   all   all     all     all     all   ] "node" "nodes";
    /// See the division tree and the stations.
    ReadDivision       [no        all      all     all   all   all     all     all     all   ] "county" "counties" "township" "townships" "village" "villages";
    /// See which villages one's own area is.
    ReadArea           [no        own      posted  town  all   all     all     all     all   ];
    /// See how far coverage is and how much is open.
    ReadTally          [no        no       town    town  all   all     all     no      all   ];
    /// See an officer who is connected to something that one may see.
    ReadOfficer        [no        all      all     all   all   no      all     all     all   ] "officer";
    /// Search the officers.
    ListOfficers       [no        no       town    town  all   no      all     no      all   ] "officers";
    /// See who looks after a village.
    ReadPosting        [no        own      all     all   all   no      all     all     all   ];
    /// See households.
    ReadHousehold      [no        own      posted  town  all   no      all     all     all   ] "household" "households";
    /// See that a household has contacts; names and numbers are masked.
    ReadContact        [no        own      posted  town  all   no      all     all     all   ];
    /// See names, numbers and addresses in full.
    RevealContact      [no        own      posted  town  all   no      no      all     all   ];
    /// See inquiries, and who has to move next.
    ReadInquiry        [no        own      posted  town  all   no      all     all     all   ] "inquiry" "inquiries" "inbox" "inquiryChanged";
    /// Read what was written.
    ReadMessage        [no        own      posted  town  all   no      no      all     all   ] "messageAdded" "messageChanged" "outdatedReplies";
    /// See how content households are with how they were helped.
    ReadRating         [no        own      posted  town  all   no      no      no      all   ];
    /// Say how content the own household is.
    RateInquiry        [no        own      no      no    no    no      no      no      no    ] "rateInquiry";
    /// See what residents want to be corrected.
    ReadCorrection     [no        own      posted  town  all   no      no      no      all   ] "correctionRequests";
    /// Ask for a correction of what is kept about the own household.
    RequestCorrection  [no        own      no      no    no    no      no      no      no    ] "requestCorrection";
    /// Answer a request for correction.
    AnswerCorrection   [no        no       posted  town  all   no      no      no      no    ] "answerCorrectionRequest";
    /// Be told what is kept about oneself.
    ReadKept           [no        own      no      no    no    no      no      no      no    ] "keptAboutMe";
    /// See that a household wrote of an emergency.
    ReadUrgentAlert    [no        own      posted  town  all   no      all     all     all   ] "urgentAlerts" "urgentRaised";
    /// See how many of these there were, and how many were false.
    CountUrgentAlerts  [no        no       posted  town  all   no      all     no      all   ] "urgentStatistics";
    /// Answer for an alert: take note of it, or find it to be false.
    HandleUrgentAlert  [no        no       posted  town  all   no      no      no      no    ] "acknowledgeUrgentAlert" "reportFalseAlarm";
    /// Keep staff accounts.
    ManageOfficer      [no        no       no      town  all   no      no      no      all   ] "createOfficer" "updateOfficer" "deactivateOfficer";
    /// Post officers to villages.
    ManagePosting      [no        no       no      town  all   no      no      no      all   ] "postOfficer" "endPosting";
    /// Keep the register of households.
    ManageHousehold    [no        no       posted  town  all   no      no      no      all   ] "registerHousehold" "updateHousehold";
    /// Keep the contacts of households.
    ManageContact      [no        no       posted  town  all   no      no      no      all   ] "enrolContact" "updateContact" "removeContact" "changeContactStanding" "confirmContact";
    /// Withdraw a contact's consent: the own one, or on behalf of a contact who asked for it.
    WithdrawConsent    [no        own      posted  town  all   no      no      all     no    ] "withdrawConsent";
    /// Take a village along to where there is no network.
    ReadFieldBook      [no        no       posted  town  all   no      no      no      no    ] "fieldBook";
    /// Hand in what was done where there was no network; the act of each piece of work decides besides.
    SyncFieldWork      [no        no       posted  town  all   no      no      no      no    ] "syncFieldWork";
    /// See visits, and how far a household was and why.
    ReadVisit          [no        no       posted  town  all   no      all     no      all   ];
    /// Write down a visit.
    RecordVisit        [no        no       posted  town  all   no      no      no      no    ] "recordVisit";
    /// Open an inquiry for a household.
    SubmitInquiry      [no        own      posted  town  all   no      no      all     all   ] "submitInquiry";
    /// Write into an inquiry.
    ReplyToInquiry     [no        own      posted  town  all   no      no      all     no    ] "replyToInquiry";
    /// Bring a file that is to come with a message.
    AttachFile         [no        own      posted  town  all   no      no      all     no    ] "requestAttachmentUpload";
    /// Write what the household does not see.
    AddInternalNote    [no        no       posted  town  all   no      no      no      no    ] "addInternalNote";
    /// Assign, sort and close inquiries.
    HandleInquiry      [no        no       posted  town  all   no      no      no      all   ] "assignInquiry" "claimInquiry" "recategorizeInquiry" "prioritizeInquiry" "resolveInquiry" "changeInquiries";
    /// Decide who sees a sealed inquiry.
    ManageSeal         [no        no       no      town  all   no      no      no      no    ] "nameInquiryReader" "removeInquiryReader" "excludeOfficer";
    /// See who looked at what is kept about the own household.
    ReadAccessHistory  [no        own      no      no    no    no      all     no      no    ] "accessHistory";
    /// See who looked at what.
    ReadAccessLog      [no        no       no      no    no    no      all     no      no    ] "accessLog";
    /// See to whom inquiries were referred.
    ReadReferral       [no        own      posted  town  all   no      all     no      all   ] "referrals";
    /// Refer inquiries to others, and write down what came of it.
    HandleReferral     [no        no       posted  town  all   no      no      no      no    ] "referInquiry" "postponeReferral" "closeReferral";
    /// Show that one is writing an answer just now.
    HoldDraft          [no        no       posted  town  all   no      no      no      no    ] "lockDraft" "unlockDraft";
    /// See how soon inquiries are to be answered and resolved.
    ReadDeadlineTarget [no        all      all     all   all   all     all     no      all   ] "deadlineTargets";
    /// Decide how soon they are.
    SetDeadlineTarget  [no        no       no      no    all   no      no      no      no    ] "setDeadlineTarget";
    /// See who is away and who stands in.
    ReadLeave          [no        no       own     town  all   no      all     no      all   ];
    /// Plan leaves and who stands in.
    ManageLeave        [no        no       no      town  all   no      no      no      all   ] "planLeave" "cancelLeave";
    /// See who is on duty for a village.
    ReadDuty           [no        own      all     all   all   no      all     all     all   ] "onDuty";
    /// See the shifts of stations.
    ReadShift          [no        no       town    town  all   no      all     no      all   ] "shifts" "dutyCalendar";
    /// Plan shifts, and who does them.
    ManageShift        [no        no       no      town  all   no      no      no      no    ] "planShift" "endShift" "swapShift" "cancelSwap";
    /// See hand-overs of villages.
    ReadHandover       [no        no       own     town  all   no      all     no      all   ] "handovers";
    /// Hand villages over from one officer to another.
    ManageHandover     [no        no       no      town  all   no      no      no      all   ] "handOver" "cancelHandover";
    /// Confirm one's own side of a hand-over.
    ConfirmHandover    [no        no       own     own   own   no      no      no      no    ] "confirmHandoverItem";
    /// See how far the households of a hand-over are.
    ReadTransfer       [no        no       posted  town  all   no      all     no      all   ];
    /// Write down how a household's transfer goes on.
    RecordTransfer     [no        no       posted  town  all   no      no      no      all   ] "recordTransfer";
    /// Be told which households may be doubles.
    FindDuplicates     [no        no       posted town  all   no      no      no      all   ];
    /// Merge doubles, and undo it.
    MergeHouseholds    [no        no       posted town  all   no      no      no      all   ] "mergeHouseholds" "undoMerge";
    /// See what is planned for the rollout, and how far it is.
    ReadRollout        [no        no       no      town  all   all     all     no      all   ] "rolloutBoard";
    /// Plan the rollout.
    PlanRollout        [no        no       no      no    all   no      no      no      all   ] "planRollout";
    /// Rename, move, merge and split divisions.
    Reorganise         [no        no       no     no    all   no      no      no      all   ] "renameDivision" "moveVillage" "mergeVillages" "splitVillage";
    /// Add divisions and their stations from a table.
    ImportDivisions    [no        no       no     no    no    no      no      no      all   ];
    /// Move households to other groups.
    MoveHouseholds     [no        no       no     town  all   no      no      no      all   ] "moveHouseholds";
    /// See what was changed in the division tree.
    ReadReorganisation [no        no       all    all   all   all     all     no      all   ] "reorganisations";
    /// Take out a file of what one may see; the act of its rows decides which they are.
    RequestExport      [no        no       own    own   own   own     own     no      no    ] "requestExport";
    /// See what was taken out, by whom and why.
    ReadExport         [no        no       own    own   all   own     all     no      all   ] "exports";
    /// Read guides that were published.
    ReadGuide          [no        all      all    all   all   all     all     all     all   ] "guide" "guides" "guideVersions" "searchGuides";
    /// See drafts of guides, who wrote them, and what reviewers say of them.
    ReadGuideDraft     [no        no       no     all   all   no      all     no      all   ];
    /// Write guides, and hand them in for review.
    WriteGuide         [no        no       no     all   all   no      no      no      no    ] "createGuide" "reviseGuide" "updateGuideDraft" "submitGuide";
    /// Review what somebody else wrote, publish it, and retire it.
    ReviewGuide        [no        no       no     all   all   no      no      no      no    ] "returnGuide" "publishGuide" "retireGuide";
    /// See the canned replies of the own station and of the county.
    ReadCannedReply    [no        no       town   town  all   no      all     no      all   ] "cannedReplies" "renderCannedReply";
    /// Keep canned replies.
    ManageCannedReply  [no        no       no     town  all   no      no      no      no    ] "createCannedReply" "updateCannedReply" "retireCannedReply";
    /// See which days are holidays, and the working hours.
    ReadCalendar       [no        all      all    all   all   all     all     all     all   ] "calendar";
    /// Keep the working calendar.
    ManageCalendar     [no        no       no     no    all   no      no      no      no    ] "importCalendar" "updateWorkingHours";
    /// See service windows, and when there are free places.
    ReadServiceWindow  [no        all      all    all   all   all     all     all     all   ] "serviceWindows" "availableSlots";
    /// Keep service windows, their hours and closures.
    ManageServiceWindow [no       no       no     town  all   no      no      no      no    ] "createServiceWindow" "updateServiceWindow" "closeServiceWindow" "cancelClosure" "openServiceWindow" "cancelOpening" "moveAppointments";
    /// See appointments, and who waits for a place.
    ReadAppointment    [no        own      posted town  all   no      all     all     all   ] "appointments";
    /// Book, move and cancel appointments, and wait for a place.
    BookAppointment    [no        own      posted town  all   no      no      all     no    ] "bookAppointment" "rescheduleAppointment" "cancelAppointment" "joinWaitingList" "leaveWaitingList" "acceptOffer";
    /// See in numbers what came of appointments.
    CountAppointments  [no        no       no     town  all   no      no      no      no    ] "appointmentOutcomes";
    /// Look at the papers before an appointment, and write down what came of it.
    HandleAppointment  [no        no       posted town  all   no      no      no      no    ] "checkAppointment" "recordAttendance";
    /// Keep what is known of stations.
    ManageStation      [no        no       no     town  all   no      no      no      no    ] "updateStation";
    /// Keep the service's own keys and tallies.
    KeepService        [no        no       no      no    no    no      no      no      all   ];
    /// Fill an empty database with the made-up county.
    FillDemo           [no        no       no      no    no    no      no      no      all   ];
    /// Open a resolved inquiry again.
    ReopenInquiry      [no        own      posted  town  all   no      no      no      all   ] "reopenInquiry";
    /// See the channels through which households are reached; never their secrets.
    ReadChannel        [no        no       no      town  all   no      all     no      all   ] "channel" "channels";
    /// See who writes in WeChat and is not known.
    ReadSender         [no        no       posted  town  all   no      all     no      all   ] "unboundSenders";
    /// Find out who that is.
    BindSender         [no        no       posted  town  all   no      no      no      no    ] "bindSender" "dismissSender";
    /// Keep the channels and their secrets.
    ManageChannel      [no        no       no      no    all   no      no      no      no    ] "createChannel" "updateChannel" "rotateChannelKeys" "retireOldChannelKeys" "disableChannel" "enableChannel" "checkChannel";
    /// See who is whose friend in WeCom.
    ReadFriend         [no        no       posted  town  all   no      all     no      all   ] "friends";
    /// See where friends here and at WeChat's side are not the same.
    ReadFriendDifference [no      no       no      town  all   no      all     no      all   ] "friendDifferences";
    /// Make the QR codes of households, and say who a friend is.
    ManageFriend       [no        no       posted  town  all   no      no      no      no    ] "createFriendLink" "matchFriend";
    /// Import households from a file.
    ImportHouseholds   [no        no       posted  town  all   no      no      no      all   ] "importHouseholds";
    /// See imports, and what became of their rows.
    ReadImport         [no        no       own     own   all   no      all     no      all   ] "importBatch" "importBatches";
    /// Take an import back.
    RollBackImport     [no        no       own     own   all   no      no      no      all   ] "rollBackImport";
}

/// How far `role` may go with `act`.
pub fn reach(role: Role, act: Act) -> Reach {
    act.reaches()[role as usize]
}

/// What a caller may see under one act, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    actor: Actor,
    act: Act,
    at: DateTime<Utc>,
}

impl Scope {
    /// Who sees.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// How far.
    pub fn reach(&self) -> Reach {
        reach(self.actor.role, self.act)
    }

    /// When: postings count that are current at this moment.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whether the caller also has `act`, as far as this scope reaches.
    pub fn covers(&self, act: Act) -> bool {
        reach(self.actor.role, act) >= self.reach()
    }
}

/// What a caller may change under one act, at one moment. What the change touches is read within
/// the same scope, so that what lies outside it is not found.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    scope: Scope,
}

impl Grant {
    /// The rows that the change may touch.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Lets `actor` see what `act` allows, or says why not.
pub fn scope(actor: &Actor, act: Act, at: DateTime<Utc>) -> Result<Scope> {
    match reach(actor.role, act) {
        Reach::Nothing if actor.is_signed_in() => Err(Error::forbidden()),
        Reach::Nothing => Err(Error::unauthenticated()),
        _ => Ok(Scope { actor: *actor, act, at }),
    }
}

/// Lets `actor` change what `act` allows, or says why not.
pub fn grant(actor: &Actor, act: Act, at: DateTime<Utc>) -> Result<Grant> {
    scope(actor, act, at).map(|scope| Grant { scope })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_analyst_reaches_no_person() {
        for act in [
            Act::ReadOfficer,
            Act::ReadHousehold,
            Act::ReadContact,
            Act::RevealContact,
            Act::ReadInquiry,
            Act::ReadMessage,
            Act::SubmitInquiry,
            Act::ReadAppointment,
            Act::BookAppointment,
        ] {
            assert_eq!(reach(Role::Analyst, act), Reach::Nothing, "{act:?}");
        }
    }

    #[test]
    fn personal_data_is_revealed_as_far_as_contacts_are_seen_or_not_at_all() {
        for role in Role::ALL {
            let revealed = reach(role, Act::RevealContact);
            assert!(revealed == Reach::Nothing || revealed == reach(role, Act::ReadContact));
        }
    }
}
