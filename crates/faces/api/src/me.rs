//! Who is asking, with numbers masked.

use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_base::code::mask;
use zhengtong_http::{Answer, Visit};
use zhengtong_party::{IdKind, Identity};

use crate::answer::json;
use crate::asked::Asked;

/// 当前登录的人 / Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// 身份：citizen 办事人，staff 工作人员 / What kind of account: citizen or staff.
    kind: &'static str,
    /// 姓名 / The name.
    name: String,
    /// 证件类型 / The kind of identity document.
    id_kind: &'static str,
    /// 证件号码，掩码 / The number of the document, masked.
    id_number: Option<String>,
    /// 手机号码，掩码 / The telephone number, masked.
    phone: Option<String>,
    /// 实名等级，0 到 3 / How well the name is proven, 0 to 3.
    level: i16,
    /// 角色 / Role words.
    roles: Vec<String>,
    /// 正在代办的单位 / The organisation one acts for.
    acts_for: Option<ActsFor>,
}

/// 代办的单位 / An organisation one acts for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActsFor {
    /// 名称 / Its name.
    name: String,
    /// 统一社会信用代码 / Its unified social credit code.
    credit_code: String,
}

#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "me", tag = "mine", security(("session" = [])),
    summary = "我是谁 / Who am I",
    description = "当前登录的人和正在代办的单位。 / Who is logged in, and for whom they act.",
    responses((status = 200, description = "当前登录的人 / Who is logged in", body = Me)),
)]
pub(crate) async fn me(visit: Visit, asked: Asked) -> Answer {
    asked.only(&[])?;
    let mut ctx = visit.ctx().await?;
    let identity = zhengtong_party::my_identity(&mut ctx).await?;
    ctx.commit().await?;
    Ok(json(&shown(&visit, identity)))
}

fn shown(visit: &Visit, identity: Identity) -> Me {
    let person = identity.person;
    let rule = if person.id_kind == IdKind::Citizen { "gb11643" } else { "document" };
    Me {
        kind: visit.actor.kind.word(),
        name: person.name,
        id_kind: person.id_kind.word(),
        id_number: person.id_number.as_deref().map(|number| mask(rule, number)),
        phone: person.phone.as_deref().map(|phone| mask("mobile", phone)),
        level: person.level,
        roles: visit.actor.roles.clone(),
        acts_for: identity
            .behalf
            .map(|behalf| ActsFor { name: behalf.name, credit_code: behalf.credit_code }),
    }
}
