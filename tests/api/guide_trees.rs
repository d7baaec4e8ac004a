//! The decision trees of guides: which are refused, and where answers lead.

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE};
use crate::support::guides::{content, list};
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_tree_that_is_none_is_refused,
    texts_and_lists_of_a_guide_are_bounded,
    a_deep_tree_is_refused,
    what_was_read_can_be_sent_back,
    answers_lead_to_a_question_or_to_a_checklist,
    answers_that_do_not_fit_are_refused,
    a_checklist_is_a_message,
);

/// How a new guide with this content is taken.
async fn outcome(app: &TestApp, content: Value) -> String {
    let key = app.service().new_id().simple().to_string();
    let input = json!({ "idempotencyKey": key, "slug": &key[12..], "category": "OTHER", "content": content });
    app.chief(CHENJI).mutate("createGuide", input, "id").await.outcome()
}

/// The content with another value at this JSON pointer.
fn changed(pointer: &str, value: Value) -> Value {
    let mut content = content();
    *content.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    content
}

fn question(key: &str, choices: Value) -> Value {
    json!({ "key": key, "text": "问？", "choices": choices })
}

fn to_question(key: &str, next: &str) -> Value {
    json!({ "key": key, "text": "是", "question": next })
}

fn to_list(key: &str, list: &str) -> Value {
    json!({ "key": key, "text": "否", "checklist": list })
}

async fn a_tree_that_is_none_is_refused(app: TestApp) {
    assert_eq!(outcome(&app, content()).await, "ok");
    let choice = "/questions/0/choices/0";
    let of = |questions: Value| changed("/questions", questions);
    let (small, large) = (to_list("small", "small"), to_list("large", "large"));
    for (content, expected) in [
        (of(json!([])), "INVALID content.checklists.1"),
        (
            changed(&format!("{choice}/checklist"), "none".into()),
            "INVALID content.questions.0.choices.0.checklist",
        ),
        (
            changed(&format!("{choice}/checklist"), Value::Null),
            "INVALID content.questions.0.choices.0",
        ),
        (
            changed(&format!("{choice}/question"), "size".into()),
            "INVALID content.questions.0.choices.0",
        ),
        (
            changed(&format!("{choice}/key"), "large".into()),
            "TAKEN content.questions.0.choices.1.key",
        ),
        (changed("/checklists/1/key", "small".into()), "TAKEN content.checklists.1.key"),
        (
            changed("/checklists/1/key", "none".into()),
            "INVALID content.questions.0.choices.1.checklist",
        ),
        (changed("/questions/0/key", "很大".into()), "INVALID content.questions.0.key"),
        (
            of(json!([question("a", json!([small, small]))])),
            "TAKEN content.questions.0.choices.1.key",
        ),
        (
            of(json!([question("a", json!([small, to_question("x", "a")]))])),
            "INVALID content.questions.0.choices.1.question",
        ),
        (
            of(json!([
                question("a", json!([to_question("x", "b"), small])),
                question("b", json!([to_question("y", "a"), large])),
            ])),
            "INVALID content.questions.1.choices.0.question",
        ),
        (
            of(json!([question("a", json!([small, large])), question("b", json!([small, large]))])),
            "INVALID content.questions.1",
        ),
        (of(json!([question("a", json!([small]))])), "BLANK content.questions.0.choices"),
    ] {
        assert_eq!(outcome(&app, content.clone()).await, expected, "{}", content["questions"]);
    }
    let twice = json!([
        question("a", json!([to_question("x", "b"), to_question("y", "b")])),
        question("b", json!([small, large])),
    ]);
    assert_eq!(outcome(&app, of(twice)).await, "ok");
}

async fn a_deep_tree_is_refused(app: TestApp) {
    for (depth, expected) in [(8, "ok"), (9, "INVALID content.questions")] {
        let mut questions: Vec<Value> = (1..depth)
            .map(|nth| {
                question(
                    &format!("q{nth}"),
                    json!([to_question("x", &format!("q{}", nth + 1)), to_list("y", "small")]),
                )
            })
            .collect();
        questions.push(question(
            &format!("q{depth}"),
            json!([to_list("x", "small"), to_list("y", "large")]),
        ));
        assert_eq!(outcome(&app, changed("/questions", questions.into())).await, expected);
    }
}

async fn texts_and_lists_of_a_guide_are_bounded(app: TestApp) {
    let repeated = |value: Value, times: usize| Value::from(vec![value; times]);
    for (pointer, value, expected) in [
        ("/title", " ".into(), "BLANK content.title"),
        ("/title", "长".repeat(41).into(), "TOO_LONG content.title"),
        ("/title", "🐕‍🦺 犬只".into(), "ok"),
        ("/audience", "a\u{0}b".into(), "INVALID content.audience"),
        ("/keywords", json!([]), "BLANK content.keywords"),
        ("/keywords", json!(["狗"]), "INVALID content.keywords.0"),
        ("/keywords", repeated("狗证".into(), 61), "TOO_LONG content.keywords"),
        ("/checklists", json!([]), "BLANK content.checklists"),
        ("/checklists/0/steps", json!([]), "BLANK content.checklists.0.steps"),
        ("/checklists/0/papers", json!([]), "ok"),
        (
            "/checklists/0/fees/0/amountFen",
            0.into(),
            "INVALID content.checklists.0.fees.0.amountFen",
        ),
        (
            "/checklists/0/fees/0/amountFen",
            (-1).into(),
            "INVALID content.checklists.0.fees.0.amountFen",
        ),
        (
            "/checklists/0/fees/0/amountFen",
            10_000_001.into(),
            "INVALID content.checklists.0.fees.0.amountFen",
        ),
        ("/checklists/0/papers/0/name", "".into(), "BLANK content.checklists.0.papers.0.name"),
        (
            "/checklists/0/papers/0/note",
            "长".repeat(101).into(),
            "TOO_LONG content.checklists.0.papers.0.note",
        ),
        ("/sources", json!([]), "BLANK content.sources"),
        (
            "/sources",
            json!([{ "title": "页", "url": "javascript:alert(1)" }]),
            "INVALID content.sources.0.url",
        ),
        ("/checklists/0/papers/0/form", "LOST".into(), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_eq!(outcome(&app, changed(pointer, value)).await, expected, "{pointer}");
    }
    let mut huge = list("small", "小型犬");
    huge["papers"] =
        repeated(json!({ "name": "长".repeat(60), "form": "COPY", "note": "长".repeat(100) }), 20);
    huge["steps"] = repeated("长".repeat(200).into(), 12);
    assert_eq!(
        outcome(&app, changed("/checklists/0", huge)).await,
        "TOO_LONG content.checklists.0"
    );
}

async fn what_was_read_can_be_sent_back(app: TestApp) {
    let whole = "content { title englishTitle audience keywords place hours sources { title article url } \
        questions { key text choices { key text question checklist } } \
        checklists { key title papers { name form note } steps fees { name amountFen note } duration note } }";
    for slug in ["newborn-registration", "dispute-mediation"] {
        let read = app.guide(&app.chief(CHENJI), slug, &format!("id current {{ {whole} }}")).await;
        let input = json!({ "idempotencyKey": slug, "guideId": read["id"], "content": read["current"]["content"] });
        let sent = app.chief(CHENJI).mutate("reviseGuide", input, whole).await.done();
        assert_eq!(sent["content"], read["current"]["content"]);
    }
}

async fn next(app: &TestApp, answers: Value) -> Value {
    let document = "query($answers: [GuideAnswerInput!]!) { guide(slug: \"newborn-registration\") { \
        checklist(answers: $answers) { __typename ... on GuideQuestion { key choices { key } } \
        ... on GuideChecklist { key papers { name } fees { name } } } } }";
    let answer = app.lead(LIUHE).query(document, json!({ "answers": answers })).await;
    answer.at("/guide/checklist").clone()
}

fn answered(answers: &[(&str, &str)]) -> Value {
    answers
        .iter()
        .map(|(question, choice)| json!({ "question": question, "choice": choice }))
        .collect()
}

async fn answers_lead_to_a_question_or_to_a_checklist(app: TestApp) {
    let first = next(&app, json!([])).await;
    assert_eq!(
        (&first["__typename"], &first["key"]),
        (&json!("GuideQuestion"), &json!("born-where"))
    );
    let way = [
        ("born-where", "mainland"),
        ("certificate", "yes"),
        ("married", "yes"),
        ("age", "under-six"),
    ];
    for (answers, key) in [
        (&way[..1], "certificate"),
        (&way[..2], "married"),
        (&way[..3], "age"),
        (&way[..], "married"),
    ] {
        assert_eq!(next(&app, answered(answers)).await["key"], key);
    }
    let list = next(&app, answered(&way)).await;
    assert_eq!(list["__typename"], "GuideChecklist");
    assert_eq!(list["papers"][0]["name"], "《出生医学证明》");
    assert_eq!(list["fees"], json!([]));
    // Somebody goes back to the first question: what was answered on the other branch stays, and does no harm.
    let abroad = [("age", "under-six"), ("born-where", "abroad"), ("certificate", "yes")];
    assert_eq!(next(&app, answered(&abroad)).await["key"], "abroad");
}

async fn answers_that_do_not_fit_are_refused(app: TestApp) {
    let document = "query($answers: [GuideAnswerInput!]!) { guide(slug: \"newborn-registration\") { slug \
        checklist(answers: $answers) { __typename } current { message(answers: $answers) } } }";
    for answers in [
        answered(&[("born-where", "moon")]),
        answered(&[("where", "mainland")]),
        answered(&[("born-where", "mainland"), ("born-where", "abroad")]),
        answered(&[("", "")]),
        answered(&[("born-where", "' OR 1=1 --"), ("👶", "🍼")]),
        Value::from(vec![json!({ "question": "born-where", "choice": "mainland" }); 5_000]),
    ] {
        let answer = app.lead(LIUHE).query(document, json!({ "answers": answers })).await;
        assert_eq!(answer.outcome(), "BAD_USER_INPUT");
        assert_eq!(answer.json["data"]["guide"]["checklist"], Value::Null);
        assert!(!answer.json.to_string().contains("OR 1=1"));
    }
}

async fn a_checklist_is_a_message(app: TestApp) {
    app.guide_in_force("dog").await;
    let document = "{ guide(slug: \"dog\") { current { open: message \
        whole: message(answers: [{ question: \"size\", choice: \"small\" }]) } } }";
    let answer = app.lead(LIUHE).query(document, json!({})).await;
    assert_eq!(answer.at("/guide/current/open"), &Value::Null);
    assert_eq!(
        answer.at("/guide/current/whole"),
        "【犬只登记】小型犬\n请带：\n1. 免疫证明（原件），一年内的\n办理：\n1. 到窗口登记。\n收费：犬牌10.50元\n\
         时限：当场\n地点：派出所\n时间：工作日"
    );
}
