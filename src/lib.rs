//! Huhutong (户户通): one typed GraphQL service through which the village police officers of a county
//! stay in one-to-one contact with every household.
//!
//! The modules stand in the order of the ladder: each uses those above it in this list only.

use std::sync::Arc;

use async_graphql::Response;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};

// The ground floor: knows nothing of townships or inquiries.
pub mod clock;
pub mod error;
pub mod alone;
pub mod answer;
pub mod walk;
pub mod root;
pub mod text;
pub mod crypt;
pub mod files;
pub mod wecom;
pub mod actor;
pub mod access;
pub mod event;
pub mod db;
pub mod token;
pub mod shelf;
pub mod live;
pub mod guard;
pub mod config;
pub mod password;
pub mod service;
pub mod request;
pub mod id;
pub mod record;
pub mod follow;
pub mod page;
pub mod payload;
pub mod scalar;
// The domain: a folder a word.
pub mod category;
pub mod tally;
pub mod calendar;
pub mod division;
pub mod channel;
pub mod officer;
pub mod roster;
pub mod session;
pub mod household;
pub mod visit;
pub mod guide;
pub mod attachment;
pub mod deadline;
pub mod urgent;
pub mod inquiry;
pub mod messenger;
pub mod official;
pub mod desk;
pub mod appointment;
pub mod rating;
pub mod referral;
pub mod seal;
pub mod access_log;
pub mod privacy;
pub mod canned;
pub mod duplicate;
pub mod import;
pub mod handover;
pub mod merge;
pub mod friend;
pub mod leaving;
pub mod field;
pub mod rollout;
pub mod reorganisation;
pub mod export;
// The roof.
mod graph;
pub mod schema;
pub mod executor;
pub mod http;
pub mod telemetry;
pub mod worker;
pub mod serve;
pub mod demo;
pub mod command;

pub use request::Caller;

use error::Result;
use executor::Executor;
use request::Request;
use service::Service;

/// The service, ready to answer.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    executor: Executor,
    service: Arc<Service>,
    options: http::Options,
}

impl App {
    /// Puts the schema on top of the service's parts.
    pub fn new(service: Arc<Service>, options: http::Options) -> Self {
        Self(Arc::new(Parts { executor: Executor::default(), service, options }))
    }

    /// What the service consists of.
    pub fn service(&self) -> &Arc<Service> {
        &self.0.service
    }

    /// What a request may ask for.
    pub fn limits(&self) -> &guard::Limits {
        &self.0.service.limits
    }

    /// The time.
    pub fn clock(&self) -> &clock::Clock {
        &self.0.service.clock
    }

    /// How the doors behave.
    pub fn options(&self) -> &http::Options {
        &self.0.options
    }

    /// Who holds this access token.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<actor::Actor>> {
        self.0.service.tokens.verify(token).await.map(Arc::new)
    }

    /// Runs a query or a mutation. The work is boxed: who waits for it would compile all resolvers again.
    pub fn execute(
        &self,
        operation: async_graphql::Request,
        caller: Caller,
    ) -> BoxFuture<'_, Response> {
        async move {
            let language = caller.language;
            let request = Request::new(self.0.service.clone(), caller);
            let answered = self.0.executor.execute(operation.data(request.clone()));
            let answer = request::drive(&request, Box::pin(answered)).await;
            localised(written_down(&request, answer).await, language)
        }
        .boxed()
    }

    /// Runs a subscription.
    pub fn execute_stream(
        &self,
        operation: async_graphql::Request,
        caller: Caller,
    ) -> BoxStream<'static, Response> {
        let language = caller.language;
        let request = Request::new(self.0.service.clone(), caller);
        let answers = self.0.executor.execute_stream(operation.data(request.clone()));
        futures_util::stream::unfold((request, answers), move |(request, mut answers)| async move {
            let answer = request::drive(&request, answers.next()).await?;
            let answer = written_down(&request, answer).await;
            request.pause().await;
            Some((localised(answer, language), (request, answers)))
        })
        .boxed()
    }

    /// Whether the database answers and is of this program's version.
    pub async fn ready(&self) -> Result<()> {
        Ok(self.0.service.database.ready().await?)
    }
}

/// The answer, once it is written down who was shown what in it; without that it is not given.
async fn written_down(request: &Request, answer: Response) -> Response {
    match Box::pin(request.write_down()).await {
        Ok(()) => answer,
        Err(error) => {
            let error = async_graphql::Error::from(error).into_server_error(Default::default());
            Response::from_errors(vec![error])
        }
    }
}

fn localised(mut answer: Response, language: error::Language) -> Response {
    for error in &mut answer.errors {
        error::localise(error, language);
    }
    answer
}
