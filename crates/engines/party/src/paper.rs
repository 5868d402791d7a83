//! Recovery codes: ten codes on paper for who has lost the device or the password. Shown once, kept as salted
//! digests of eighty random bits each; each works once, and its use is told to its owner.

use serde_json::json;
use uuid::Uuid;
use zhengtong_crypto::sm3;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::login::{open, refuse, set_new_password};
use crate::model::{RecoveryCodes, Tried};
use crate::names;
use crate::new::Origin;
use crate::store::account::{self, Account};
use crate::store::recovery::{self, PaperCode};
use crate::things::{account_of, limits, own, record};
use crate::throttle;
use crate::token::{Token, random};

/// Letters that are not taken for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// New codes, shown this once; older ones stop working.
pub async fn renew_recovery_codes(ctx: &mut Ctx) -> Result<Vec<String>> {
    ctx.allow("party.renew_recovery_codes", &own(ctx, "account"))?;
    let id = account_of(ctx, "party.renew_recovery_codes")?;
    let count = limits(ctx).recovery_codes;
    let (mut shown, mut kept) = (Vec::new(), Vec::new());
    for place in 1..=count {
        let (code, salt) = (new_code()?, random::<16>()?.to_vec());
        kept.push(PaperCode { place, code_hash: hash(&salt, &code), salt });
        shown.push(in_groups(&code));
    }
    let now = ctx.now;
    recovery::put_codes(ctx.conn(), id, &kept, now).await?;
    let act = ctx
        .act("party.renew_recovery_codes", "account", id.to_string())
        .about(ctx.actor.person)
        .because(format!("{count} codes"));
    record(ctx, act).await?;
    Ok(shown)
}

/// How many of one's own codes are left, and when they were made.
pub async fn recovery_codes(ctx: &mut Ctx) -> Result<RecoveryCodes> {
    ctx.allow("party.recovery_codes", &own(ctx, "account"))?;
    let id = account_of(ctx, "party.recovery_codes")?;
    recovery::codes_left(ctx.conn(), id).await
}

/// Enters a recovery code in place of the code of the second factor. A refusal is counted and recorded:
/// commit in every case.
pub async fn enter_recovery_code(
    ctx: &mut Ctx,
    pending: &Token,
    code: &str,
) -> Result<Tried<Token>> {
    ctx.allow("party.enter_code", &Thing::new("login", ""))?;
    let now = ctx.now;
    let proof = account::proof(ctx.conn(), &pending.hash(), now).await?;
    let Some(proof) = proof else { return Ok(Tried::Refused(Error::StaleProof)) };
    let found = account::by_id(ctx, proof.account).await?;
    let Some(account) = found.filter(|account| account.disabled_at.is_none()) else {
        return Ok(Tried::Refused(Error::Disabled));
    };
    if let Some(refusal) = use_code(ctx, &account, code, &proof.ip).await? {
        return Ok(Tried::Refused(refusal));
    }
    account::forget_proof(ctx.conn(), &pending.hash()).await?;
    let means = format!("{}+recovery-code", proof.means);
    let origin = Origin { ip: &proof.ip, agent: &proof.agent };
    Ok(Tried::Done(open(ctx, &account, &means, true, origin).await?))
}

/// Sets a new password with a recovery code in place of the forgotten one. Nobody is logged in by that: who
/// has a second factor still needs it. A refusal is counted and recorded: commit in every case.
pub async fn recover_by_code(
    ctx: &mut Ctx,
    login: &str,
    code: &str,
    new: &str,
    origin: Origin<'_>,
) -> Result<Tried<()>> {
    ctx.allow("party.recover", &Thing::new("login", ""))?;
    let key = names::login_key(login);
    let rules = throttle::of_login(&limits(ctx), &key, origin.ip);
    let found = account::by_login(ctx, &key).await?;
    if let Some(refusal) = throttle::locked(ctx, &rules).await? {
        refuse(ctx, found.as_ref(), "party.recover", "locked", origin.ip).await?;
        return Ok(Tried::Refused(refusal));
    }
    let Some(account) = found.filter(|account| account.disabled_at.is_none()) else {
        throttle::count(ctx, &rules).await?;
        refuse(ctx, None, "party.recover", "no such account", origin.ip).await?;
        return Ok(Tried::Refused(Error::BadRecoveryCode));
    };
    // A weak password is said before the code is used up, and only by rules that tell nothing of the account.
    let faults = crate::known::judged(ctx, ("new", new), &account.login, &[]).await?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    if let Some(refusal) = use_code(ctx, &account, code, origin.ip).await? {
        throttle::count(ctx, &rules).await?;
        return Ok(Tried::Refused(refusal));
    }
    set_new_password(ctx, &account, new, "party.recover").await?;
    Ok(Tried::Done(()))
}

/// Uses a code up; the refusal, counted and recorded, when it is none of those left.
async fn use_code(ctx: &mut Ctx, account: &Account, code: &str, ip: &str) -> Result<Option<Error>> {
    let rule = [throttle::of_code(&limits(ctx), account.id)];
    if let Some(refusal) = throttle::locked(ctx, &rule).await? {
        refuse(ctx, Some(account), "party.use_recovery_code", "locked", ip).await?;
        return Ok(Some(refusal));
    }
    let (code, now) = (plain(code), ctx.now);
    let codes = recovery::open_codes(ctx.conn(), account.id).await?;
    let fits = codes.iter().find(|kept| kept.code_hash == hash(&kept.salt, &code));
    let Some(fits) = fits else {
        throttle::count(ctx, &rule).await?;
        refuse(ctx, Some(account), "party.use_recovery_code", "wrong code", ip).await?;
        return Ok(Some(Error::BadRecoveryCode));
    };
    recovery::use_up(ctx.conn(), account.id, fits.place, now).await?;
    throttle::forgive(ctx, &rule).await?;
    let left = codes.len() - 1;
    let mut act = ctx
        .act("party.use_recovery_code", "account", account.id.to_string())
        .about(Some(account.person))
        .because(format!("code {} used from {ip}, {left} left", fits.place));
    act.account = Some(account.id);
    act.person = Some(account.person);
    act.name.clone_from(&account.name);
    record(ctx, act).await?;
    told(ctx, account.id, account.person, left).await?;
    Ok(None)
}

async fn told(ctx: &mut Ctx, account: Uuid, person: Uuid, left: usize) -> Result<()> {
    let news = json!({ "account": account, "person": person, "left": left });
    ctx.emit("party.recovery_code_used", &account.to_string(), &news).await?;
    Ok(())
}

/// Sixteen letters from ten random bytes.
fn new_code() -> Result<String> {
    let bytes = random::<10>()?;
    let bits = bytes.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let letters = (0..16).rev().map(|place| {
        let index = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
        LETTERS.get(index).map_or('0', |letter| char::from(*letter))
    });
    Ok(letters.collect())
}

fn in_groups(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A code as it is compared: as people read and type it, O for 0 and I or L for 1.
fn plain(code: &str) -> String {
    code.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '－' | '—'))
        .take(32)
        .flat_map(|letter| match letter {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter).to_uppercase()
            }
            _ => letter.to_uppercase(),
        })
        .map(|letter| match letter {
            'O' => '0',
            'I' | 'L' => '1',
            _ => letter,
        })
        .collect()
}

fn hash(salt: &[u8], code: &str) -> Vec<u8> {
    let mut bytes = salt.to_vec();
    bytes.extend_from_slice(code.as_bytes());
    sm3(&bytes).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = new_code().unwrap();
        assert_eq!(code.len(), 16);
        assert_ne!(code, new_code().unwrap());
        assert_eq!(plain(&in_groups(&code)), code);
        assert_eq!(plain(&in_groups(&code).to_lowercase().replace('0', "o")), code);
        assert_eq!(plain("ＡＢ０１ —l"), "AB011");
    }
}
