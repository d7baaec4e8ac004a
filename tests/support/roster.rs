//! What operations on the calendar and the roster are tried on.

use serde_json::{Value, json};

use super::app::TestApp;
use super::county::{lead, station_id, township_of};
use huhutong::id::{GlobalId, Kind};

/// The input of a shift of a village's lead, from 8 to 9 each day.
fn shift(village: &str, key: &str) -> Value {
    let officer = GlobalId::new(Kind::Officer, lead(village)).to_string();
    json!({ "idempotencyKey": key, "stationId": station_id(township_of(village)),
            "villageCode": village, "officerId": officer, "validFrom": "2026-09-01",
            "everyDays": 1, "startMinute": 480, "lengthMinutes": 60 })
}

/// A calendar file of days with their names.
pub fn ics(days: &[(&str, &str)]) -> String {
    let event = |(day, name): &(&str, &str)| {
        format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n")
    };
    let events: String = days.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
}

impl TestApp {
    /// A shift of a village and a swap of it, for those operations that are about them.
    pub async fn rostered(&self, village: &str, field: &str) -> Value {
        if !["endShift", "swapShift", "cancelSwap"].contains(&field) {
            return Value::Null;
        }
        let admin = self.county_admin();
        let input = shift(village, &self.service().new_id().to_string());
        let shift = admin.mutate("planShift", input, "id").await.done()["id"].clone();
        let other = self.officer_posted_to(&[village]).await;
        let input = json!({ "idempotencyKey": other.id(), "shiftId": shift, "day": "2026-09-02",
                            "officerId": other.id() });
        let swap = admin.mutate("swapShift", input, "id").await.done()["id"].clone();
        json!({ "shift": shift, "swap": swap, "other": other.id() })
    }
}

/// The input of a mutation on the calendar or the roster.
pub fn input(mutation: &str, village: &str, on: &Value, key: &str) -> Option<Value> {
    Some(match mutation {
        "importCalendar" => json!({ "expectedVersion": 1, "dryRun": true,
                                    "ics": ics(&[("20270101", "元旦")]) }),
        "updateWorkingHours" => {
            json!({ "expectedVersion": 99, "hours": [{ "start": 510, "end": 720 }] })
        }
        "planShift" => shift(village, key),
        "endShift" => json!({ "shiftId": on["shift"], "expectedVersion": 99 }),
        "swapShift" => json!({ "idempotencyKey": key, "shiftId": on["shift"],
                               "day": "2026-09-03", "officerId": on["other"] }),
        "cancelSwap" => json!({ "shiftSwapId": on["swap"], "expectedVersion": 99 }),
        _ => return None,
    })
}
