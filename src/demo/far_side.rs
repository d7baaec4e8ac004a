//! Gives the demo a far side: the double of WeChat, a channel that leads to it, and a resident who is known there. All of
//! it is done as a client would, so it can be done at every start.

use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::{Request, Variables};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::DemoError;
use super::store::{self, Cast};
use super::wechat::Double;
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
    let channel = client.connect(&double, &page).await?;
    if let Some(contact) = &cast.resident {
        client.introduce(service, contact.id).await?;
    }
    let serving = double.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    let callback = format!("http://{own}/wechat/callback/{channel}");
    tokio::spawn(async move { double.deliver(&callback).await });
    Ok(format!("{page}/"))
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

    /// The channel that leads to the double.
    async fn connect(&self, double: &Double, page: &str) -> Result<String, DemoError> {
        let (corp_id, open_kfid, secret, seal) = {
            let world = double.world();
            let ids = (world.corp_id.clone(), world.open_kfid.clone());
            (ids.0, ids.1, world.secret.clone(), world.seal.clone())
        };
        let known = "{ channels(first: 100, filter: { kind: WECHAT_KF }) { edges { node \
                     { id version openKfid } } } }";
        let known = self.ask(known, json!({})).await?;
        let known = known["channels"]["edges"].as_array().into_iter().flatten();
        let known = known.map(|edge| &edge["node"]).find(|node| node["openKfid"] == *open_kfid);
        let made = match known {
            Some(channel) => {
                let input = json!({ "channelId": channel["id"], "expectedVersion": channel["version"],
                                    "apiBaseUrl": page, "secret": secret });
                self.made(UPDATE, input).await?
            }
            None => {
                let keys = json!({ "token": seal.token, "aesKey": seal.encoding_aes_key });
                let input = json!({ "idempotencyKey": format!("demo {open_kfid}"), "kind": "WECHAT_KF",
                                    "name": "户户通（演示）", "corpId": corp_id, "openKfid": open_kfid,
                                    "secret": secret, "apiBaseUrl": page, "callbackKeys": keys });
                self.made(CREATE, input).await?
            }
        };
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
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
