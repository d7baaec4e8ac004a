//! Guides are found by everyday words.

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    everyday_words_find_the_guide_among_the_first_three,
    what_no_guide_is_about_finds_none,
    what_cannot_be_searched_for_is_refused,
    what_is_not_in_force_is_not_found,
);

/// What people say, and the guide that they need.
const PHRASES: [(&str, &str); 125] = [
    ("小孩入户", "newborn-registration"),
    ("上户口", "newborn-registration"),
    ("孩子刚出生怎么报户口", "newborn-registration"),
    ("新生儿上户口需要哪些材料？", "newborn-registration"),
    ("宝宝落户口要带啥", "newborn-registration"),
    ("没领结婚证孩子能上户口吗", "newborn-registration"),
    ("出生证明丢了咋给娃上户口", "newborn-registration"),
    ("双胞胎一起入户", "newborn-registration"),
    ("孩子在国外出生能上户口吗", "newborn-registration"),
    ("七岁了一直没户口", "newborn-registration"),
    ("迁户口", "household-move"),
    ("媳妇户口怎么迁过来", "household-move"),
    ("我想把父母的户口迁到我这来", "household-move"),
    ("买了房想把户口迁到城里", "household-move"),
    ("大学毕业户口迁回老家", "household-move"),
    ("准迁证怎么办", "household-move"),
    ("结婚后户口投靠丈夫", "household-move"),
    ("分户", "household-split"),
    ("跟儿子分开立户", "household-split"),
    ("离婚了户口怎么分出来", "household-split"),
    ("分家了想单独弄个户口本", "household-split"),
    ("户口本丢了", "household-booklet"),
    ("户口本找不到了怎么补", "household-booklet"),
    ("补办户口簿", "household-booklet"),
    ("户口本坏了能换新的吗", "household-booklet"),
    ("老人去世销户口", "household-cancellation"),
    ("家里老人走了死亡证明在哪开，户口咋注销", "household-cancellation"),
    ("注销户口需要什么", "household-cancellation"),
    ("当兵走户口要注销吗", "household-cancellation"),
    ("改名字", "name-change"),
    ("孩子想改姓", "name-change"),
    ("身份证上名字写错了一个字", "name-change"),
    ("成年人能不能改名", "name-change"),
    ("孩子跟妈妈姓怎么改", "name-change"),
    ("给小孩办身份证", "id-card-first"),
    ("第一次办身份证要钱吗", "id-card-first"),
    ("学生没有身份证怎么办理", "id-card-first"),
    ("身份证快过期了", "id-card-renewal"),
    ("身份证到期换证", "id-card-renewal"),
    ("身份证刷不出来了", "id-card-renewal"),
    ("在外地打工能换身份证吗", "id-card-renewal"),
    ("身份证照片跟我不像了想换", "id-card-renewal"),
    ("身份证丢了", "id-card-lost"),
    ("丢了身份证怎么办", "id-card-lost"),
    ("身份证不见了要坐火车", "id-card-lost"),
    ("补身份证多少钱", "id-card-lost"),
    ("临时身份证当天能拿吗", "id-card-lost"),
    ("身份证被偷了要不要挂失", "id-card-lost"),
    ("外地补办身份证", "id-card-lost"),
    ("居住证", "residence-permit"),
    ("外地人在这上学要办居住证吗", "residence-permit"),
    ("租房要登记吗", "residence-permit"),
    ("居住证一年到期了怎么续", "residence-permit"),
    ("暂住证在哪办", "residence-permit"),
    ("办护照", "passport"),
    ("想出国打工护照怎么办", "passport"),
    ("护照过期了换一本", "passport"),
    ("孩子办护照父母都要去吗", "passport"),
    ("护照丢了", "passport"),
    ("无犯罪记录证明", "no-criminal-record"),
    ("公司让开个没有犯罪记录的证明", "no-criminal-record"),
    ("考教师资格要开无犯罪证明", "no-criminal-record"),
    ("能不能查我有没有案底", "no-criminal-record"),
    ("跑网约车要的无犯罪怎么开", "no-criminal-record"),
    ("驾照到期换证", "vehicle-and-licence"),
    ("违章在哪交罚款", "vehicle-and-licence"),
    ("电动车上牌", "vehicle-and-licence"),
    ("车子年审", "vehicle-and-licence"),
    ("驾驶证丢了怎么补", "vehicle-and-licence"),
    ("我是不是被骗了", "anti-fraud"),
    ("接到自称公检法的电话让转账", "anti-fraud"),
    ("刷单被骗了五千块", "anti-fraud"),
    ("96110是什么电话", "anti-fraud"),
    ("客服要我共享屏幕", "anti-fraud"),
    ("说我账户有问题要转到安全账户", "anti-fraud"),
    ("手机被偷了去哪报案", "report-loss"),
    ("钱包丢了怎么办", "report-loss"),
    ("电动车让人偷了", "report-loss"),
    ("捡到一个钱包", "report-loss"),
    ("银行卡丢了怎么挂失", "report-loss"),
    ("家里进贼了东西被偷", "report-loss"),
    ("邻居老跟我吵架", "dispute-mediation"),
    ("宅基地边界有纠纷", "dispute-mediation"),
    ("借钱不还派出所管吗", "dispute-mediation"),
    ("老板拖欠工资", "dispute-mediation"),
    ("两口子打架能不能来调解一下", "dispute-mediation"),
    ("老公家暴怎么办", "dispute-mediation"),
    ("兄弟几个不愿赡养老人", "dispute-mediation"),
    ("俺孙子生了该咋上户", "newborn-registration"),
    ("娃儿的户口咋办", "newborn-registration"),
    ("小孩户口随妈还是随爸", "newborn-registration"),
    ("给刚生的闺女报户", "newborn-registration"),
    ("儿媳妇的户口想迁来", "household-move"),
    ("户口从郑州转回老家", "household-move"),
    ("毕业了户口还在学校", "household-move"),
    ("弟兄俩分家户口分开", "household-split"),
    ("我家户口本弄丢了", "household-booklet"),
    ("俺爹过世了户口怎么消", "household-cancellation"),
    ("老父亲不在了，去派出所办啥", "household-cancellation"),
    ("闺女的名字想换一个", "name-change"),
    ("名字的字打错了咋改", "name-change"),
    ("高考前给孩子弄个身份证", "id-card-first"),
    ("身份证日期到了", "id-card-renewal"),
    ("我的身份证磁条坏了", "id-card-renewal"),
    ("身份证掉路上了", "id-card-lost"),
    ("钱包跟身份证一块没了", "id-card-lost"),
    ("明天考试身份证找不着了", "id-card-lost"),
    ("我不是本地人想让孩子在这上学", "residence-permit"),
    ("房客要不要登记", "residence-permit"),
    ("想去国外旅游办啥证", "passport"),
    ("护照快到日子了", "passport"),
    ("单位要无犯罪证明", "no-criminal-record"),
    ("入职要查案底", "no-criminal-record"),
    ("驾驶本到期了", "vehicle-and-licence"),
    ("三轮车能上牌不", "vehicle-and-licence"),
    ("罚单去哪交", "vehicle-and-licence"),
    ("网上刷单让我垫钱", "anti-fraud"),
    ("有人说我涉嫌洗钱让我转账", "anti-fraud"),
    ("电瓶车不见了", "report-loss"),
    ("家里被偷了", "report-loss"),
    ("手机掉公交上了", "report-loss"),
    ("隔壁占我家地边", "dispute-mediation"),
    ("他欠我三万不给", "dispute-mediation"),
    ("工地不给发工资", "dispute-mediation"),
    ("两口子闹离婚打起来了", "dispute-mediation"),
];

async fn found(app: &TestApp, text: &str, first: i32) -> Vec<String> {
    let document =
        "query($text: String!, $first: Int!) { searchGuides(text: $text, first: $first) { slug } }";
    let answer = app.lead(LIUHE).query(document, json!({ "text": text, "first": first })).await;
    let guides = answer.at("/searchGuides").as_array().unwrap().iter();
    guides.map(|guide| guide["slug"].as_str().unwrap().to_owned()).collect()
}

async fn everyday_words_find_the_guide_among_the_first_three(app: TestApp) {
    let (mut missed, mut first) = (Vec::new(), 0);
    for (text, slug) in PHRASES {
        let found = found(&app, text, 3).await;
        if !found.iter().any(|one| one == slug) {
            missed.push(format!("{text}: {found:?} instead of {slug}"));
        }
        first += usize::from(found.first().is_some_and(|one| one == slug));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(first * 10 >= PHRASES.len() * 9, "only {first} of {} come first", PHRASES.len());
}

async fn what_no_guide_is_about_finds_none(app: TestApp) {
    for text in ["今天下雨吗", "🐕🐕🐕 ab", "  ,.", "ok？"] {
        let document = "query($text: String!) { searchGuides(text: $text) { slug } }";
        let answer = app.lead(LIUHE).query(document, json!({ "text": text })).await;
        let nothing =
            answer.outcome() == "BAD_USER_INPUT" || answer.at("/searchGuides") == &json!([]);
        assert!(nothing, "{text}: {}", answer.json);
    }
}

async fn what_cannot_be_searched_for_is_refused(app: TestApp) {
    let document = "query($text: String!, $first: Int! = 5) { searchGuides(text: $text, first: $first) { slug } }";
    for (text, first, expected) in [
        ("", 5, "BAD_USER_INPUT"),
        ("户", 5, "BAD_USER_INPUT"),
        ("？！", 5, "BAD_USER_INPUT"),
        ("户口", 0, "BAD_USER_INPUT"),
        ("户口", -1, "BAD_USER_INPUT"),
        ("户口", 21, "BAD_USER_INPUT"),
        ("户口", i32::MIN, "BAD_USER_INPUT"),
        ("户口", 20, "ok"),
        ("' OR 1=1; DROP TABLE guide;--", 5, "ok"),
        ("a\u{0}b户口", 5, "ok"),
        (&"户口".repeat(100), 5, "ok"),
        (&"户口".repeat(101), 5, "BAD_USER_INPUT"),
    ] {
        let answer = app.lead(LIUHE).query(document, json!({ "text": text, "first": first })).await;
        assert_eq!(answer.outcome(), expected, "{text:.20} {first}");
    }
}

async fn what_is_not_in_force_is_not_found(app: TestApp) {
    let draft = app.drafted("dog").await;
    assert_eq!(found(&app, "狗证怎么办", 3).await, [""; 0]);
    let version = app.published(&draft, "2026-09-02".into()).await;
    assert_eq!(found(&app, "狗证怎么办", 3).await, [""; 0]);
    app.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(found(&app, "狗证怎么办", 3).await, ["dog"]);
    let input: Value =
        json!({ "guideVersionId": version["id"], "expectedVersion": version["version"] });
    app.county_admin().mutate("retireGuide", input, "id").await.done();
    assert_eq!(found(&app, "狗证怎么办", 3).await, [""; 0]);
}
