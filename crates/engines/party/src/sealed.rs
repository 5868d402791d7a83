//! What of a person and an account stands sealed: the name, the number of the identity document, the telephone
//! number, the secret of the second factor, the reasons that officials write. Each value opens only in the row it was sealed for.

use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Attr, Ctx, Keyring, Thing};

use crate::directory::card;
use crate::error::{Error, Result};
use crate::model::{PersonCard, PersonPlain};
use crate::store::{account, organisation, person, recovery, substitute};
use crate::things::{reason, record};

/// The field of identity numbers.
pub(crate) const ID_NUMBER: &str = "party.person.id_number";
/// The field of telephone numbers.
pub(crate) const PHONE: &str = "party.person.phone";
/// The field of names.
pub(crate) const NAME: &str = "party.person.name";
/// The field of what officials write about people.
pub(crate) const WORDS: &str = "party.words";
/// The field of secrets of second factors.
pub(crate) const TOTP: &str = "party.account.totp";

/// The fields of this engine that need keys.
pub const SEALED: &[&str] = &[ID_NUMBER, PHONE, TOTP, NAME, WORDS];

/// Rows that one step takes.
const ROWS_MAX: i64 = 1_000;

/// The name and the numbers of a person as they are stored.
pub(crate) struct SealedPerson {
    pub(crate) name: String,
    pub(crate) name_index: Vec<u8>,
    pub(crate) id_number: Option<Vec<u8>>,
    pub(crate) index: Option<Vec<u8>>,
    pub(crate) phone: Option<Vec<u8>>,
}

impl SealedPerson {
    pub(crate) fn of(ring: &Keyring, person: &PersonPlain) -> Result<Self> {
        let seal = |field: &str, value: &Option<String>| -> Result<Option<Vec<u8>>> {
            let Some(value) = value else { return Ok(None) };
            let sealed = ring.seal(field, &place(person.id), value.as_bytes());
            Ok(Some(sealed.map_err(zhengtong_db::Error::from)?))
        };
        let name = ring.seal_text(NAME, &place(person.id), &person.name);
        Ok(Self {
            name: name.map_err(zhengtong_db::Error::from)?,
            name_index: name_index(ring, &person.name)?,
            id_number: seal(ID_NUMBER, &person.id_number)?,
            index: person.id_number.as_deref().map(|number| index(ring, number)).transpose()?,
            phone: seal(PHONE, &person.phone)?,
        })
    }
}

/// The blind index of an identity number.
pub(crate) fn index(ring: &Keyring, id_number: &str) -> Result<Vec<u8>> {
    let number = id_number.trim().to_uppercase();
    Ok(ring.index(ID_NUMBER, &number).map_err(zhengtong_db::Error::from)?.to_vec())
}

/// The blind index of a name: whoever knows the whole name finds who has it.
pub(crate) fn name_index(ring: &Keyring, name: &str) -> Result<Vec<u8>> {
    Ok(ring.index(NAME, name.trim()).map_err(zhengtong_db::Error::from)?.to_vec())
}

/// Opens the name of a person.
pub(crate) fn open_name(ring: &Keyring, person: Uuid, stored: String) -> Result<String> {
    Ok(ring.read_text(NAME, &place(person), stored).map_err(zhengtong_db::Error::from)?)
}

/// Seals what an official wrote, for its row.
pub(crate) fn seal_words(ctx: &Ctx, what: &str, id: Uuid, words: &str) -> Result<String> {
    let sealed = ctx.keyring()?.seal_text(WORDS, &format!("{what}/{id}"), words);
    Ok(sealed.map_err(zhengtong_db::Error::from)?)
}

/// Opens what an official wrote.
pub(crate) fn open_words(ring: &Keyring, what: &str, id: Uuid, stored: String) -> Result<String> {
    let plain = ring.read_text(WORDS, &format!("{what}/{id}"), stored);
    Ok(plain.map_err(zhengtong_db::Error::from)?)
}

/// Opens a number of a person.
pub(crate) fn open(
    ring: &Keyring,
    field: &str,
    person: Uuid,
    sealed: Option<&[u8]>,
) -> Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = ring.open_text(field, &place(person), sealed);
    Ok(Some(plain.map_err(zhengtong_db::Error::from)?))
}

/// Seals the secret of a second factor for its account.
pub(crate) fn seal_totp(ring: &Keyring, account: Uuid, secret: &[u8]) -> Result<Vec<u8>> {
    Ok(ring.seal(TOTP, &place(account), secret).map_err(zhengtong_db::Error::from)?)
}

/// Opens the secret of a second factor.
pub(crate) fn open_totp(ctx: &Ctx, account: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    let plain = ctx.keyring()?.open(TOTP, &place(account), sealed);
    Ok(plain.map_err(zhengtong_db::Error::from)?)
}

/// Seals what still stands plain from before there were keys. Called at the start, before anybody reads;
/// gives how many rows were sealed.
pub async fn protect(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("party.protect", &Thing::new("platform", ""))?;
    let ring = ctx.keyring()?;
    let mut count = 0;
    loop {
        let rows = person::plain(ctx, ROWS_MAX).await?;
        for row in &rows {
            person::seal(ctx, row).await?;
            count += 1;
        }
        if rows.is_empty() {
            break;
        }
    }
    for (id, secret, pending) in account::plain_totp(ctx.conn()).await? {
        let seal = |secret: Option<Vec<u8>>| {
            secret.map(|secret| seal_totp(&ring, id, &secret)).transpose()
        };
        let (secret, pending) = (seal(secret)?, seal(pending)?);
        account::set_totp(ctx.conn(), id, secret, pending).await?;
        count += 1;
    }
    if count > 0 {
        recovery::reseal(ctx).await?;
        substitute::reseal(ctx).await?;
        let act = ctx.act("party.protect", "platform", "").because(format!("{count} rows sealed"));
        record(ctx, act).await?;
    }
    Ok(count)
}

/// Seals everything again under the newest keys, one step after `after`; gives where the next step begins.
pub async fn reseal(ctx: &mut Ctx, after: Uuid) -> Result<Option<Uuid>> {
    ctx.allow("party.protect", &Thing::new("platform", ""))?;
    let rows = person::after(ctx, after, ROWS_MAX).await?;
    for row in &rows {
        person::seal(ctx, row).await?;
    }
    let Some(last) = rows.last() else {
        let ring = ctx.keyring()?;
        for (id, secret, pending) in account::sealed_totp(ctx.conn()).await? {
            let again = |sealed: Option<Vec<u8>>| -> Result<Option<Vec<u8>>> {
                let Some(sealed) = sealed else { return Ok(None) };
                let plain = ring.open(TOTP, &place(id), &sealed);
                seal_totp(&ring, id, &plain.map_err(zhengtong_db::Error::from)?).map(Some)
            };
            let (secret, pending) = (again(secret)?, again(pending)?);
            account::set_totp(ctx.conn(), id, secret, pending).await?;
        }
        recovery::reseal(ctx).await?;
        substitute::reseal(ctx).await?;
        return Ok(None);
    };
    Ok(Some(last.id))
}

/// The masked numbers of a person whose matter a department handles. The caller answers for that; the look at
/// the matter itself is on record.
pub async fn contact(ctx: &mut Ctx, id: Uuid, department: Uuid) -> Result<PersonCard> {
    ctx.allow_or_absent("party.contact", &handled(id, department))?;
    let plain = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    Ok(card(&plain))
}

/// A matter in which a person takes part. Whoever handles matters answers for what it says.
#[derive(Clone, Debug)]
pub struct Matter {
    /// The person.
    pub person: Uuid,
    /// The department that handles it.
    pub department: Uuid,
    /// Its number.
    pub case: String,
    /// The role of a step that waits for whoever asks: in their hands, or free for them. None when it waits for
    /// somebody else or for nobody.
    pub role: Option<String>,
}

/// The plain numbers of a person in a matter that whoever asks has in hand, for a reason that the person will read.
/// There is no way to them without a matter.
pub async fn reveal_contact(ctx: &mut Ctx, matter: &Matter, why: &str) -> Result<PersonPlain> {
    let id = matter.person;
    let mut thing = handled(id, matter.department);
    if let Some(role) = &matter.role {
        thing = thing
            .with("side", Attr::Text("office".to_owned()))
            .with("role", Attr::Text(role.clone()));
    }
    ctx.allow_or_absent("party.reveal_contact", &thing)?;
    let why = reason(why)?;
    let plain = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    let act = ctx
        .act("party.reveal", "person", id.to_string())
        .about(Some(id))
        .because(format!("{why}［证件号码、手机号码］"));
    record(ctx, act).await?;
    Ok(plain)
}

/// What a post is called, for whoever reads what its holder did.
pub async fn post_title(ctx: &mut Ctx, id: Uuid) -> Result<Option<Text>> {
    let Some(post) = organisation::post(ctx.conn(), id).await? else { return Ok(None) };
    let thing = Thing::new("organisation", post.organisation.to_string());
    Ok(ctx.may("party.organisation", &thing).then_some(post.title))
}

fn handled(id: Uuid, department: Uuid) -> Thing {
    Thing::new("person", id.to_string()).owned_by(Some(id)).handled_by(Some(department))
}

fn place(id: Uuid) -> String {
    id.to_string()
}
