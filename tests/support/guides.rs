//! Guides: what they say, and how they get into force.

use serde_json::{Value, json};

use super::actor::Actor;
use super::app::TestApp;
use super::county::CHENJI;

/// What a small guide says: one question that ends in two checklists.
pub fn content() -> Value {
    json!({
        "title": "犬只登记", "englishTitle": "Registering a dog", "audience": "养犬的住户",
        "keywords": ["狗证", "养狗登记"],
        "questions": [{ "key": "size", "text": "狗有多高？", "choices": [
            { "key": "small", "text": "不到40厘米", "question": null, "checklist": "small" },
            { "key": "large", "text": "40厘米以上", "question": null, "checklist": "large" },
        ] }],
        "checklists": [list("small", "小型犬"), list("large", "大型犬")],
        "place": "派出所", "hours": "工作日", "sources": [{ "title": "养犬管理规定", "article": "第三条" }],
    })
}

/// A checklist of one paper.
pub fn list(key: &str, title: &str) -> Value {
    json!({ "key": key, "title": title, "steps": ["到窗口登记。"],
            "papers": [{ "name": "免疫证明", "form": "ORIGINAL", "note": "一年内的" }],
            "fees": [{ "name": "犬牌", "amountFen": 1050 }], "duration": "当场" })
}

/// What the tests look at.
pub const WANTED: &str = "id number status version validFrom validUntil reviewNote guide { id slug } \
    author { id } reviewer { id }";

impl TestApp {
    /// A draft of a new guide, by the chief of 陈集.
    pub async fn drafted(&self, slug: &str) -> Value {
        let input = json!({ "idempotencyKey": self.service().new_id(), "slug": slug,
                            "category": "OTHER", "content": content() });
        self.chief(CHENJI).mutate("createGuide", input, WANTED).await.done()
    }

    /// The next version of a guide, drafted by the chief of 陈集.
    pub async fn revised(&self, guide: &Value) -> Value {
        let input = json!({ "idempotencyKey": self.service().new_id(), "guideId": guide["id"],
                            "content": content() });
        self.chief(CHENJI).mutate("reviseGuide", input, WANTED).await.done()
    }

    /// A draft, handed in.
    pub async fn handed_in(&self, draft: &Value) -> Value {
        let input = json!({ "guideVersionId": draft["id"], "expectedVersion": draft["version"] });
        self.chief(CHENJI).mutate("submitGuide", input, WANTED).await.done()
    }

    /// A draft, handed in and published from a day on by the county.
    pub async fn published(&self, draft: &Value, valid_from: Value) -> Value {
        let version = self.handed_in(draft).await;
        let input = json!({ "guideVersionId": version["id"], "expectedVersion": version["version"],
                            "validFrom": valid_from });
        self.county_admin().mutate("publishGuide", input, WANTED).await.done()
    }

    /// A published version of this guide.
    pub async fn guide_in_force(&self, slug: &str) -> Value {
        self.published(&self.drafted(slug).await, Value::Null).await
    }

    /// What a guide looks like to somebody.
    pub async fn guide(&self, actor: &Actor, slug: &str, wanted: &str) -> Value {
        let document = format!("query($slug: String) {{ guide(slug: $slug) {{ {wanted} }} }}");
        actor.query(&document, json!({ "slug": slug })).await.at("/guide").clone()
    }
}
