//! A county of three townships, seven villages and no households yet. Two villages are called 刘河.
//! Every village has a lead officer, so that households may be registered anywhere.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{BEGINNING, county, officer, posting, station, township, village, village_group};
use huhutong::id::{GlobalId, Kind};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use uuid::Uuid;

pub const COUNTY: &str = "411481";

/// 演集街道
pub const YANJI: &str = "411481001";
/// 芒山镇
pub const MANGSHAN: &str = "411481101";
/// 陈集镇
pub const CHENJI: &str = "411481109";
pub const TOWNSHIPS: [&str; 3] = [YANJI, MANGSHAN, CHENJI];

/// 东城社区, in 演集街道
pub const DONGCHENG: &str = "411481001001";
/// 西城社区, in 演集街道
pub const XICHENG: &str = "411481001002";
/// 柿园村, in 芒山镇
pub const SHIYUAN: &str = "411481101201";
/// Another 刘河村, in 芒山镇
pub const OTHER_LIUHE: &str = "411481101204";
/// 陈集村, in 陈集镇
pub const CHENJI_VILLAGE: &str = "411481109201";
/// 刘河村, in 陈集镇
pub const LIUHE: &str = "411481109204";
/// 王楼村, in 陈集镇
pub const WANGLOU: &str = "411481109205";
pub const VILLAGES: [&str; 7] =
    [DONGCHENG, XICHENG, SHIYUAN, OTHER_LIUHE, CHENJI_VILLAGE, LIUHE, WANGLOU];

/// The administrator can sign in with this.
pub const PASSWORD: &str = "Correct-Horse-1";

pub const ADMIN: Uuid = Uuid::from_u128(1);
pub const ANALYST: Uuid = Uuid::from_u128(2);
pub const AUDITOR: Uuid = Uuid::from_u128(3);

/// The chief of a township's station.
pub fn chief(township: &str) -> Uuid {
    Uuid::from_u128(10 + place(&TOWNSHIPS, township))
}

/// The station of a township.
pub fn station(township: &str) -> Uuid {
    Uuid::from_u128(1000 + place(&TOWNSHIPS, township))
}

/// The lead officer of a village.
pub fn lead(village: &str) -> Uuid {
    Uuid::from_u128(100 + place(&VILLAGES, village))
}

/// The posting of a village's lead officer.
pub fn posting_of_lead(village: &str) -> Uuid {
    Uuid::from_u128(2000 + place(&VILLAGES, village))
}

/// The global id of a station.
pub fn station_id(township: &str) -> String {
    GlobalId::new(Kind::Station, station(township)).to_string()
}

/// The township that a village belongs to.
pub fn township_of(village: &str) -> &str {
    &village[..9]
}

fn place(list: &[&str], code: &str) -> u128 {
    list.iter().position(|one| *one == code).expect("a code of this county") as u128
}

/// Writes the county into an empty database.
pub async fn seed(database: &impl ConnectionTrait, now: DateTime<Utc>) {
    let since = now - TimeDelta::days(365);
    add(
        database,
        county::Model {
            code: COUNTY.to_owned(), name: "永城市".to_owned(), valid_from: BEGINNING
        },
    )
    .await;
    for (code, name, kind) in [
        (YANJI, "演集街道", township::Kind::Subdistrict),
        (MANGSHAN, "芒山镇", township::Kind::Town),
        (CHENJI, "陈集镇", township::Kind::Town),
    ] {
        let (code, name) = (code.to_owned(), name.to_owned());
        let station = format!("永城市公安局{name}派出所");
        let id = self::station(&code);
        let county_code = COUNTY.to_owned();
        add(
            database,
            township::Model { code: code.clone(), county_code, name, kind, valid_from: BEGINNING },
        )
        .await;
        add(
            database,
            station::Model { id, township_code: code, name: station, phone: None, version: 1 },
        )
        .await;
    }
    for (code, name) in [
        (DONGCHENG, "东城社区居委会"),
        (XICHENG, "西城社区居委会"),
        (SHIYUAN, "柿园村委会"),
        (OTHER_LIUHE, "刘河村委会"),
        (CHENJI_VILLAGE, "陈集村委会"),
        (LIUHE, "刘河村委会"),
        (WANGLOU, "王楼村委会"),
    ] {
        let township_code = township_of(code).to_owned();
        let (village_code, name) = (code.to_owned(), name.to_owned());
        let code = village_code.clone();
        add(
            database,
            village::Model {
                code,
                township_code: township_code.clone(),
                name,
                valid_from: BEGINNING,
                ended_on: None,
                successor_code: None,
            },
        )
        .await;
        for number in 1..=2 {
            let (village_code, township_code) = (village_code.clone(), township_code.clone());
            let code = format!("{village_code}-{number:02}");
            let group = village_group::Model {
                code,
                village_code,
                township_code,
                number,
                valid_from: BEGINNING,
                ended_on: None,
                successor_code: None,
            };
            add(database, group).await;
        }
    }
    seed_staff(database, since).await;
}

async fn seed_staff(database: &impl ConnectionTrait, since: DateTime<Utc>) {
    let hash = huhutong::password::hash("password", PASSWORD.to_owned()).await.unwrap();
    let admin = officer::Model {
        password_hash: Some(hash),
        ..staff(ADMIN, "admin", officer::Role::CountyAdmin, None, since)
    };
    add(database, admin).await;
    add(database, staff(ANALYST, "analyst", officer::Role::Analyst, None, since)).await;
    add(database, staff(AUDITOR, "auditor", officer::Role::Auditor, None, since)).await;
    for township in TOWNSHIPS {
        let (id, name) = (chief(township), format!("chief-{township}"));
        let station = Some(station(township));
        add(database, staff(id, &name, officer::Role::StationChief, station, since)).await;
    }
    for village in VILLAGES {
        let (id, name) = (lead(village), format!("lead-{village}"));
        let station = Some(station(township_of(village)));
        add(database, staff(id, &name, officer::Role::Officer, station, since)).await;
        let duty = posting::Duty::Lead;
        let posting =
            posting::Model { duty, ..posted(posting_of_lead(village), id, village, since) };
        add(database, posting).await;
    }
}

/// A staff account without a password.
pub fn staff(
    id: Uuid,
    username: &str,
    role: officer::Role,
    station_id: Option<Uuid>,
    at: DateTime<Utc>,
) -> officer::Model {
    officer::Model {
        id,
        username: username.to_owned(),
        name: format!("张{username}"),
        phone: None,
        role,
        station_id,
        password_hash: None,
        wecom_user_id: None,
        version: 1,
        created_at: at,
        updated_at: at,
        deactivated_at: None,
    }
}

/// A posting without an end.
pub fn posted(id: Uuid, officer_id: Uuid, village: &str, at: DateTime<Utc>) -> posting::Model {
    posting::Model {
        id,
        officer_id,
        village_code: village.to_owned(),
        township_code: township_of(village).to_owned(),
        duty: posting::Duty::Auxiliary,
        starts_at: at,
        ends_at: None,
        version: 1,
        leave_id: None,
        source_id: None,
    }
}

/// Adds a row. What is empty is not mentioned, so that a schema can be filled that does not know it yet.
pub async fn add<M, A>(database: &impl ConnectionTrait, row: M)
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
{
    use sea_orm::ActiveValue::{Set, Unchanged};
    use sea_orm::{EntityTrait, Iterable};
    let mut row = row.into_active_model();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let Set(value) | Unchanged(value) = row.get(column)
            && value == value.as_null()
        {
            row.not_set(column);
        } else {
            row.reset(column);
        }
    }
    A::Entity::insert(row).exec_without_returning(database).await.unwrap();
}
