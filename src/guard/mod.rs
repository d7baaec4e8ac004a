//! What a document may ask for. A document is measured before the GraphQL library sees it: its text
//! by a small lexer before it is parsed, its shape once after, its cost for each request. Documents
//! that passed are kept, so that a query that comes again is neither parsed nor measured again.

mod cost;
mod lexer;
mod repeats;
mod shape;
mod valid;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::parser::{self, parse_query};
use async_graphql::{Name, Positioned, Request, Variables};
use moka::sync::Cache;

use crate::answer::AsText;
use crate::error::{Code, Error, Result};

use valid::Looks;
pub use valid::Validity;

/// The bounds of a request. Counts are of what stands there after fragments have been expanded.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of an HTTP body, and of a WebSocket message.
    pub body_bytes: usize,
    /// Tokens of the document's text.
    pub tokens: usize,
    /// Levels of brackets in the text, and of selections after fragments have been expanded.
    pub depth: usize,
    /// Operations of a document; one of them is run.
    pub operations: usize,
    /// Fragment definitions of a document.
    pub fragments: usize,
    /// Fields, spreads and inline fragments of a document.
    pub selections: usize,
    /// Aliases of a document.
    pub aliases: usize,
    /// Directives of a document.
    pub directives: usize,
    /// Variables of an operation.
    pub variables: usize,
    /// Fields on the root of an operation.
    pub root_fields: usize,
    /// Objects that an operation may return in the worst case.
    pub cost: usize,
    /// Operations that run on one WebSocket at the same time.
    pub socket_operations: usize,
    /// How long a query or a mutation may take.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            tokens: 4_000,
            depth: 30,
            operations: 20,
            fragments: 100,
            selections: 3_000,
            aliases: 100,
            directives: 100,
            variables: 50,
            root_fields: 20,
            cost: 10_000,
            socket_operations: 32,
            timeout: Duration::from_secs(30),
        }
    }
}

/// What an operation may cost at most, in objects. It travels in the request's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The most objects that the operation can return.
    pub requested: u64,
    /// The most that any operation may ask for.
    pub limit: u64,
}

/// One operation that passed every limit.
pub struct Operation {
    /// The request, with the parsed document, its [`Cost`] and its [`Validity`].
    pub request: Request,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The operation's name.
    pub name: Option<Name>,
    /// What it may cost.
    pub cost: Cost,
}

/// Parsed documents that passed the limits, by their text.
pub struct Documents {
    limits: Limits,
    known: Cache<Arc<str>, Arc<Document>>,
}

struct Document {
    parsed: ExecutableDocument,
    /// The costs of operations that do not depend on variables.
    fixed: HashMap<Option<Name>, u64>,
    /// Whether it can be found valid once and for all.
    plain: bool,
    /// Whether a key comes twice in one selection.
    repeats: bool,
    looks: Looks,
}

/// Bytes that the kept documents may take.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;

/// About what a document takes: a kilobyte, and for each byte of its text sixty more once parsed.
fn weight(text: &str) -> u32 {
    u32::try_from(1024 + 60 * text.len()).unwrap_or(u32::MAX)
}

impl Documents {
    /// No document yet.
    pub fn new(limits: &Limits) -> Self {
        let known = Cache::builder()
            .max_capacity(KEPT_BYTES)
            .weigher(|text: &Arc<str>, _| weight(text))
            .build();
        Self { limits: limits.clone(), known }
    }

    /// Parses and measures the request's document, and finds the operation to run.
    pub fn operation(&self, mut request: Request) -> Result<Operation> {
        let document = self.document(&request.query)?;
        let wanted = request.operation_name.as_deref().filter(|name| !name.is_empty());
        let (name, operation) = select(&document.parsed, wanted)?;
        let requested = match document.fixed.get(&name) {
            Some(cost) => *cost,
            None => cost::of(&document.parsed, &operation.node, &request.variables).0,
        };
        let cost = Cost { requested, limit: self.limits.cost as u64 };
        if cost.requested > cost.limit {
            return Err(too_large("cost", self.limits.cost));
        }
        let kind = operation.node.ty;
        request.operation_name = name.as_ref().map(Name::to_string);
        request.data.insert(cost);
        let validity = Validity::new(document.clone(), name.clone(), &request.variables);
        if validity.known().is_none() {
            request.set_parsed_query(document.parsed.clone());
        }
        request.data.insert(validity);
        if !document.repeats {
            request.data.insert(AsText);
        }
        Ok(Operation { request, kind, name, cost })
    }

    fn document(&self, text: &str) -> Result<Arc<Document>> {
        if let Some(document) = self.known.get(text) {
            return Ok(document);
        }
        lexer::check(text, &self.limits)?;
        let parsed = parse_query(text).map_err(|error| not_graphql(&error))?;
        let plain = shape::check(&parsed, &self.limits)?.is_plain();
        let repeats = repeats::any(&parsed);
        let fixed = (parsed.operations.iter())
            .filter_map(|(name, operation)| {
                let (cost, varies) = cost::of(&parsed, &operation.node, &Variables::default());
                (!varies).then(|| (name.cloned(), cost))
            })
            .collect();
        let document =
            Arc::new(Document { parsed, fixed, plain, repeats, looks: Looks::default() });
        self.known.insert(text.into(), document.clone());
        Ok(document)
    }
}

fn select<'a>(
    document: &'a ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<Name>, &'a Positioned<OperationDefinition>)> {
    let found = match (&document.operations, wanted) {
        (DocumentOperations::Single(operation), None) => Some((None, operation)),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get_key_value(name).map(|(name, operation)| (Some(name.clone()), operation))
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.iter().next().map(|(name, operation)| (Some(name.clone()), operation))
        }
        (DocumentOperations::Multiple(_), None) => None,
    };
    found.ok_or_else(|| {
        Error::top(
            Code::ValidationFailed,
            "operationName 必须是文档中某个操作的名称。",
            "`operationName` must name one of the document's operations.",
        )
    })
}

fn not_graphql(error: &parser::Error) -> Error {
    match error.positions().next() {
        Some(at) => Error::top(
            Code::ParseFailed,
            format!("GraphQL 语法错误：第 {} 行第 {} 列。", at.line, at.column),
            format!("The document is not GraphQL: line {}, column {}.", at.line, at.column),
        ),
        None => Error::top(
            Code::ParseFailed,
            "GraphQL 语法错误：文档中没有操作。",
            "The document is not GraphQL: it holds no operation.",
        ),
    }
}

/// The document exceeds the limit called `name`.
fn too_large(name: &str, limit: usize) -> Error {
    Error::top(
        Code::QueryTooLarge,
        format!("查询超出限制：{name} 最多为 {limit}。"),
        format!("The document exceeds a limit: {name} is at most {limit}."),
    )
}

fn within(name: &str, value: usize, limit: usize) -> Result<()> {
    if value > limit { Err(too_large(name, limit)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
