//! What the gateway tells about itself: who takes part, which services there are and which of them one may call.

use serde_json::{Value, json};
use zhengtong_db::{Ctx, Thing};

use crate::call::Answered;
use crate::error::Result;
use crate::message::Request;
use crate::model::{Endpoint, State};
use crate::refusal::{Fault, Refusal};
use crate::store::message::{Known, Offer};
use crate::store::{message, register};

/// The members and systems that take part, as `listClients` gives them.
pub async fn clients(ctx: &mut Ctx, instance: Option<&str>) -> Result<Value> {
    ctx.allow("exchange.call", &Thing::new("exchange", "clients"))?;
    let systems = register::systems(ctx.conn()).await?;
    let rows = systems.iter().filter(|one| one.state == State::Approved);
    let rows = rows.filter(|one| instance.is_none_or(|wanted| one.member.instance == wanted));
    let rows: Vec<Value> = rows
        .map(|one| {
            json!({
                "id": {
                    "member_class": one.member.class,
                    "member_code": one.member.code,
                    "object_type": "SUBSYSTEM",
                    "subsystem_code": one.code,
                    "xroad_instance": one.member.instance,
                },
                "name": one.member.name.zh,
                "subsystem_name": one.name.zh,
            })
        })
        .collect();
    Ok(json!({ "member": rows }))
}

/// The answer of the gateway itself, if the call is one to it.
pub(crate) async fn answer(
    ctx: &mut Ctx,
    request: &Request,
    known: &Known,
) -> Result<Option<Answered>> {
    let code = request.service.service.as_str();
    if !matches!(code, "listMethods" | "allowedMethods" | "getOpenAPI") {
        return Ok(None);
    }
    let refused = |fault, message: &str| Ok(Some(Answered::refused(Refusal::new(fault, message))));
    if request.method != "GET" || !request.rest.is_empty() {
        return refused(
            Fault::BadRequest,
            "this service of the gateway is asked with GET and no path",
        );
    }
    let Some((provider, State::Approved)) = known.provider else {
        return refused(Fault::UnknownService, "there is no such provider");
    };
    if code == "getOpenAPI" {
        return description(ctx, request, provider).await.map(Some);
    }
    let now = ctx.now;
    let offers = message::offers(ctx.conn(), provider, known.client, now).await?;
    let open = code == "allowedMethods";
    let listed: Vec<Value> = offers
        .iter()
        .map(|offer| (offer, if open { &offer.rights } else { &offer.endpoints }))
        .filter(|(_, endpoints)| !open || !endpoints.is_empty())
        .map(|(offer, endpoints)| row(request, offer, endpoints))
        .collect();
    Ok(Some(Answered::json(&json!({ "service": listed }))))
}

fn row(request: &Request, offer: &Offer, endpoints: &[Endpoint]) -> Value {
    let system = &request.service.system;
    json!({
        "xroad_instance": system.instance,
        "member_class": system.class,
        "member_code": system.member,
        "subsystem_code": system.system,
        "service_code": offer.code,
        "object_type": "SERVICE",
        "service_type": if offer.openapi { "OPENAPI" } else { "REST" },
        "endpoint_list": endpoints,
    })
}

async fn description(ctx: &mut Ctx, request: &Request, provider: uuid::Uuid) -> Result<Answered> {
    let query = request.query.as_deref().unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "serviceCode")
        .map(|(_, value)| value.into_owned());
    let Some(code) = asked.filter(|code| !code.is_empty()) else {
        let message = "name the service: ?serviceCode=…";
        return Ok(Answered::refused(Refusal::new(Fault::BadRequest, message)));
    };
    let message = match message::openapi(ctx.conn(), provider, &code).await? {
        Some(Some(text)) => {
            let kind = if text.trim_start().starts_with('{') {
                "application/json; charset=utf-8"
            } else {
                "text/yaml; charset=utf-8"
            };
            return Ok(Answered::of(kind, text.into_bytes()));
        }
        Some(None) => "this service has no description in OpenAPI",
        None => "there is no such service",
    };
    Ok(Answered::refused(Refusal::new(Fault::UnknownService, message)))
}
