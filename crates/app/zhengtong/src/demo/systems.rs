//! A department's own system that logs its users in here, for whoever tries single sign-on.

use anyhow::Result;
use zhengtong_base::Text;
use zhengtong_db::Ctx;
use zhengtong_signon::{Alg, NewClient, Scope, Secret, register_with};

use crate::wire::failed;

/// The name of the system in the protocol.
const CLIENT: &str = "demo-oa";
/// Its secret; it stands in the guide to the demonstration, so it protects nothing.
const SECRET: &str = "zhengtong-demo-2026-oa";

/// Registers the office system of the market regulator. It runs on the same machine, on any port.
pub(super) async fn register(ctx: &mut Ctx) -> Result<()> {
    let new = NewClient {
        id: CLIENT.to_owned(),
        name: Text::new("市场监管办公系统（演示）", "Market regulation office (demonstration)"),
        organisation: "market-regulation".to_owned(),
        confidential: true,
        redirect_uris: vec!["http://127.0.0.1/callback".to_owned()],
        post_logout_uris: vec!["http://127.0.0.1/bye".to_owned()],
        backchannel_uri: None,
        scopes: Scope::ALL.to_vec(),
        citizens: true,
        staff: true,
        alg: Alg::Rs256,
        device: None,
    };
    let registered = register_with(ctx, &new, Secret::from_text(SECRET)).await;
    registered.map_err(|error| failed(&error))?;
    Ok(())
}
