//! What some operations of the permission table are tried on.

use huhutong::id::{GlobalId, Kind};
use sea_orm::ActiveValue::Set;

use crate::support::county::{station_id, township_of};
use crate::support::{TestApp, Value, json, uuid_of};

/// A canned reply of the station of a village.
pub async fn canned(app: &TestApp, village: &str) -> Value {
    let station = station_id(township_of(village));
    let input = json!({ "idempotencyKey": app.service().new_id(), "stationId": station,
                        "title": "a", "text": "b" });
    app.county_admin().mutate("createCannedReply", input, "id").await.done()
}

/// Somebody unknown who came by a link of a village, and wrote.
pub async fn sender(app: &TestApp, village: &str) -> Value {
    let channel = uuid_of(&app.gate().await.channel);
    let id = app.service().new_id();
    let (at, hash) = (app.now(), id.as_bytes().to_vec());
    let raw = app.raw().await;
    let row = entity::channel_customer::ActiveModel {
        id: Set(id),
        channel_id: Set(channel),
        external_id: Set(app
            .service()
            .database
            .keyring()
            .seal("contact wechat", id.to_string().as_bytes())
            .unwrap()),
        external_hash: Set(hash),
        scene: Set(Some(format!("{village}-01-001"))),
        village_code: Set(Some(village.to_owned())),
        township_code: Set(Some(township_of(village).to_owned())),
        first_seen_at: Set(at),
        last_inbound_at: Set(Some(at)),
        ..Default::default()
    };
    crate::support::county::add(&raw, row).await;
    raw.close().await.unwrap();
    GlobalId::new(Kind::WechatSender, id).to_string().into()
}

/// A leave and a hand-over among two more officers of a village.
pub struct Planned {
    pub leave: Value,
    pub handover: Value,
    pub transfer: Value,
}

impl Planned {
    pub async fn new(app: &TestApp, village: &'static str) -> Self {
        let admin = app.county_admin();
        let (from, to) =
            (app.officer_posted_to(&[village]).await, app.officer_posted_to(&[village]).await);
        let input = json!({ "idempotencyKey": from.id(), "officerId": to.id(),
            "coverOfficerId": from.id(), "startsAt": "2026-09-02T00:00:00Z",
            "endsAt": "2026-09-03T00:00:00Z" });
        let leave = admin.mutate("planLeave", input, "id").await.done()["id"].clone();
        let input = json!({ "idempotencyKey": to.id(), "fromOfficerId": from.id(),
            "toOfficerId": to.id(), "villageCodes": [village] });
        let wanted = "id transfers(first: 1) { edges { node { id } } }";
        let made = admin.mutate("handOver", input, wanted).await.done();
        let transfer = made["transfers"]["edges"][0]["node"]["id"].clone();
        Self { leave, handover: made["id"].clone(), transfer }
    }
}
