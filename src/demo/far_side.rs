//! Gives the demo a far side: the double of WeChat, channels that lead to it, a resident who is known there, and an officer
//! who is a member of its corp. All of it is done as a client would, so it can be done at every start.

use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::{Request, Variables};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::DemoError;
use super::store::{self, Cast};
use super::wechat::{Door, Double};
use crate::actor::{Actor, Role};
use crate::error::Language;
use crate::household::{self, WECHAT};
use crate::id::{GlobalId, Kind};
use crate::service::Service;
use crate::{App, Caller, http};

/// How the resident whom one plays is called at the far side; the page begins with it.
const RESIDENT: &str = "wmResident0001";

/// What is done once to have a channel that leads to the double.
const CREATE: &str = "mutation($input: CreateChannelInput!) { made: createChannel(input: $input) \
                      { object: channel { id } userErrors { code } } }";
/// What is done at each start after that: the double has another address each time.
const UPDATE: &str = "mutation($input: UpdateChannelInput!) { made: updateChannel(input: $input) \
                      { object: channel { id } userErrors { code } } }";
const ENLIST: &str = "mutation($input: UpdateOfficerInput!) { made: updateOfficer(input: $input) \
                      { object: officer { id } userErrors { code } } }";
const NAME: &str = "mutation($input: UpdateContactInput!) { made: updateContact(input: $input) \
                    { object: contact { id } userErrors { code } } }";

/// Starts the double at `address`, connects the service at `own` to it, and answers with the address of the page.
pub async fn start(
    service: &Arc<Service>,
    cast: &Cast,
    address: SocketAddr,
    own: SocketAddr,
) -> Result<String, DemoError> {
    let double = Double::new(service.clock.clone());
    // What was said at an earlier start is known by its number.
    double.world().begin_at(u64::try_from(service.clock.now().timestamp_millis()).unwrap_or(1));
    let listener = TcpListener::bind(address).await?;
    let page = format!("http://{}", listener.local_addr()?);
    let client = Client::of(service, cast)?;
    let [customer_service, contacts, official] = accounts(&double);
    let customer_service = client.connect(&customer_service, &page).await?;
    let contacts = client.connect(&contacts, &page).await?;
    let official = client.connect(&official, &page).await?;
    if let Some(contact) = &cast.resident {
        client.introduce(service, contact.id).await?;
    }
    if let Some(officer) = cast.staff.iter().find(|one| Role::from(one.role) == Role::Officer) {
        double.world().join(&officer.username);
        client.enlist(officer.id, &officer.username).await?;
    }
    let serving = double.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    let address = move |door: &Door| {
        let channel = match door {
            Door::CustomerService => &customer_service,
            Door::Contacts => &contacts,
            Door::Account(_) => &official,
        };
        format!("http://{own}/wechat/callback/{channel}")
    };
    tokio::spawn(async move { double.deliver(address).await });
    Ok(format!("{page}/"))
}

/// An account at the far side, as its channel is told of it.
struct Account {
    kind: &'static str,
    name: &'static str,
    corp_id: String,
    open_kfid: Option<String>,
    secret: String,
    keys: Value,
}

/// The accounts of the double: of customer service, of the members' contacts, and the Official Account in plain mode,
/// whose answers the double can read.
fn accounts(double: &Double) -> [Account; 3] {
    let mut world = double.world();
    world.official.plain = true;
    let sealed = json!({ "token": world.seal.token, "aesKey": world.seal.encoding_aes_key });
    let of_corp = |kind, name, open_kfid| Account {
        kind,
        name,
        corp_id: world.corp_id.clone(),
        open_kfid,
        secret: world.secret.clone(),
        keys: sealed.clone(),
    };
    [
        of_corp("WECHAT_KF", "户户通（演示）", Some(world.open_kfid.clone())),
        of_corp("WECOM_CONTACTS", "客户联系（演示）", None),
        Account {
            kind: "OFFICIAL_ACCOUNT",
            name: "服务号（演示）",
            corp_id: world.official.app_id.clone(),
            open_kfid: None,
            secret: world.official.secret.clone(),
            keys: json!({ "token": world.seal.token }),
        },
    ]
}

/// The county's administrator.
struct Client {
    app: App,
    actor: Arc<Actor>,
}

impl Client {
    fn of(service: &Arc<Service>, cast: &Cast) -> Result<Self, DemoError> {
        let admin = cast.staff.iter().find(|one| Role::from(one.role) == Role::CountyAdmin);
        let admin = admin.ok_or_else(|| DemoError::FarSide("no administrator".to_owned()))?;
        let actor = Actor { role: Role::CountyAdmin, id: admin.id, ..Actor::ANONYMOUS };
        let app = App::new(service.clone(), http::Options::default());
        Ok(Self { app, actor: Arc::new(actor) })
    }

    /// The channel that leads to an account of the double.
    async fn connect(&self, account: &Account, page: &str) -> Result<String, DemoError> {
        let Account { kind, name, corp_id, open_kfid, secret, keys } = account;
        let known = format!(
            "{{ channels(first: 100, filter: {{ kind: {kind} }}) {{ edges {{ node \
             {{ id version corpId openKfid }} }} }} }}"
        );
        let known = self.ask(&known, json!({})).await?;
        let known = known["channels"]["edges"].as_array().into_iter().flatten();
        let known = known.map(|edge| &edge["node"]).find(|node| {
            node["corpId"] == **corp_id && node["openKfid"].as_str() == open_kfid.as_deref()
        });
        let made = match known {
            Some(channel) => {
                let input = json!({ "channelId": channel["id"], "expectedVersion": channel["version"],
                                    "apiBaseUrl": page, "secret": secret });
                self.made(UPDATE, input).await?
            }
            None => {
                let input = json!({ "idempotencyKey": format!("demo {kind}"), "kind": kind, "name": name,
                                    "corpId": corp_id, "openKfid": open_kfid, "secret": secret,
                                    "apiBaseUrl": page, "callbackKeys": keys });
                self.made(CREATE, input).await?
            }
        };
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Writes down under which name an officer is a member of the corp.
    async fn enlist(&self, officer_id: Uuid, user: &str) -> Result<(), DemoError> {
        let id = GlobalId::new(Kind::Officer, officer_id).to_string();
        let officer = "query($id: ID!) { officer(id: $id) { version wecomUserId } }";
        let officer = self.ask(officer, json!({ "id": id })).await?;
        if officer["officer"]["wecomUserId"] == *user {
            return Ok(());
        }
        let input = json!({ "officerId": id, "expectedVersion": officer["officer"]["version"],
                            "wecomUserId": user });
        self.made(ENLIST, input).await.map(drop)
    }

    /// Gives the contact the name of the resident whom one plays, unless somebody has it.
    async fn introduce(&self, service: &Service, contact_id: Uuid) -> Result<(), DemoError> {
        let hashes = service.database.keyring().hashes(WECHAT, RESIDENT.as_bytes());
        let tx = store::begin(&service.database, service.clock.now()).await?;
        let known = household::speaker(&tx, hashes).await?;
        drop(tx);
        if known.is_some() {
            return Ok(());
        }
        let id = GlobalId::new(Kind::Contact, contact_id).to_string();
        let contact = "query($id: ID!) { node(id: $id) { ... on Contact { version } } }";
        let contact = self.ask(contact, json!({ "id": id })).await?;
        let input = json!({ "contactId": id, "expectedVersion": contact["node"]["version"],
                            "wechatId": RESIDENT });
        self.made(NAME, input).await.map(drop)
    }

    async fn made(&self, document: &str, input: Value) -> Result<Value, DemoError> {
        let answer = self.ask(document, json!({ "input": input })).await?;
        match &answer["made"]["object"] {
            Value::Null => Err(DemoError::FarSide(answer["made"]["userErrors"].to_string())),
            object => Ok(object.clone()),
        }
    }

    async fn ask(&self, document: &str, variables: Value) -> Result<Value, DemoError> {
        let operation = Request::new(document).variables(Variables::from_json(variables));
        let caller = Caller { actor: self.actor.clone(), language: Language::English };
        let answer = self.app.execute(operation, caller).await;
        match answer.errors.first() {
            Some(error) => Err(DemoError::FarSide(error.message.clone())),
            None => Ok(answer.data.into_json()?),
        }
    }
}
