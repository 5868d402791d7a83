//! What the grammar refuses, with place and suggestion.

use zhengtong_form::{FieldKind, PART};

use super::{FORM, catalog, form};

const HEAD: &str = "title = { zh = \"表\", en = \"Form\" }\nminutes = 1\n[[page]]\nid = \"one\"\n\
    title = { zh = \"一\", en = \"One\" }\n";

fn check(body: &str, expected: &[&str]) {
    let (catalog, report) = catalog(&format!("{HEAD}{body}"));
    let said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), expected.len(), "{body}\n{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{said}\nshould have\n{expected}");
    }
    assert_eq!(catalog.form("p:application").is_some(), report.usable());
}

#[test]
fn a_form_is_resolved_from_elements() {
    let form = form();
    assert_eq!(form.id, "p:application");
    assert_eq!(form.digest.len(), 64);
    let (page, field) = form.field("person_name").unwrap();
    assert_eq!((page.id.as_str(), field.label.zh.as_str()), ("applicant", "姓名"));
    let (_, contact) = form.field("emergency_contact").unwrap();
    assert_eq!((contact.label.zh.as_str(), contact.required), ("紧急联系人", false));
    let (_, sex) = form.field("staff_sex").unwrap();
    assert_eq!((sex.kind, sex.options.len()), (FieldKind::Choice, 2));
    assert_eq!(
        form.wanted(),
        [("person_name", "person.name"), ("person_id_number", "person.id_number")]
    );
    let (_, mobile) = form.field("contact_mobile").unwrap();
    assert_eq!(mobile.hint.as_ref().unwrap().en, "11 digits");
}

#[test]
fn faults_have_place_and_suggestion() {
    let own = |rest: &str| {
        format!(
            "[[page.field]]\nname = \"a\"\ntype = \"text\"\nlabel = {{ zh = \"甲\", en = \"A\" }}\n{rest}\n"
        )
    };
    check("", &["p/form/application.toml:4:6: 页面 one 要有"]);
    check(&own(""), &[]);
    check(
        "[[page.field]]\nelement = \"contact.mobil\"",
        &[
            "p/form/application.toml:7:11: 没有数据元 contact.mobil / there is no data element contact.mobil (是不是 contact.mobile？",
            "页面 one",
        ],
    );
    check("[[page.field]]\nelemnt = \"x\"", &["不认识 elemnt"]);
    check(&own("show_if = 'b ='"), &["10:12: 条件写法不对"]);
    check(&own("show_if = 'kinf = 1'"), &["没有名为 kinf 的答案"]);
    check(&own("show_if = 'a = 1'"), &["a 在这里还没有问到"]);
    check(
        &own(
            "rules = [{ holds = 'a != \"x\" and today != null', text = { zh = \"\", en = \"\" } }]",
        ),
        &[],
    );
    check(&(own("") + &own("")), &["答案名称 a 重复"]);
    check(&own("check = \"gb1164\""), &["没有校验规则 gb1164"]);
    check(
        &own("options = [{ value = \"x\", label = { zh = \"\", en = \"\" } }]"),
        &["choice 和 choices"],
    );
    check(&own("max = 100000"), &["max 应在 1 到 200 之间"]);
    check(&own("max = -1"), &["max 应在 1 到 200 之间"]);
    check(&own("prefill = true"), &["prefill 和 as 只能与 element 同用"]);
    check(&own("material = \"x\""), &["files 和 material 只用于文件字段"]);
    check(&own("element = \"person.name\""), &["element 和 name 只能写一个", "页面 one"]);
    check(
        "[[page.field]]\nname = \"A-b\"\ntype = \"text\"\nlabel = { zh = \"甲\", en = \"A\" }",
        &["7:8: 答案的名称只能用小写字母"],
    );
    check(
        "[[page.field]]\nname = \"c\"\ntype = \"choice\"\ncodes = \"sexx\"\nlabel = { zh = \"甲\", en = \"A\" }",
        &["没有代码表 sexx / there is no list sexx (是不是 sex？"],
    );
    check(
        "[[page.field]]\nname = \"c\"\ntype = \"choice\"\nlabel = { zh = \"甲\", en = \"A\" }\n\
         options = [{ value = \"x,y\", label = { zh = \"\", en = \"\" } }]",
        &["选项的 value 不能重复"],
    );
    check(
        "[[page.field]]\nname = \"f\"\ntype = \"file\"\nlabel = { zh = \"甲\", en = \"A\" }\nfiles = { max_mb = 500 }",
        &["10:11: files：max_mb"],
    );
    check(
        "[[page.field]]\nlabel = { zh = \"没有名\", en = \"x\" }",
        &["字段要写 element 或 name", "页面 one"],
    );
    check("[[page.field]]\nname = \"f\"\n", &["本表自有的字段要写 type 和 label", "页面 one"]);
}

#[test]
fn what_the_city_holds_is_not_asked_again() {
    check(
        "[[page.field]]\nname = \"xingming\"\ntype = \"text\"\nlabel = { zh = \"姓名\", en = \"Full name\" }",
        &["市里已有这项信息（base-population:resident）：请改用 element = \"person.name\""],
    );
    check(
        "[[page.field]]\nelement = \"person.name\"",
        &["姓名在市级库里已有，请加 prefill = true"],
    );
    check("[[page.field]]\nelement = \"person.name\"\nprefill = true", &[]);
    check(
        "[[page.field]]\nelement = \"person.name\"\nsource_note = { zh = \"他人\", en = \"somebody else\" }",
        &[],
    );
    check("[[page.field]]\nelement = \"person.sex\"", &[]);
    check("[[page.field]]\nelement = \"person.sex\"\nmax = 3", &["由数据元决定"]);
}

#[test]
fn repeated_pages_have_bounds() {
    let page = |repeat: &str, field: &str| format!("repeat = {repeat}\n[[page.field]]\n{field}");
    let sex = "element = \"person.sex\"";
    let item = "item = { zh = \"人\", en = \"person\" }";
    check(&page(&format!("{{ max = 3, {item} }}"), sex), &[]);
    check(&page(&format!("{{ max = 0, {item} }}"), sex), &["repeat 的 max"]);
    check(&page(&format!("{{ min = 4, max = 3, {item} }}"), sex), &["repeat 的 max"]);
    check(&page(&format!("{{ max = 51, {item} }}"), sex), &["repeat 的 max"]);
    check(
        &page(&format!("{{ max = 3, {item} }}"), "element = \"person.name\"\nprefill = true"),
        &["重复填写的页面不能预填"],
    );
}

#[test]
fn the_schema_names_every_key() {
    let schema = (PART.kinds[0].make)().to_string();
    for key in ["show_if", "prefill", "source_note", "max_mb", "longtext", "repeat", "\"as\""] {
        assert!(schema.contains(key), "{key}");
    }
    assert!(FORM.contains("repeat"));
}
