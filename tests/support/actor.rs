//! Somebody who calls.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use async_graphql::{ID, Variables};
use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, header};
use huhutong::Caller;
use huhutong::actor::Actor as Identity;
use huhutong::error::Language;
use huhutong::id::{GlobalId, Kind};
use huhutong::schema::sdl;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::answer::Answer;
use super::app::TestApp;
use super::events::Events;

/// A caller of the service.
#[derive(Clone)]
pub struct Actor {
    app: TestApp,
    id: Uuid,
    token: Option<String>,
    language: &'static str,
}

/// The key of an object with an `id` field.
pub fn uuid_of(object: &Value) -> Uuid {
    let id = object["id"].as_str().expect("an object with an id");
    GlobalId::parse(&ID(id.to_owned())).unwrap().uuid()
}

/// The one field of a mutation's payload besides its user errors, as the contract has it.
fn object_of(payload: &str) -> &'static str {
    static OBJECTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let objects = OBJECTS.get_or_init(|| {
        let mut objects = HashMap::new();
        for definition in parse_schema(sdl()).unwrap().definitions {
            if let TypeSystemDefinition::Type(definition) = definition
                && let TypeKind::Object(object) = definition.node.kind
            {
                let mut fields = object.fields.iter().map(|field| &field.node);
                let object = fields.find(|field| {
                    field.name.node != "userErrors" && field.ty.node.to_string() != "Boolean!"
                });
                if let Some(field) = object {
                    objects.insert(definition.node.name.to_string(), field.name.to_string());
                }
            }
        }
        objects
    });
    objects.get(payload).unwrap_or_else(|| panic!("{payload} is not in the contract"))
}

impl Actor {
    pub fn new(app: TestApp, id: Uuid, token: Option<String>) -> Self {
        Self { app, id, token, language: "zh-CN" }
    }

    /// The global id of a member of staff.
    pub fn id(&self) -> String {
        GlobalId::new(Kind::Officer, self.id).to_string()
    }

    /// The global id of a resident.
    pub fn contact_id(&self) -> String {
        GlobalId::new(Kind::Contact, self.id).to_string()
    }

    /// The access token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn in_english(self) -> Self {
        Self { language: "en", ..self }
    }

    /// The same caller at another instance.
    pub fn at(self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self }
    }

    /// Sends an operation through the router.
    pub async fn query(&self, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json");
        let request = self.authorised(request).body(Body::from(body)).unwrap();
        Answer::of(self.router().oneshot(request).await.unwrap()).await
    }

    /// The router of the instance that is called.
    pub fn router(&self) -> Router {
        self.app.router()
    }

    /// A request in the caller's name and language.
    pub fn authorised(&self, request: Builder) -> Builder {
        let request = request.header(header::ACCEPT_LANGUAGE, self.language);
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends one mutation and selects `wanted` of its object, and its user errors.
    pub async fn mutate(&self, name: &str, input: Value, wanted: &str) -> Answer {
        let (first, rest) = name.split_at(1);
        let object = object_of(&format!("{}{rest}Payload", first.to_uppercase()));
        let wanted = if wanted.is_empty() { String::new() } else { format!("{{ {wanted} }}") };
        let document = format!(
            "mutation($input: {}{rest}Input!) {{ {name}(input: $input) {{ object: {object} {wanted} \
             userErrors {{ code field message }} }} }}",
            first.to_uppercase()
        );
        self.query(&document, json!({ "input": input })).await
    }

    /// Starts a subscription.
    pub async fn subscribe(&self, document: &str, variables: Value) -> Events {
        let actor = match &self.token {
            Some(token) => self.app.app().authenticate(token).await.unwrap(),
            None => Arc::new(Identity::ANONYMOUS),
        };
        let language = Language::accepted(self.language);
        let request =
            async_graphql::Request::new(document).variables(Variables::from_json(variables));
        Events::new(self.app.app().execute_stream(request, Caller { actor, language }))
    }
}
