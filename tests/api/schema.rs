//! The contract is written down, whole and described.

use std::collections::BTreeMap;

use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, ServiceDocument, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Positioned, parse_schema};
use huhutong::access::Act;
use huhutong::schema::sdl;

fn contract() -> ServiceDocument {
    parse_schema(sdl()).unwrap()
}

#[test]
fn the_contract_in_the_repository_is_the_one_that_is_served() {
    let kept = include_str!("../../schema.graphql");
    assert!(
        kept.trim_end() == sdl().trim_end(),
        "schema.graphql is stale: write it anew with `cargo run -- schema > schema.graphql`"
    );
}

type Described<T> = Option<Positioned<T>>;

fn argument(path: &str, value: &InputValueDefinition, missing: &mut Vec<String>) {
    check(format!("{path}({})", value.name.node), &value.description, missing);
}

fn field(path: &str, field: &FieldDefinition, missing: &mut Vec<String>) {
    let path = format!("{path}.{}", field.name.node);
    check(path.clone(), &field.description, missing);
    for value in &field.arguments {
        argument(&path, &value.node, missing);
    }
}

fn check(path: String, description: &Described<String>, missing: &mut Vec<String>) {
    if description.as_ref().is_none_or(|text| text.node.trim().is_empty()) {
        missing.push(path);
    }
}

#[test]
fn everything_in_the_contract_says_what_it_means() {
    let mut missing = Vec::new();
    for definition in contract().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        check(name.clone(), &definition.node.description, &mut missing);
        match definition.node.kind {
            TypeKind::Object(object) => {
                object.fields.iter().for_each(|one| field(&name, &one.node, &mut missing));
            }
            TypeKind::Interface(interface) => {
                interface.fields.iter().for_each(|one| field(&name, &one.node, &mut missing));
            }
            TypeKind::InputObject(input) => {
                input.fields.iter().for_each(|one| argument(&name, &one.node, &mut missing));
            }
            TypeKind::Enum(values) => values.values.iter().for_each(|value| {
                let path = format!("{name}.{}", value.node.value.node);
                check(path, &value.node.description, &mut missing);
            }),
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert!(missing.is_empty(), "without a description:\n{}", missing.join("\n"));
}

#[test]
fn every_root_field_stands_in_exactly_one_row_of_the_permission_table() {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for definition in contract().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.as_str();
        if let TypeKind::Object(object) = &definition.node.kind
            && ["Query", "Mutation", "Subscription"].contains(&name)
        {
            for field in &object.fields {
                rows.insert(field.node.name.node.to_string(), 0);
            }
        }
    }
    for field in Act::ALL.iter().flat_map(|act| act.root_fields()) {
        *rows.get_mut(*field).unwrap_or_else(|| panic!("{field} is no root field")) += 1;
    }
    rows.retain(|_, count| *count != 1);
    assert!(rows.is_empty(), "not in exactly one row of access.rs: {rows:?}");
}

/// What the linter would say: an object has an id, or is named in the first lines as a value that has none.
#[test]
fn what_has_no_id_is_a_value_by_its_name_or_by_the_list() {
    let sdl = sdl();
    let list = sdl.split_once("{types: [").and_then(|(_, rest)| rest.split_once(']')).unwrap().0;
    let values: Vec<&str> = list.split(", ").collect();
    let by_name = ["Connection", "Edge", "Payload", "Event", "Query", "Mutation", "Subscription"];
    let mut unknown = Vec::new();
    for definition in contract().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let TypeKind::Object(object) = definition.node.kind else { continue };
        let has_id = object.fields.iter().any(|field| field.node.name.node == "id");
        let is_value =
            values.contains(&name.as_str()) || by_name.iter().any(|end| name.ends_with(end));
        if !has_id && !is_value {
            unknown.push(name);
        }
    }
    assert!(unknown.is_empty(), "add to the list in src/schema.rs: {unknown:?}");
}
