//! One design: drawing it, submitting it, and deciding about it as a second person.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use time::Date;
use time::macros::format_description;
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_bpmn::Finding;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fault, Fields, Uploads, Visit, clock_time, redirect};
use zhengtong_process::{
    Catalog, Design, Judged, Known, Language, NOTE_CHARS_MAX, Stage, blank, thing, title_of,
};
use zhengtong_ui::Frame;
use zhengtong_ui::assets::DESIGNER_LICENCES_HREF;
use zhengtong_ui::field::{Area, Field, Form, date, errors, form, hidden, textarea};
use zhengtong_ui::frame::{Standing, Tool};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, reveal};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::words::kept;

use super::compare::{Sides, comparison};
use super::tables::admit;
use super::{address, aside, plain, words};
use crate::bench::{Bench, Typed, acting, reading};

type Place = Path<(String, String, i64)>;

/// What the page shows.
struct Opened {
    design: Design,
    judged: Judged,
    sides: Sides,
    suggestions: Suggestions,
    today: Date,
    mine: bool,
    decides: bool,
    bench: Bench,
}

/// Words that other processes use, to choose from.
#[derive(Default)]
struct Suggestions {
    roles: Vec<String>,
    actions: Vec<String>,
    notices: Vec<String>,
    forms: Vec<String>,
    calls: Vec<String>,
    decisions: Vec<String>,
}

impl Suggestions {
    fn of(ctx: &Ctx) -> Self {
        let mut found = Self::default();
        if let Ok(catalog) = ctx.defs::<Catalog>() {
            for node in catalog.iter().flat_map(|one| &one.model.nodes) {
                found.roles.extend(node.role.clone());
                found.actions.extend(node.action.clone());
                found.notices.extend(node.notice.clone());
            }
            found.calls.extend(catalog.iter().map(|one| one.name.clone()));
            for file in catalog.files_of_decisions() {
                let stem = file.name.trim_end_matches(".dmn");
                let all = file.model.decisions().into_iter();
                found.decisions.extend(all.map(|decision| format!("{stem}#{decision}")));
            }
        }
        if let Ok(forms) = ctx.defs::<zhengtong_form::Catalog>() {
            found.forms.extend(forms.forms().map(|form| form.id.clone()));
        }
        for list in [&mut found.roles, &mut found.actions, &mut found.notices] {
            list.sort();
            list.dedup();
        }
        found
    }
}

impl Opened {
    async fn load(visit: &Visit, (pack, name, number): (&str, &str, i64)) -> Result<Self, Fault> {
        let lang = visit.lang();
        let mut ctx = reading(visit).await?;
        let design = zhengtong_process::design(&mut ctx, number).await?;
        if design.name != format!("{pack}:{name}") {
            return Err(Fault::absent());
        }
        let own = thing(&design.name, Some(design.author));
        let person = ctx.actor.person.or(ctx.actor.account);
        let mine = person == Some(design.author) && ctx.may("process.draw", &own);
        let decides = design.stage == Stage::Submitted && ctx.may("process.approve", &own);
        let begun = begun_from(&mut ctx, lang, &design).await?;
        let (suggestions, today) = (Suggestions::of(&ctx), china_date(ctx.now));
        let (bench, known) = (Bench::of(&ctx), Known::of(&ctx)?);
        ctx.commit().await?;
        let (xml, name) = (design.xml.clone(), design.name.clone());
        let judged = aside(move || known.judge(&name, &xml)).await?;
        let drawn = lang.pick("这份设计", "This design").to_owned();
        let sides = Sides::of(lang, &design.name, begun, (drawn, design.xml.clone())).await?;
        Ok(Self { design, judged, sides, suggestions, today, mine, decides, bench })
    }

    fn draws(&self) -> bool {
        self.mine && self.design.stage == Stage::Draft
    }
}

/// What a design began from, and its text; a new one began from an empty sheet.
async fn begun_from(ctx: &mut Ctx, lang: Lang, design: &Design) -> Result<(String, String), Fault> {
    if design.base.is_empty() {
        let label = lang.pick("空白的定义", "An empty sheet").to_owned();
        return Ok((label, blank(&design.name, &title_of(&design.name, &design.xml))));
    }
    let label =
        format!("{} {}", lang.pick("起草时的版本", "Begun from"), words::short(&design.base));
    let text = zhengtong_process::text(ctx, &design.name, Some(&design.base)).await?;
    Ok((label, text))
}

/// The page with the tool that its language wants.
fn framed<'a>(visit: &'a Visit, opened: &Opened) -> Frame<'a> {
    let mut frame = Bench::frame(visit, heading(visit.lang(), opened));
    frame.tool = match Language::of(&opened.design.name) {
        Language::Bpmn => Tool::Designer,
        Language::Dmn if opened.draws() => Tool::Tables,
        Language::Dmn => Tool::None,
    };
    frame
}

pub(super) fn place(design: &Design) -> String {
    format!("{}/edit/{}", address(&design.name), design.number)
}

pub(super) async fn begin(
    visit: Visit,
    Path((pack, name)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let from = Some(fields.get("from")).filter(|from| !from.is_empty());
    let design = zhengtong_process::draw(&mut ctx, &format!("{pack}:{name}"), from).await?;
    ctx.commit().await?;
    Ok(redirect(&place(&design)))
}

pub(super) async fn shown(visit: Visit, Path((pack, name, number)): Place) -> Answer {
    let opened = Opened::load(&visit, (&pack, &name, number)).await?;
    let frame = framed(&visit, &opened);
    let body = page(&frame, &opened, &Typed::default());
    Ok(admitted(&visit, &frame, opened.bench.page(&visit, &frame, body)))
}

/// The editor of tables brings styles that only its pages admit.
fn admitted(visit: &Visit, frame: &Frame<'_>, mut response: Response) -> Response {
    if frame.tool == Tool::Tables {
        admit(&mut response, &visit.nonce);
    }
    response
}

fn heading(lang: Lang, opened: &Opened) -> &'static str {
    match Language::of(&opened.design.name) {
        _ if !opened.draws() => lang.pick("看设计", "Look at the design"),
        Language::Bpmn => lang.pick("画流程", "Draw the process"),
        Language::Dmn => lang.pick("写决策", "Write the decisions"),
    }
}

pub(super) async fn save(
    visit: Visit,
    Path((pack, name, number)): Place,
    mut uploads: Uploads,
) -> Answer {
    let file = uploads.files.iter().find(|file| file.field == "file" && !file.bytes.is_empty());
    let uploaded = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let fields = std::mem::take(&mut uploads.fields);
    let mut ctx = acting(&visit, &fields).await?;
    let xml = plain(&uploaded.unwrap_or_else(|| fields.get("xml").to_owned()));
    let note = plain(fields.get("note")).trim().to_owned();
    let seen = fields.get("seen").parse().unwrap_or(-1);
    let saved = zhengtong_process::save(&mut ctx, number, seen, &xml, &note).await;
    let done = match saved {
        Ok(design) if fields.get("act") == "submit" => {
            let from = day(fields.get("valid_from")).unwrap_or(Date::MIN);
            zhengtong_process::submit(&mut ctx, number, design.revision, from).await
        }
        other => other,
    };
    match done {
        Ok(design) => {
            ctx.commit().await?;
            Ok(redirect(&place(&design)))
        }
        Err(error) => {
            std::mem::drop(ctx);
            again(&visit, (&pack, &name, number), fields, error).await
        }
    }
}

/// A day as the calendar of the browser sends it.
fn day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

pub(super) async fn back(visit: Visit, Path((_, _, number)): Place, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let design = zhengtong_process::take_back(&mut ctx, number).await?;
    ctx.commit().await?;
    Ok(redirect(&place(&design)))
}

pub(super) async fn drop(visit: Visit, Path((_, _, number)): Place, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let design = zhengtong_process::give_up(&mut ctx, number).await?;
    ctx.commit().await?;
    Ok(redirect(&address(&design.name)))
}

pub(super) async fn decide(
    visit: Visit,
    Path((pack, name, number)): Place,
    fields: Fields,
) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let seen = fields.get("seen").parse().unwrap_or(-1);
    let (publish, verdict) = (fields.get("act") == "publish", fields.get("verdict"));
    match zhengtong_process::decide(&mut ctx, number, seen, publish, verdict).await {
        Ok(design) => {
            ctx.commit().await?;
            Ok(redirect(&place(&design)))
        }
        Err(error) => {
            std::mem::drop(ctx);
            again(&visit, (&pack, &name, number), fields, error).await
        }
    }
}

/// The page once more, with what was wrong and everything that was typed or drawn.
async fn again(
    visit: &Visit,
    place: (&str, &str, i64),
    fields: Fields,
    error: zhengtong_process::Error,
) -> Answer {
    if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return Err(error.into());
    }
    let opened = Opened::load(visit, place).await?;
    let errors = error.fields();
    let said = errors.is_empty().then(|| error.text());
    let mut frame = framed(visit, &opened);
    frame.standing = Standing::Faulty;
    let body = page(&frame, &opened, &Typed { fields, errors, said });
    Ok(admitted(visit, &frame, opened.bench.refused(visit, &frame, body)))
}

fn page(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, design) = (frame.lang, &opened.design);
    let links = [
        Link::new(lang.pick("流程", "Processes"), "/admin/process"),
        Link::new(design.name.as_str(), address(&design.name)),
    ];
    let number = match lang {
        Lang::Zh => format!("第 {} 号", design.number),
        Lang::En => format!("Design {}", design.number),
    };
    let meta = html! {
        (code(&design.name)) " · " (number) " · " (words::stage(lang, design.stage)) " · "
        (design.author_name) " " (clock_time(design.changed_at))
    };
    html! {
        (crumbs(lang, &links, &number))
        (title(&Title::new(heading(lang, opened)).meta(meta)))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (verdict(lang, design))
        @if opened.draws() { (editor(frame, opened, typed)) } @else { (review(frame, opened, typed)) }
    }
}

/// What a second person said about it.
fn verdict(lang: Lang, design: &Design) -> Markup {
    let Some(words) = design.verdict.as_deref() else { return html! {} };
    let who = design.decider_name.as_deref().unwrap_or_default();
    let (mood, title) = match design.stage {
        Stage::Published => (Mood::Done, lang.pick("已批准", "Approved")),
        _ => (Mood::Warning, lang.pick("退回修改", "Given back")),
    };
    let body = html! { p { (who) "：" (kept(words)) } };
    notice(&Notice::new(mood, title).body(body))
}

fn editor(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, design) = (frame.lang, &opened.design);
    let xml = typed.value_or("xml", &design.xml);
    let language = Language::of(&design.name);
    let about = format!("?name={}", zhengtong_ui::words::encode(&design.name));
    html! {
        @if language == Language::Bpmn {
            div.designer.designer-edit data-designer="edit" data-check={ "/admin/process/check" (about) } data-trial={ "/admin/process/trial" (about) } data-preview="/admin/process/form?id=" {
                (fallback(lang, opened))
            }
            (lists(&opened.suggestions))
        } @else {
            div.designer data-tables data-check={ "/admin/process/table/check" (about) } {
                p { (lang.pick("正在打开表格。没有打开的话，请改下面的源文件。", "Opening the table. If it does not open, change the source below.")) }
            }
        }
        (form(frame, &Form { id: "design-form".into(), ..Form::post(place(design)).files() }, html! {
            (reveal(&source_words(lang, language), html! {
                (textarea(lang, &Field::new("xml", lang.pick("源文件", "Source")).hint(lang.pick("图和它是同一份；也可以直接改", "The same as the drawing; it may be changed here too")).errors(&typed.errors, lang), &Area { value: xml.into(), rows: 16, ..Area::default() }))
                (upload(lang, language))
                p { a href={ (address(&design.name)) "/file?version=" (design.digest) } { (lang.pick("下载保存过的文件", "Download what was saved")) } }
            }))
            (note(lang, opened, typed))
            (date(lang, &Field::new("valid_from", lang.pick("从哪天起给新的办件用", "From which day for new cases")).hint(lang.pick("提交审批时要填；在办的件不变", "Needed to submit; running cases stay as they are")).errors(&typed.errors, lang), &typed.value_or("valid_from", &opened.today.to_string())))
            (hidden("seen", &design.revision.to_string()))
            (actions(html! {
                (submit(&Button::new(lang.pick("保存草稿", "Save the draft")).sends("act", "save")))
                (submit(&Button::secondary(lang.pick("保存并提交审批", "Save and submit")).sends("act", "submit")))
            }))
        }))
        (words::found(lang, lang.pick("上次保存时的检查", "The check of what was saved"), &opened.judged.findings))
        (reveal(lang.pick("放弃这份草稿", "Give this draft up"), give_up(frame, design)))
        p.meta {
            (match language {
                Language::Bpmn => lang.pick("图由 bpmn-js 画出，右下角的标志按它的许可保留。", "Drawn by bpmn-js; its mark in the corner stays as its licence asks."),
                Language::Dmn => lang.pick("表格由 dmn-js 画出，它的标志按许可保留。", "Drawn by dmn-js; its mark stays as its licence asks."),
            }) " "
            a href=(DESIGNER_LICENCES_HREF) { (lang.pick("所用软件的许可", "Licences of what is used")) }
        }
    }
}

/// What stands here without the script.
fn fallback(lang: Lang, opened: &Opened) -> Markup {
    html! {
        div.flow-l {
            p { (lang.pick("正在打开设计器。没有打开的话，可以在下面改源文件或上传 .bpmn，检查和提交都一样。",
                "Opening the designer. If it does not open, change the source below or upload a .bpmn: checking and submitting are the same.")) }
            @if let Some(model) = &opened.judged.model {
                (words::drawing(lang, model))
                (words::steps(lang, model))
            }
        }
    }
}

fn lists(suggestions: &Suggestions) -> Markup {
    let list = |id: &str, words: &[String]| html! { datalist id=(id) { @for word in words { option value=(word) {} } } };
    html! {
        (list("designer-roles", &suggestions.roles))
        (list("designer-actions", &suggestions.actions))
        (list("designer-notices", &suggestions.notices))
        (list("designer-forms", &suggestions.forms))
        (list("designer-calls", &suggestions.calls))
        (list("designer-decisions", &suggestions.decisions))
    }
}

fn source_words(lang: Lang, language: Language) -> String {
    let ending = language.ending().to_uppercase();
    match lang {
        Lang::Zh => format!("源文件（{ending} XML）和上传"),
        Lang::En => format!("Source ({ending} XML) and upload"),
    }
}

fn upload(lang: Lang, language: Language) -> Markup {
    let ending = language.ending();
    let words = match lang {
        Lang::Zh => format!("或者上传 .{ending} 文件"),
        Lang::En => format!("Or upload a .{ending} file"),
    };
    let field = Field::new("file", words);
    let upload = zhengtong_ui::field::Upload {
        accept: format!(".{ending},.xml").into(),
        limits: lang
            .pick("最多 400 KB，会代替上面的源文件", "At most 400 KB; it replaces the source above")
            .into(),
        ..zhengtong_ui::field::Upload::default()
    };
    zhengtong_ui::field::upload(lang, &field.optional(), &upload)
}

fn note(lang: Lang, opened: &Opened, typed: &Typed) -> Markup {
    let field = Field::new("note", lang.pick("改了什么、为什么改", "What changes, and why"))
        .hint(lang.pick("批准的人先看这一句", "Who approves reads this first"))
        .errors(&typed.errors, lang);
    let area = Area {
        value: typed.value_or("note", &opened.design.note).into(),
        rows: 2,
        length_max: u32::try_from(NOTE_CHARS_MAX).ok(),
        ..Area::default()
    };
    textarea(lang, &field, &area)
}

fn give_up(frame: &Frame<'_>, design: &Design) -> Markup {
    let words = frame.lang.pick("放弃草稿", "Give the draft up");
    let target = Form::post(format!("{}/drop", place(design)));
    form(frame, &target, actions(submit(&Button::danger(words))))
}

fn review(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, design) = (frame.lang, &opened.design);
    let faults: &[Finding] = &opened.judged.findings;
    html! {
        (boxed(&Panel::new(lang.pick("改什么", "What changes")), pairs([
            (lang.pick("说明", "Account").into(), html! { (kept(&design.note)) }),
            (lang.pick("起草", "Author").into(), html! { (design.author_name) }),
            (lang.pick("生效日", "From").into(), html! { @if let Some(day) = design.valid_from { time datetime=(day) { (day) } } @else { "—" } }),
        ])))
        @if opened.decides { (boxed(&Panel::new(lang.pick("由您决定", "Yours to decide")), decision(frame, design, typed))) }
        @else if design.stage == Stage::Submitted && opened.mine {
            (boxed(&Panel::new(lang.pick("等另一位管理员批准", "Waits for another administrator")), form(frame, &Form::post(format!("{}/back", place(design))), html! {
                p { (lang.pick("自己起草的不能自己批准。要接着改，先收回。", "Nobody approves an own design. To go on drawing, take it back first.")) }
                (actions(submit(&Button::secondary(lang.pick("收回来改", "Take it back")))))
            })))
        }
        (comparison(lang, &opened.sides))
        (words::found(lang, lang.pick("检查", "Check"), faults))
    }
}

fn decision(frame: &Frame<'_>, design: &Design, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let field = Field::new("verdict", lang.pick("意见", "Your words"))
        .hint(lang.pick(
            "写进存证记录，起草人看得到",
            "They go into the record, and the author reads them",
        ))
        .errors(&typed.errors, lang);
    let area = Area {
        value: typed.value("verdict").into(),
        rows: 2,
        length_max: u32::try_from(NOTE_CHARS_MAX).ok(),
        ..Area::default()
    };
    form(
        frame,
        &Form::post(format!("{}/decide", place(design))),
        html! {
            (textarea(lang, &field, &area))
            (hidden("seen", &design.revision.to_string()))
            (actions(html! {
                (submit(&Button::new(lang.pick("批准，到日子生效", "Approve, in force from its day")).sends("act", "publish")))
                (submit(&Button::secondary(lang.pick("退回修改", "Give it back")).sends("act", "return")))
            }))
        },
    )
}
