//! An application: from the item through the form to the case.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_casework::{Applicant, Fact, FactSection, MaterialFile, NewMaterial, Opening};
use zhengtong_db::Ctx;
use zhengtong_form::{Draft, Finished, Known};
use zhengtong_registry::Subject;

use crate::error::{Error, Result};
use crate::guide::needed;
use crate::model::Consent;
use crate::part::{Catalog, Item, Listed, MaterialRule, Object};
use crate::{licence, undertaken};

/// Begins an application for an item: what the city knows already is filled in.
pub async fn begin(ctx: &mut Ctx, item: &str) -> Result<Draft> {
    begin_with(ctx, item, "").await
}

/// The same for an item about a licence given before: the one with this number, or, without one, the only one there is.
pub async fn begin_with(ctx: &mut Ctx, item: &str, licence: &str) -> Result<Draft> {
    let listed = listed(ctx, item)?;
    may_apply(ctx, &listed)?;
    in_charge(ctx, &listed).await?;
    proven(ctx, &listed).await?;
    let form = ctx.defs::<zhengtong_form::Catalog>()?.form(&listed.form()).ok_or_else(|| {
        zhengtong_db::Error::Broken(format!("there is no form {}", listed.form()))
    })?;
    let why = format!("办理“{}”时预填", listed.item.name.zh);
    let subject = subject(ctx).await?;
    let wanted = form.wanted();
    let elements: Vec<&str> = wanted.iter().map(|(_, element)| *element).collect();
    let held = zhengtong_registry::prefill(ctx, &elements, &subject, &why).await?;
    let known = wanted.into_iter().filter_map(|(key, element)| {
        let held = held.get(element)?;
        let known = Known {
            value: held.value.clone(),
            source: held.source.clone(),
            dataset: held.dataset.clone(),
            updated: held.updated,
        };
        Some((key.to_owned(), known))
    });
    let mut known: BTreeMap<String, Known> = known.collect();
    if let (Some(rule), Some(held)) =
        (&listed.item.licence, licence::chosen(ctx, &listed, licence).await?)
    {
        known.extend(rule.known(&held));
    }
    Ok(zhengtong_form::start(ctx, &listed.form(), &listed.id, known).await?)
}

/// Hands an application in: the draft becomes a case, once, and the case's number is given.
pub async fn submit(ctx: &mut Ctx, draft: Uuid, consent: Consent) -> Result<String> {
    // The right comes before everything that is said of the draft: who may only look learns nothing of what is missing.
    let opened = zhengtong_form::open(ctx, draft).await?;
    ctx.allow_or_absent("form.finish", &zhengtong_form::thing(&opened))?;
    if let Some(answer) = ctx.once("service.submit", &draft).await? {
        return match answer.as_str() {
            Some(no) => Ok(no.to_owned()),
            None => Err(Error::State(already())),
        };
    }
    if let Some(no) = opened.submitted_case {
        return Ok(no);
    }
    agreed(consent)?;
    let finished = match zhengtong_form::finish(ctx, draft).await {
        // Another window was faster while we waited for the draft: it is the same case.
        Err(zhengtong_form::Error::Submitted { case }) => {
            ctx.answered(&json!(case)).await?;
            return Ok(case);
        }
        other => other?,
    };
    let listed = listed(ctx, &finished.item)?;
    may_apply(ctx, &listed)?;
    in_charge(ctx, &listed).await?;
    proven(ctx, &listed).await?;
    licence::still(ctx, &listed, &finished).await?;
    let opening = opening(ctx, &listed, &finished).await?;
    let no = zhengtong_casework::open(ctx, opening).await?;
    undertaken::record(ctx, &listed, &finished, &no).await?;
    zhengtong_form::set_case(ctx, draft, &no).await?;
    let act = ctx
        .act("service.submit", "case", &no)
        .about(ctx.actor.person)
        .because(format!("draft {draft}, consent to sharing: {}", consent.sharing));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.answered(&json!(no)).await?;
    Ok(no)
}

fn agreed(consent: Consent) -> Result<()> {
    let mut errors = Vec::new();
    if !consent.sharing {
        errors.push(FieldError::new(
            "sharing",
            "请勾选同意取用材料，否则要您自己上传这些材料",
            "agree to the use of the papers, or you would have to upload them yourself",
        ));
    }
    if !consent.truth {
        errors.push(FieldError::new(
            "truth",
            "请看一遍，确认内容属实后勾选",
            "read it through and confirm that everything is true",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

fn already() -> Text {
    Text::new("这份申请已经提交过了", "this application was handed in already")
}

pub(crate) fn listed(ctx: &Ctx, item: &str) -> Result<Arc<Listed>> {
    ctx.defs::<Catalog>()?.get(item).ok_or_else(|| zhengtong_db::Error::absent("item", item).into())
}

/// An item for organisations is applied for on behalf of one, and the other way round.
fn may_apply(ctx: &Ctx, listed: &Listed) -> Result<()> {
    let object = Object::of(&ctx.actor);
    if ctx.actor.person.is_none() {
        return Err(
            zhengtong_db::Error::Unauthenticated { verb: "service.begin".to_owned() }.into()
        );
    }
    if listed.item.object.contains(&object) {
        return Ok(());
    }
    Err(Error::State(match object {
        Object::Natural => Text::new(
            "这件事由企业或单位办。请在“我的”里切换到您代办的单位，再来办理",
            "this is for organisations; switch to the one you act for in My space, then come back",
        ),
        Object::Official => Text::new(
            "这件事由单位或个人自己办，工作账号不能代办",
            "this is for people and organisations themselves, not for an account of staff",
        ),
        Object::Legal => Text::new(
            "这件事由个人办。请在“我的”里切换回本人，再来办理",
            "this is for individuals; switch back to yourself in My space, then come back",
        ),
    }))
}

/// The name of the person who applies, for themselves or for an organisation, must be proven as the item asks.
async fn proven(ctx: &mut Ctx, listed: &Listed) -> Result<()> {
    let wanted = i16::from(listed.item.level);
    if wanted == 0 {
        return Ok(());
    }
    let level = zhengtong_party::my_identity(ctx).await?.person.level;
    if level >= wanted {
        return Ok(());
    }
    let title = zhengtong_party::level_title(wanted);
    Err(Error::State(Text::new(
        format!("办这件事要“{}”，您现在是 {level} 级。怎么提升，看“我的”里的“实名等级”", title.zh),
        format!(
            "this asks for level {wanted} ({}); yours is {level}. See My space for how to raise it",
            title.en
        ),
    )))
}

async fn subject(ctx: &mut Ctx) -> Result<Subject> {
    let identity = zhengtong_party::my_identity(ctx).await?;
    Ok(Subject {
        person: identity.person.id_number.map(|number| (identity.person.id, number)),
        organisation: ctx
            .actor
            .behalf
            .as_ref()
            .map(|behalf| (behalf.organisation, behalf.credit_code.clone())),
    })
}

/// What an officer begins by duty is begun in the department that decides it.
async fn in_charge(ctx: &mut Ctx, listed: &Listed) -> Result<()> {
    if Object::of(&ctx.actor) != Object::Official {
        return Ok(());
    }
    let office = office(ctx, &listed.item.department).await?;
    if ctx.actor.organisation == Some(office.id) {
        return Ok(());
    }
    Err(Error::State(Text::new(
        format!("这件事由{}依职权办，您不在这个单位任职", office.name.zh),
        format!("this is begun by {}, where you hold no post", office.name.en),
    )))
}

async fn opening(ctx: &mut Ctx, listed: &Listed, finished: &Finished) -> Result<Opening> {
    let office = office(ctx, &listed.item.department).await?;
    let materials = materials(ctx, listed, finished)?;
    let form = form(ctx, finished)?;
    let facts = facts_of(&form, &finished.answers, &finished.known);
    let title = match &ctx.actor.behalf {
        Some(_) | None => listed.item.name.clone(),
    };
    Ok(Opening {
        kind: listed.case(),
        item: listed.id.clone(),
        item_version: listed.item.version.clone(),
        title,
        person: finished.owner,
        person_name: ctx.actor.name.clone(),
        organisation: ctx.actor.behalf.as_ref().map(|behalf| Applicant {
            id: behalf.organisation,
            name: behalf.name.clone(),
            credit_code: behalf.credit_code.clone(),
        }),
        department: office.id,
        department_name: office.name.zh,
        region: office.region.unwrap_or_default(),
        answers: answers(finished),
        sealed: form.sealed_keys(),
        typed: form.typed_keys(),
        facts,
        deferrable: deferrable(&listed.item, &answers(finished), &materials),
        materials,
        reads: finished.known.values().map(|known| known.dataset.clone()).collect(),
        promised_days: listed.promised.days,
        statutory_days: listed.statutory.days,
    })
}

pub(crate) async fn office(ctx: &mut Ctx, short: &str) -> Result<zhengtong_party::Organisation> {
    let found = zhengtong_party::organisation_by_short(ctx, short).await?;
    found.ok_or_else(|| {
        zhengtong_db::Error::Broken(format!("there is no department {short}")).into()
    })
}

/// All answers by key, and groups as lists, for conditions and documents.
fn answers(finished: &Finished) -> Map<String, Value> {
    let mut all: Map<String, Value> =
        finished.known.iter().map(|(key, known)| (key.clone(), known.value.clone())).collect();
    for (key, value) in &finished.answers.values {
        all.insert(key.clone(), value.clone());
    }
    for (page, group) in &finished.answers.groups {
        let entries = group
            .entries
            .iter()
            .map(|entry| entry.values.clone().into_iter().collect::<Map<String, Value>>().into());
        all.insert(page.clone(), Value::Array(entries.collect()));
    }
    all
}

fn form(ctx: &Ctx, finished: &Finished) -> Result<Arc<zhengtong_form::Form>> {
    let found = ctx.defs::<zhengtong_form::Catalog>()?.form(&finished.form);
    found.ok_or_else(|| zhengtong_db::Error::Broken(format!("no form {}", finished.form)).into())
}

/// The answers as shown, in both languages, personal parts masked.
pub(crate) fn facts_of(
    form: &zhengtong_form::Form,
    answers: &zhengtong_form::Answers,
    known: &zhengtong_form::Knowns,
) -> Vec<FactSection> {
    let zh = zhengtong_form::facts(form, answers, known, Lang::Zh);
    let en = zhengtong_form::facts(form, answers, known, Lang::En);
    zh.into_iter()
        .zip(en)
        .map(|(zh, en)| FactSection {
            title: zh.title,
            rows: zh
                .rows
                .into_iter()
                .zip(en.rows)
                .filter(|(fact, _)| fact.files.is_empty())
                .map(|(zh, en)| Fact {
                    key: zh.key,
                    label: zh.label,
                    value: Text::new(zh.masked.unwrap_or(zh.value), en.masked.unwrap_or(en.value)),
                    source: zh.source.map(|source| source.title),
                })
                .collect(),
        })
        .filter(|section| !section.rows.is_empty())
        .collect()
}

/// The lesser papers that were asked for, may come later, and were not handed in.
fn deferrable(item: &Item, answers: &Map<String, Value>, papers: &[NewMaterial]) -> Vec<Text> {
    let there = |name: &Text| papers.iter().any(|paper| paper.name == *name);
    let missing =
        |rule: &&MaterialRule| rule.deferrable && rule.source == "applicant" && !there(&rule.name);
    needed(item, answers).into_iter().filter(missing).map(|rule| rule.name.clone()).collect()
}

/// The papers: those taken from registries with their source, those uploaded with their file.
fn materials(ctx: &Ctx, listed: &Listed, finished: &Finished) -> Result<Vec<NewMaterial>> {
    let form = ctx
        .defs::<zhengtong_form::Catalog>()?
        .form(&finished.form)
        .ok_or_else(|| zhengtong_db::Error::Broken(format!("no form {}", finished.form)))?;
    let registry = ctx.defs::<zhengtong_registry::Catalog>()?;
    let answers = answers(finished);
    let mut papers = Vec::new();
    for rule in needed(&listed.item, &answers) {
        if rule.source != "applicant" {
            let title = registry.datasets.get(&rule.source).map_or("", |set| set.title.zh.as_str());
            papers.push(NewMaterial {
                name: rule.name.clone(),
                source: rule.source.clone(),
                source_note: Some(title.to_owned()),
                file: None,
            });
            continue;
        }
        let fields: Vec<&str> = form
            .fields()
            .filter(|(_, field)| field.material.as_deref() == Some(rule.id.as_str()))
            .map(|(_, field)| field.key.as_str())
            .collect();
        for attached in &finished.answers.files {
            if fields.contains(&attached.field.as_str()) {
                papers.push(NewMaterial {
                    name: rule.name.clone(),
                    source: "applicant".to_owned(),
                    source_note: None,
                    file: Some(MaterialFile {
                        digest: attached.file.digest.clone(),
                        name: attached.file.name.clone(),
                        size: i64::try_from(attached.file.size).unwrap_or(i64::MAX),
                        mime: attached.file.kind.mime().to_owned(),
                    }),
                });
            }
        }
    }
    Ok(papers)
}
