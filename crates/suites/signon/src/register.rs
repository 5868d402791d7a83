//! The register of clients: who may log users in here, and under which conditions. The security administrator's.

use std::fmt::Write as _;

use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_crypto::Digest;
use zhengtong_db::{Ctx, Thing};

use crate::authorize::organisation_name;
use crate::device;
use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{Client, Device, NewClient, Registered, Scope, Secret};
use crate::secret::random;
use crate::store::{client, device as device_store, visit};
use crate::uri;

fn thing(id: &str) -> Thing {
    Thing::new("client", id)
}

/// All clients with the organisations that answer for them.
pub async fn clients(ctx: &mut Ctx) -> Result<Vec<(Client, Text)>> {
    ctx.allow("signon.clients", &thing(""))?;
    let mut list = Vec::new();
    for client in client::all(ctx.conn()).await? {
        let organisation = organisation_name(ctx, &client).await?;
        list.push((client, organisation));
    }
    Ok(list)
}

/// One client with its organisation: the name and the short word.
pub async fn client(ctx: &mut Ctx, id: &str) -> Result<(Client, Text, String)> {
    ctx.allow("signon.clients", &thing(id))?;
    let found = find(ctx, id).await?;
    let organisation = zhengtong_party::organisation(ctx, found.organisation).await?;
    Ok((found, organisation.name, organisation.short.unwrap_or_default()))
}

/// Registers a client. Its secret is shown this once.
pub async fn register(ctx: &mut Ctx, new: &NewClient) -> Result<Registered> {
    register_with(ctx, new, Secret::random()?).await
}

/// Registers a client with a secret that is known already: for the demonstration and for moving a register.
pub async fn register_with(ctx: &mut Ctx, new: &NewClient, secret: Secret) -> Result<Registered> {
    ctx.allow("signon.register", &thing(&new.id))?;
    let mut faults = faults(new);
    if !is_id(&new.id) {
        faults.insert(
            0,
            FieldError::new(
                "id",
                "3 至 50 个小写字母、数字、连字符，以字母或数字开头和结尾",
                "3 to 50 small letters, digits and hyphens, with a letter or digit at both ends",
            ),
        );
    }
    let made = checked(ctx, new, faults).await?;
    let hash = made.confidential.then(|| secret.hash());
    if !client::insert(ctx.conn(), &made, hash.as_deref(), &random::<32>()?).await? {
        return Err(Error::field("id", "这个标识已经登记过", "this name is registered already"));
    }
    let act = ctx.act("signon.register", "client", &made.id).change(None, Some(digest(&made)));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let secret = made.confidential.then_some(secret);
    Ok(Registered { id: made.id, secret })
}

/// Changes a client; its name in the protocol and its secret stay.
pub async fn change(ctx: &mut Ctx, new: &NewClient) -> Result<()> {
    ctx.allow("signon.change", &thing(&new.id))?;
    let before = find(ctx, &new.id).await?;
    if before.device.is_some() != new.device.is_some() {
        return Err(Error::state(
            "登录系统和设备不能互换，请另外登记",
            "a system cannot become a device, nor a device a system; register another one",
        ));
    }
    let faults = faults(new);
    let mut made = checked(ctx, new, faults).await?;
    if before.device.is_some() && made.confidential != before.confidential {
        return Err(Error::field(
            "key",
            "用密钥的设备不能改用公钥，反之也一样，请另外登记",
            "a device keeps its kind of proof, a secret or a key; register another one",
        ));
    }
    made.confidential = before.confidential;
    client::update(ctx.conn(), &made).await?;
    let act = ctx
        .act("signon.change", "client", &new.id)
        .change(Some(digest(&before)), Some(digest(&made)));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Gives a client a new secret; the old one ends at once.
pub async fn renew_secret(ctx: &mut Ctx, id: &str) -> Result<Registered> {
    ctx.allow("signon.renew_secret", &thing(id))?;
    let found = find(ctx, id).await?;
    if !found.confidential {
        return Err(Error::state(
            "这个系统登记为没有密钥的程序，没有密钥可换",
            "this client is registered as a program without a secret",
        ));
    }
    let secret = Secret::random()?;
    client::set_secret(ctx.conn(), id, &secret.hash()).await?;
    let act = ctx.act("signon.renew_secret", "client", id);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Registered { id: found.id, secret: Some(secret) })
}

/// Switches a client off; everything that was given out to it ends at once.
pub async fn disable(ctx: &mut Ctx, id: &str) -> Result<()> {
    ctx.allow("signon.disable", &thing(id))?;
    find(ctx, id).await?;
    let now = ctx.now;
    client::set_disabled(ctx.conn(), id, Some(now)).await?;
    let gone =
        visit::end_at_client(ctx.conn(), (None, id), "the client was switched off", now).await?;
    let tokens = device_store::drop_all(ctx.conn(), id).await?;
    let act = ctx
        .act("signon.disable", "client", id)
        .because(format!("{gone} logins and {tokens} tokens of a device ended"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Switches a client on again.
pub async fn enable(ctx: &mut Ctx, id: &str) -> Result<()> {
    ctx.allow("signon.enable", &thing(id))?;
    find(ctx, id).await?;
    client::set_disabled(ctx.conn(), id, None).await?;
    let act = ctx.act("signon.enable", "client", id);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

async fn find(ctx: &mut Ctx, id: &str) -> Result<Client> {
    client::find(ctx.conn(), id).await?.ok_or_else(|| Error::absent("client", id))
}

fn is_id(id: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=50).contains(&id.len())
        && id.bytes().all(inner)
        && !id.starts_with('-')
        && !id.ends_with('-')
}

/// The client as it would be, or what is wrong with it.
async fn checked(ctx: &mut Ctx, new: &NewClient, mut faults: Vec<FieldError>) -> Result<Client> {
    let organisation = zhengtong_party::organisation_by_short(ctx, new.organisation.trim()).await?;
    if organisation.is_none() {
        faults.push(FieldError::new(
            "organisation",
            "没有这个简称的单位，例如 market-regulation",
            "there is no organisation with this short word, such as market-regulation",
        ));
    }
    let there = organisation.as_ref().map(|organisation| organisation.id);
    let device = match &new.device {
        Some(device) => device::checked(ctx, device, there, &mut faults).await?,
        None => None,
    };
    let Some(organisation) = organisation.filter(|_| faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    if let Some(device) = device {
        return Ok(of_device(ctx, new, organisation.id, device));
    }
    let mut scopes = new.scopes.clone();
    scopes.push(Scope::Openid);
    scopes.sort_unstable();
    scopes.dedup();
    Ok(Client {
        id: new.id.clone(),
        name: Text::new(new.name.zh.trim(), new.name.en.trim()),
        organisation: organisation.id,
        confidential: new.confidential,
        redirect_uris: new.redirect_uris.clone(),
        post_logout_uris: new.post_logout_uris.clone(),
        backchannel_uri: new.backchannel_uri.clone(),
        scopes,
        citizens: new.citizens,
        staff: new.staff,
        alg: new.alg,
        device: None,
        created: ctx.now,
        disabled_at: None,
    })
}

/// A device: nobody is led there and nobody logs in.
fn of_device(ctx: &Ctx, new: &NewClient, organisation: Uuid, device: Device) -> Client {
    Client {
        id: new.id.clone(),
        name: Text::new(new.name.zh.trim(), new.name.en.trim()),
        organisation,
        confidential: device.key.is_none(),
        redirect_uris: Vec::new(),
        post_logout_uris: Vec::new(),
        backchannel_uri: None,
        scopes: Vec::new(),
        citizens: false,
        staff: false,
        alg: new.alg,
        device: Some(device),
        created: ctx.now,
        disabled_at: None,
    }
}

fn faults(new: &NewClient) -> Vec<FieldError> {
    let mut faults = Vec::new();
    for (field, text) in [("name_zh", &new.name.zh), ("name_en", &new.name.en)] {
        let length = text.trim().chars().count();
        if length == 0 || length > 60 || text.chars().any(char::is_control) {
            faults.push(FieldError::new(field, "1 至 60 个字", "1 to 60 characters"));
        }
    }
    if new.device.is_some() {
        return faults;
    }
    if new.redirect_uris.is_empty() {
        faults.push(FieldError::new(
            "redirect_uris",
            "至少写一个地址",
            "write at least one address",
        ));
    }
    let backchannel: Vec<String> = new.backchannel_uri.iter().cloned().collect();
    let lists = [
        ("redirect_uris", &new.redirect_uris),
        ("post_logout_uris", &new.post_logout_uris),
        ("backchannel_uri", &backchannel),
    ];
    for (field, uris) in lists {
        faults.extend(uri_fault(field, uris));
    }
    if !new.citizens && !new.staff {
        faults.push(FieldError::new(
            "kinds",
            "至少选一种账号",
            "choose at least one kind of account",
        ));
    }
    faults
}

fn uri_fault(field: &str, uris: &[String]) -> Option<FieldError> {
    if uris.len() > LIMITS.client_uris {
        let limit = LIMITS.client_uris;
        let (zh, en) = (format!("最多 {limit} 个地址"), format!("at most {limit} addresses"));
        return Some(FieldError::new(field, zh, en));
    }
    let (uri, wrong) = uris.iter().find_map(|uri| Some((uri, uri::judge(uri).err()?)))?;
    let shown: String = uri.chars().take(60).collect();
    let (zh, en) = wrong.words();
    Some(FieldError::new(field, format!("{shown}：{zh}"), format!("{shown}: {en}")))
}

/// The digest of what was registered, in a fixed order.
fn digest(client: &Client) -> String {
    let mut text = format!("{}\n{}\n{}\n", client.id, client.name.zh, client.organisation);
    let uris = client.redirect_uris.iter().chain(&client.post_logout_uris);
    for uri in uris.chain(&client.backchannel_uri) {
        text.push_str(uri);
        text.push('\n');
    }
    for scope in &client.scopes {
        text.push_str(scope.word());
        text.push('\n');
    }
    let flags = (client.citizens, client.staff, client.confidential);
    if let Some(device) = &client.device {
        let key = device.key.as_ref().map(ToString::to_string).unwrap_or_default();
        let lines =
            [device.scopes.join(" "), device.post.to_string(), device.expires.to_string(), key];
        text.push_str(&lines.join("\n"));
    }
    if write!(text, "{flags:?} {}", client.alg.word()).is_err() {
        tracing::debug!("writing to a text cannot fail");
    }
    Digest::of(text.as_bytes()).to_string()
}
