use std::time::Instant;

use serde_json::json;

use super::*;
use crate::error::{Kind, Language};

fn prepare(limits: &Limits, query: &str, variables: serde_json::Value) -> Result<Operation> {
    let request = Request::new(query).variables(Variables::from_json(variables));
    Documents::new(limits).operation(request)
}

fn cost(query: &str, variables: serde_json::Value) -> u64 {
    let limits = Limits { cost: usize::MAX, ..Limits::default() };
    prepare(&limits, query, variables).expect("a document within the limits").cost.requested
}

fn refusal(query: &str) -> String {
    let error = prepare(&Limits::default(), query, json!({})).err().expect("a refusal");
    assert_eq!(error.kind, Kind::Top(Code::QueryTooLarge));
    error.say(Language::English).to_owned()
}

#[test]
fn objects_inside_pages_are_multiplied() {
    assert_eq!(cost("{ping}", json!({})), 0);
    assert_eq!(cost("{viewer{name}}", json!({})), 1);
    assert_eq!(cost("{a(first:3){edges{cursor node{id}} pageInfo{endCursor}}}", json!({})), 8);
    assert_eq!(cost("{a{edges{node{b(last:2){edges{node{id}}}}}}}", json!({})), 1 + 20 * (2 + 5));
    assert_eq!(cost("{a(first:4){id}}", json!({})), 4);
    assert_eq!(cost(r#"{nodes(ids:["a","b"]){id}}"#, json!({})), 2);
}

#[test]
fn a_page_counts_through_fragments() {
    let query = "{a(first:5){...F ...F}} fragment F on A{edges{...E}} fragment E on E{node{id}}";
    assert_eq!(cost(query, json!({})), 1 + 5 * 4);
}

#[test]
fn variables_and_their_defaults_count() {
    let query = "query($n:Int=7 $ids:[ID!]){a(first:$n){id} nodes(ids:$ids){id}}";
    assert_eq!(cost(query, json!({})), 8);
    assert_eq!(cost(query, json!({"n": 2, "ids": ["x", "y", "z"]})), 5);
    let connection = "query($n:Int){a(first:$n){edges{cursor}}}";
    assert_eq!(cost(connection, json!({"n": null})), 21);
}

#[test]
fn absurd_lengths_neither_wrap_nor_pass() {
    let query = "query($n:Int){a(first:$n){edges{node{b(first:$n){edges{node{id}}}}}}}";
    assert_eq!(cost(query, json!({"n": -1})), 1);
    assert_eq!(cost(query, json!({"n": u64::MAX})), u64::MAX);
    assert_eq!(cost(query, json!({"n": 1e300})), u64::MAX);
    assert_eq!(cost("{a(first:-9223372036854775808){edges{cursor}}}", json!({})), 1);
}

#[test]
fn a_hundred_times_a_hundred_is_too_much() {
    let query = "{a(first:100){edges{node{b(first:100){edges{node{id}}}}}}}";
    assert!(refusal(query).contains("cost is at most 10000"));
}

#[test]
fn chained_fragments_are_refused_at_once() {
    let mut bomb = "query{...f0}".to_owned();
    for i in 0..24 {
        bomb += &format!("fragment f{i} on Query{{...f{0} ...f{0}}}", i + 1);
    }
    bomb += "fragment f24 on Query{__typename}";
    let started = Instant::now();
    assert!(refusal(&bomb).contains("root_fields"));
    assert!(started.elapsed().as_millis() < 100);
}

#[test]
fn fragments_in_a_cycle_are_refused() {
    for query in [
        "{...F} fragment F on Query{...F ...F}",
        "{a} fragment F on Query{a{...G}} fragment G on Query{...F}",
    ] {
        let error = prepare(&Limits::default(), query, json!({})).err().expect("a refusal");
        assert_eq!(error.kind, Kind::Top(Code::ValidationFailed));
    }
}

#[test]
fn every_limit_names_itself_and_its_value() {
    let many = |n: usize, text: &dyn Fn(usize) -> String| (0..n).map(text).collect::<String>();
    for (name, query) in [
        ("tokens is at most 4000", "a ".repeat(4001)),
        ("depth is at most 30", format!("{}{}", "{a".repeat(31), "}".repeat(31))),
        ("operations is at most 20", many(21, &|i| format!("query q{i}{{a}}"))),
        (
            "fragments is at most 100",
            "{a}".to_owned() + &many(101, &|i| format!("fragment f{i} on Q{{a}}")),
        ),
        (
            "selections is at most 3000",
            "{a{...F ...F}} fragment F on A{".to_owned() + &"b ".repeat(1501) + "}",
        ),
        ("aliases is at most 100", format!("{{a{{{}}}}}", many(101, &|i| format!("b{i}:b ")))),
        ("directives is at most 100", format!("{{a{{{}}}}}", "b @c ".repeat(101))),
        (
            "variables is at most 50",
            format!("query({}){{a}}", many(51, &|i| format!("$v{i}:Int "))),
        ),
        ("root_fields is at most 20", format!("mutation{{{}}}", many(21, &|i| format!("m{i}:m ")))),
    ] {
        assert!(refusal(&query).contains(name), "{name}: {}", refusal(&query));
    }
}

#[test]
fn the_operation_is_found_by_its_name() {
    let text = "query A{a} mutation B{b}";
    let find = |name: Option<&str>| {
        let mut request = Request::new(text);
        request.operation_name = name.map(str::to_owned);
        Documents::new(&Limits::default()).operation(request)
    };
    assert_eq!(find(Some("B")).expect("B").kind, OperationType::Mutation);
    assert!(find(Some("C")).is_err());
    assert!(find(None).is_err());
}

#[test]
fn a_syntax_error_gives_its_place_and_not_its_text() {
    let error = prepare(&Limits::default(), "{ secret(", json!({})).err().expect("a refusal");
    assert_eq!(error.kind, Kind::Top(Code::ParseFailed));
    assert_eq!(error.say(Language::English), "The document is not GraphQL: line 1, column 10.");
}
