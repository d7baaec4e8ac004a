//! How service windows are kept.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};

use super::window_rules::{self, Offer, WindowChange};
use super::{OpeningHours, ServiceWindow, WindowClosure, WindowOpening};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::check_moments;

/// The input of `createServiceWindow`.
#[derive(InputObject)]
pub struct CreateServiceWindowInput {
    /// Chosen by the caller, new for each window: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The station.
    pub station_id: ID,
    /// What it is called, such as 户籍窗口: at most 40 characters.
    pub name: String,
    /// Minutes of a slot: 5 to 240.
    #[graphql(default = 30)]
    pub slot_minutes: i32,
    /// How many households can come to the same slot: 1 to 100.
    #[graphql(default = 1)]
    pub capacity: i32,
    /// How many days ahead may be booked: 0 to 180.
    #[graphql(default = 30)]
    pub bookable_days: i32,
    /// How many minutes before its start at the latest a slot must be booked: 0 to 10,080.
    #[graphql(default = 60)]
    pub lead_minutes: i32,
    /// When it is open: 1 to 28 openings, each at least as long as a slot, none overlapping another one.
    pub hours: Vec<OpeningHours>,
}

/// The input of `updateServiceWindow`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateServiceWindowInput {
    /// The window.
    pub window_id: ID,
    /// The window's `version` that the change is based on.
    pub expected_version: i32,
    /// What it is called: at most 40 characters.
    pub name: Option<String>,
    /// Minutes of a slot: 5 to 240.
    pub slot_minutes: Option<i32>,
    /// How many households can come to the same slot: 1 to 100.
    pub capacity: Option<i32>,
    /// How many days ahead may be booked: 0 to 180.
    pub bookable_days: Option<i32>,
    /// How many minutes before its start at the latest a slot must be booked: 0 to 10,080.
    pub lead_minutes: Option<i32>,
    /// When it is open, all of it anew.
    pub hours: Option<Vec<OpeningHours>>,
    /// Whether it is out of use: nothing can be booked there.
    pub retired: Option<bool>,
    /// Whether it may be that booked appointments no longer fit. They stay, are `displaced`, and have to be moved.
    /// Without it such a change is refused.
    #[graphql(default)]
    pub confirm_displacing: bool,
}

/// The input of `closeServiceWindow`.
#[derive(InputObject)]
pub struct CloseServiceWindowInput {
    /// The window.
    pub window_id: ID,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive: in the future.
    pub ends_at: DateTime<Utc>,
    /// Why, as residents read it: at most 100 characters.
    pub reason: String,
    /// Whether it may be that booked appointments fall into it. They stay, are `displaced`, and have to be moved.
    /// Without it such a closure is refused.
    #[graphql(default)]
    pub confirm_displacing: bool,
}

/// The input of `cancelClosure`.
#[derive(InputObject)]
pub struct CancelClosureInput {
    /// The window.
    pub window_id: ID,
    /// The closure's `startsAt`.
    pub starts_at: DateTime<Utc>,
}

/// The input of `openServiceWindow`.
#[derive(InputObject)]
pub struct OpenServiceWindowInput {
    /// The window.
    pub window_id: ID,
    /// From when: not while it is open by its hours.
    pub starts_at: DateTime<Utc>,
    /// Until when, on the same day: in the future, and at least a slot later.
    pub ends_at: DateTime<Utc>,
    /// Why, as residents read it: at most 100 characters.
    pub reason: String,
}

/// The input of `cancelOpening`.
#[derive(InputObject)]
pub struct CancelOpeningInput {
    /// The window.
    pub window_id: ID,
    /// The opening's `startsAt`.
    pub starts_at: DateTime<Utc>,
    /// Whether it may be that appointments are booked there. They stay, are `displaced`, and have to be moved.
    /// Without it that is refused.
    #[graphql(default)]
    pub confirm_displacing: bool,
}

payload! {
    /// The answer of `createServiceWindow`.
    CreateServiceWindowPayload {
        /// The new window.
        service_window: ServiceWindow
    }
}
payload! {
    /// The answer of `updateServiceWindow`.
    UpdateServiceWindowPayload {
        /// The window after the change.
        service_window: ServiceWindow
    }
}
payload! {
    /// The answer of `closeServiceWindow`.
    CloseServiceWindowPayload {
        /// The window with the closure.
        service_window: ServiceWindow
    }
}
payload! {
    /// The answer of `cancelClosure`.
    CancelClosurePayload {
        /// The window without the closure, or with it ending now.
        service_window: ServiceWindow
    }
}

payload! {
    /// The answer of `openServiceWindow`.
    OpenServiceWindowPayload {
        /// The window with the opening.
        service_window: ServiceWindow
    }
}
payload! {
    /// The answer of `cancelOpening`.
    CancelOpeningPayload {
        /// The window without the opening, or with it ending now.
        service_window: ServiceWindow
    }
}

/// How service windows are kept.
#[derive(Default)]
pub struct ServiceWindowMutation;

#[Object]
impl ServiceWindowMutation {
    /// Opens a service window at a station.
    async fn create_service_window(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CreateServiceWindowInput,
    ) -> Result<CreateServiceWindowPayload> {
        let made = async {
            let once = Once::new("createServiceWindow", &input.idempotency_key, &input)?;
            let station_id = GlobalId::expect_uuid(&input.station_id, Kind::Station)?;
            let offer = Offer {
                name: input.name,
                slot_minutes: input.slot_minutes,
                capacity: input.capacity,
                bookable_days: input.bookable_days,
                lead_minutes: input.lead_minutes,
                hours: input.hours,
            };
            window_rules::create(Request::of(context)?, station_id, offer, once).await
        };
        CreateServiceWindowPayload::of(context, made.await)
    }

    /// Changes what a service window offers, or takes it out of use. Booked appointments are never dropped: those
    /// that no longer fit are `displaced`.
    async fn update_service_window(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateServiceWindowInput,
    ) -> Result<UpdateServiceWindowPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
            let change = WindowChange {
                name: input.name,
                slot_minutes: input.slot_minutes,
                capacity: input.capacity,
                bookable_days: input.bookable_days,
                lead_minutes: input.lead_minutes,
                hours: input.hours,
                retired: input.retired,
            };
            let (version, confirmed) = (input.expected_version, input.confirm_displacing);
            window_rules::update(Request::of(context)?, id, version, change, confirmed).await
        };
        UpdateServiceWindowPayload::of(context, made.await)
    }

    /// Closes a service window for a time in which it would be open. Repeating the call closes it once.
    async fn close_service_window(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CloseServiceWindowInput,
    ) -> Result<CloseServiceWindowPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
            check_moments(&[Some(input.starts_at), Some(input.ends_at)])?;
            let closure = WindowClosure {
                starts_at: input.starts_at,
                ends_at: input.ends_at,
                reason: input.reason,
            };
            let confirmed = input.confirm_displacing;
            window_rules::close(Request::of(context)?, id, closure, confirmed).await
        };
        CloseServiceWindowPayload::of(context, made.await)
    }

    /// Cancels a closure, or ends it now: what it had displaced fits again.
    async fn cancel_closure(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelClosureInput,
    ) -> Result<CancelClosurePayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
            window_rules::cancel_closure(Request::of(context)?, id, input.starts_at).await
        };
        CancelClosurePayload::of(context, made.await)
    }

    /// Opens a service window for a time besides its hours, such as on a Saturday that is worked (加开). Repeating the call
    /// opens it once.
    async fn open_service_window(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: OpenServiceWindowInput,
    ) -> Result<OpenServiceWindowPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
            check_moments(&[Some(input.starts_at), Some(input.ends_at)])?;
            let opening = WindowOpening {
                starts_at: input.starts_at,
                ends_at: input.ends_at,
                reason: input.reason,
            };
            window_rules::open(Request::of(context)?, id, opening).await
        };
        OpenServiceWindowPayload::of(context, made.await)
    }

    /// Does without a time for which a window was opened besides its hours, or ends it now.
    async fn cancel_opening(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelOpeningInput,
    ) -> Result<CancelOpeningPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
            let (starts_at, confirmed) = (input.starts_at, input.confirm_displacing);
            window_rules::cancel_opening(Request::of(context)?, id, starts_at, confirmed).await
        };
        CancelOpeningPayload::of(context, made.await)
    }
}
