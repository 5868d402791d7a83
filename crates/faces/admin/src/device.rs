//! Devices in the register of connected systems: what they may, until when, and which post answers for them.

use maud::{Markup, html};
use time::format_description::well_known::Iso8601;
use time::{Date, Duration, OffsetDateTime, UtcOffset};
use zhengtong_base::{Lang, Text};
use zhengtong_db::Ctx;
use zhengtong_http::{Fault, Fields, day};
use zhengtong_signon::{Client, Device, NewDevice};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Kind, Width, errors, form, hidden, text, textarea,
};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::table::code;

use crate::bench::Typed;

/// How a device proves itself; it keeps that for its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Not decided yet: with a key if one is written down, with a secret otherwise.
    Open,
    /// With a secret.
    Secret,
    /// With its own key.
    Key,
}

impl Proof {
    pub(crate) fn of(device: &Device) -> Self {
        if device.key.is_some() { Self::Key } else { Self::Secret }
    }
}

/// Who answers for a device today.
pub(crate) struct Answers {
    post: Text,
    holders: Vec<String>,
    last_day: Date,
    now: OffsetDateTime,
}

/// The device that a form describes.
pub(crate) fn sent(fields: &Fields) -> NewDevice {
    let lines = fields.get("device_scopes").lines().map(str::trim);
    NewDevice {
        post: fields.get("post").trim().to_owned(),
        scopes: lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        expires: Date::parse(fields.get("expires").trim(), &Iso8601::DATE).ok(),
        key: fields.get("key").trim().to_owned(),
    }
}

/// The post that answers for a device, and who holds it; none for what is no device.
pub(crate) async fn answers(ctx: &mut Ctx, client: &Client) -> Result<Option<Answers>, Fault> {
    let Some(device) = &client.device else { return Ok(None) };
    let posts = zhengtong_party::posts(ctx, client.organisation).await?;
    let card = posts.into_iter().find(|card| card.post.id == device.post);
    let (post, holdings) =
        card.map_or((Text::same("–"), Vec::new()), |card| (card.post.title, card.holdings));
    // The registration ends with the first moment of the day after.
    let china = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    let last_day = (device.expires - Duration::seconds(1)).to_offset(china).date();
    let holders = holdings.into_iter().map(|holding| holding.name).collect();
    Ok(Some(Answers { post, holders, last_day, now: ctx.now }))
}

pub(crate) fn answers_panel(lang: Lang, answers: &Answers) -> Markup {
    panel(
        &Panel::new(lang.pick("谁负责", "Who answers for it")),
        pairs([
            (lang.pick("岗位", "Post").into(), html! { (answers.post.get(lang)) }),
            (
                lang.pick("现在任职", "Held by").into(),
                html! {
                    @if answers.holders.is_empty() {
                        strong { (lang.pick("没有人，请换一个岗位", "Nobody: choose another post")) }
                    } @else { (answers.holders.join("、")) }
                },
            ),
            (
                lang.pick("登记用到", "Registered until").into(),
                html! { (day(lang, answers.last_day, answers.now)) },
            ),
        ]),
    )
}

/// A device as the form would send it.
pub(crate) fn filled(client: &Client, device: &Device, short: &str, answers: &Answers) -> Fields {
    let key = device.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let rows = [
        ("kind", "device".to_owned()),
        ("name_zh", client.name.zh.clone()),
        ("name_en", client.name.en.clone()),
        ("organisation", short.to_owned()),
        ("post", answers.post.zh.clone()),
        ("device_scopes", device.scopes.join("\n")),
        ("expires", answers.last_day.to_string()),
        ("key", key),
    ];
    Fields(rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(crate) fn new_page(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let heading = lang.pick("登记设备", "Register a device");
    let id = Field::new("id", lang.pick("标识（client_id）", "Name in the protocol (client_id)"))
        .hint(lang.pick(
            "小写字母、数字、连字符，例如 gate-lake-03；以后不能改",
            "Small letters, digits, hyphens, such as gate-lake-03; it cannot be changed",
        ))
        .errors(&typed.errors, lang);
    let input = Input::new(typed.value("id")).width(Width::Long).kind(Kind::Code);
    let main = form(
        frame,
        &Form::post("/admin/clients/new"),
        html! {
            (text(lang, &id, &input.autocomplete("off")))
            (fields_of(lang, typed, Proof::Open))
            (actions(html! {
                (submit(&Button::new(heading).size(Size::Large)))
                (link_button(&Button::quiet(lang.pick("不登记了", "Cancel")), "/admin/clients"))
            }))
        },
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("接入系统", "Connected systems"), "/admin/clients")], heading))
        (errors(lang, &typed.errors))
        (title(&Title::new(heading)))
        (split(main, html! { (panel(&Panel::new(lang.pick("给开发人员", "For its developers")), html! {
            p { (lang.pick("设备用 client_credentials 换令牌，令牌 10 分钟有效，只代表设备自己，看不到任何人的数据。", "The device gets tokens by client_credentials. A token lives ten minutes and stands for the device alone, never for a person.")) }
            p { (lang.pick("被设备调用的系统用令牌内省核对令牌；停用设备，令牌马上作废。", "The system that the device calls checks a token by introspection; when the device is switched off its tokens end at once.")) }
            p { (code("/.well-known/openid-configuration")) }
        })) }))
    }
}

/// The fields that may be changed later.
pub(crate) fn fields_of(lang: Lang, typed: &Typed, proof: Proof) -> Markup {
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let line = |name: &str| Input::new(typed.value(name)).width(Width::Long);
    let area = |name: &str| Area { value: typed.value(name).into(), rows: 3, ..Area::default() };
    let post_hint = lang.pick(
        "管理单位里一个有人的岗位，例如“负责人”",
        "A post of that organisation that somebody holds",
    );
    let day_hint = lang.pick(
        "例如 2027-06-30，最长一年，到期可以再延",
        "Such as 2027-06-30, at most a year; it can be prolonged",
    );
    let key_hint = lang.pick(
        "一个 JWK（P-256 或 RSA）。不写就发一个密钥",
        "A JWK (P-256 or RSA). Without one it gets a secret",
    );
    html! {
        (hidden("kind", "device"))
        (text(lang, &field("name_zh", "设备名称（中文）", "Name in Chinese"), &line("name_zh")))
        (text(lang, &field("name_en", "设备名称（英文）", "Name in English"), &line("name_en")))
        (text(lang, &field("organisation", "管理单位的简称", "Short word of the organisation that runs it").hint(lang.pick("例如 market-regulation", "Such as market-regulation")), &line("organisation")))
        (text(lang, &field("post", "负责岗位", "Post that answers for it").hint(post_hint), &line("post")))
        (textarea(lang, &field("device_scopes", "可以做什么", "What it may do").hint(lang.pick("每行一个，例如 observation.write", "One a line, such as observation.write")), &area("device_scopes")))
        (text(lang, &field("expires", "用到哪一天", "Last day").hint(day_hint), &line("expires").width(Width::Short)))
        @if proof != Proof::Secret {
            (textarea(lang, &field("key", "设备的公钥", "Public key of the device").optional().hint(key_hint), &area("key")))
        }
    }
}
