//! Verifying a paper by its code, for anybody who holds one.

use axum::extract::Path;
use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_base::Kind;
use zhengtong_document::{Public, State};
use zhengtong_http::{Answer, Fault, Visit};

use crate::answer::{Words, iso, json};
use crate::asked::Asked;

/// 查验结果 / What anyone who holds the code may know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verified {
    /// 名称 / What people call it.
    title: Words,
    /// 种类：licence 证照，notice 文书，receipt 回执 / Licence, notice or receipt.
    kind: &'static str,
    /// 编号 / The number.
    number: String,
    /// 电子证照标识（GB/T 36904） / The national identifier (GB/T 36904).
    identifier: Option<String>,
    /// 持有者，个人姓名掩码 / The holder; a person's name is masked.
    holder: String,
    /// 颁发机关 / The issuer.
    issuer: String,
    /// 颁发日期 / The day of issue.
    issued: String,
    /// 有效期起 / The first day.
    valid_from: String,
    /// 有效期止，空为长期 / The last day; none means without end.
    valid_to: Option<String>,
    /// 今天的状态：valid 有效，coming 未生效，expired 过期，revoked 已撤销，replaced 已换发新证，cancelled 已注销 / Its state today.
    state: &'static str,
    /// 今天是否有效 / Whether it is in force today.
    valid: bool,
}

#[utoipa::path(
    get, path = "/api/v1/verify/{code}", operation_id = "verify", tag = "papers",
    summary = "查验证照 / Verify a paper",
    description = "凭证照上的查验码查验，不用登录，每次查验都留记录。 / By the code on the paper, without a login; each use is recorded.",
    params(("code" = String, Path, description = "查验码，26 位，可带空格和短横 / The code, 26 characters, with or without spaces and hyphens")),
    responses((status = 200, description = "这份证照 / The paper", body = Verified)),
)]
pub(crate) async fn verify(visit: Visit, Path(code): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_document::verify(&mut ctx, &code).await?;
    ctx.commit().await?;
    found.map(|public| json(&shown(public))).ok_or_else(|| {
        Fault::new(
            Kind::NotFound,
            "没有这个查验码的证照，请核对证照上的查验码",
            "no paper has this code; compare it with the code on the paper",
        )
    })
}

fn shown(public: Public) -> Verified {
    Verified {
        title: (&public.title).into(),
        kind: public.kind.word(),
        number: public.number,
        identifier: public.identifier,
        holder: public.holder,
        issuer: public.issuer,
        issued: iso(public.issued),
        valid_from: iso(public.valid_from),
        valid_to: public.valid_to.map(iso),
        state: match public.state {
            State::Coming => "coming",
            State::Valid => "valid",
            State::Expired => "expired",
            State::Revoked => "revoked",
            State::Replaced => "replaced",
            State::Cancelled => "cancelled",
        },
        valid: public.state == State::Valid,
    }
}
