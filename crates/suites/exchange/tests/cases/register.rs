//! The register: who may do what, four eyes, and input that is refused.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_exchange::{
    Endpoint, Keep, NewAccess, NewMember, NewService, PublicKey, State, What, add_key, add_member,
    approve, disable, grant, propose_service, propose_system, relocate, system, systems,
};

use crate::world::{City, official, pem};

async fn city() -> City {
    City::new("http://127.0.0.1:9/base", Keep::None).await
}

fn service(city: &City) -> NewService {
    NewService {
        system: city.provider,
        code: "second".to_owned(),
        title: Text::new("第二个服务", "A second service"),
        url: "https://people.example.gov.cn/api".to_owned(),
        keep: Keep::Digest,
        endpoints: vec![Endpoint { method: "GET".to_owned(), path: "/x/*".to_owned() }],
        openapi: None,
    }
}

#[tokio::test]
async fn one_enters_and_another_approves() {
    let city = city().await;
    let member = {
        let mut ctx = city.test.ctx(official("system-admin", 3, 9)).await;
        system(&mut ctx, city.client).await.unwrap().system.member.id
    };
    let mut ctx = city.test.ctx(official("system-admin", 3, 9)).await;
    let name = Text::new("新系统", "New system");
    let id = propose_system(&mut ctx, member, "new", &name).await.unwrap();
    assert_eq!(approve(&mut ctx, What::System, id).await.unwrap_err().kind(), Kind::Denied);
    let twice = propose_system(&mut ctx, member, "new", &name).await.unwrap_err();
    assert_eq!(twice.fields()[0].field, "code");
    ctx.commit().await.unwrap();
    let mut both = official("system-admin", 3, 9);
    both.roles.push("security-admin".to_owned());
    let mut ctx = city.test.ctx(both).await;
    assert_eq!(approve(&mut ctx, What::System, id).await.unwrap_err().kind(), Kind::Conflict);
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    approve(&mut ctx, What::System, id).await.unwrap();
    let state = system(&mut ctx, id).await.unwrap().system.state;
    assert_eq!(state, State::Approved);
    disable(&mut ctx, What::System, id, "系统下线了").await.unwrap();
    assert!(disable(&mut ctx, What::System, id, "短").await.is_err());
}

#[tokio::test]
async fn a_service_that_moves_is_approved_again() {
    let city = city().await;
    let mut ctx = city.test.ctx(official("system-admin", 3, 9)).await;
    assert!(relocate(&mut ctx, city.service, "ftp://x").await.is_err());
    relocate(&mut ctx, city.service, "https://new.example.gov.cn").await.unwrap();
    let view = system(&mut ctx, city.provider).await.unwrap();
    assert_eq!(view.services[0].state, State::Proposed);
    assert_eq!(view.services[0].url, "https://new.example.gov.cn");
}

#[tokio::test]
async fn others_neither_read_nor_change_the_register() {
    let city = city().await;
    for role in ["head", "window", "supervisor", "steward"] {
        let mut ctx = city.test.ctx(official(role, 5, 100)).await;
        assert_eq!(systems(&mut ctx).await.unwrap_err().kind(), Kind::Denied, "{role}");
        let found = propose_service(&mut ctx, &service(&city)).await.unwrap_err();
        assert_eq!(found.kind(), Kind::Denied, "{role}");
        let found = disable(&mut ctx, What::System, city.client, "不想用了").await.unwrap_err();
        assert_eq!(found.kind(), Kind::Denied, "{role}");
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_field() {
    let city = city().await;
    let mut ctx = city.test.ctx(official("system-admin", 3, 9)).await;
    for (change, field) in [
        ((|new: &mut NewService| new.code = "a b".to_owned()) as fn(&mut NewService), "code"),
        (|new| new.code = "listMethods".to_owned(), "code"),
        (|new| new.url = "people.example.gov.cn".to_owned(), "url"),
        (|new| new.url = "https://user:pass@people.example".to_owned(), "url"),
        (|new| new.url = "https://people.example/?a=1".to_owned(), "url"),
        (|new| new.title.en = " ".to_owned(), "name_en"),
        (|new| new.endpoints.clear(), "endpoints"),
        (|new| new.endpoints[0].method = "FETCH".to_owned(), "endpoints"),
        (|new| new.endpoints[0].path = "x".to_owned(), "endpoints"),
    ] {
        let mut new = service(&city);
        change(&mut new);
        let error = propose_service(&mut ctx, &new).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field, "{new:?}");
    }
    let member = NewMember {
        instance: "330100".to_owned(),
        class: "GOV".to_owned(),
        code: "11330100MB0000019L".to_owned(),
        name: Text::new("单位", "Unit"),
        organisation: None,
    };
    let error = add_member(&mut ctx, &member).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "code", "the check character is wrong");
}

#[tokio::test]
async fn keys_and_rights_end_and_no_key_is_used_twice() {
    let city = city().await;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    let (now, day) = (ctx.now, Duration::days(1));
    let twice = add_key(&mut ctx, city.provider, &pem(&city.key), now + day).await.unwrap_err();
    assert_eq!(twice.fields()[0].field, "pem");
    let other = pem(&zhengtong_crypto::SigningKey::from_seed([5; 32]));
    for valid_to in [now, now + day * 1_200] {
        let error = add_key(&mut ctx, city.provider, &other, valid_to).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "valid_to");
    }
    for wrong in ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        let error = add_key(&mut ctx, city.provider, wrong, now + day).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "pem");
    }
    let right = NewAccess {
        client: city.provider,
        service: city.service,
        endpoint: Endpoint { method: "GET".to_owned(), path: "/x".to_owned() },
        purpose: "自己用".to_owned(),
        basis: "没有依据".to_owned(),
        valid_to: now + day,
    };
    assert_eq!(grant(&mut ctx, &right).await.unwrap_err().fields()[0].field, "client");
    let right = NewAccess { client: city.client, basis: " ".to_owned(), ..right };
    assert_eq!(grant(&mut ctx, &right).await.unwrap_err().fields()[0].field, "basis");
    let nobody = NewAccess { client: Uuid::nil(), ..right };
    assert_eq!(grant(&mut ctx, &nobody).await.unwrap_err().kind(), Kind::NotFound);
}

/// A key and a signature that `openssl` made with SM2, read here.
#[test]
fn a_signature_of_openssl_with_sm2_is_understood() {
    use std::fs::{read, write};
    use std::process::Command;
    let folder = std::env::temp_dir().join(format!("zt-sm2-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let run = |args: &str| {
        let done = Command::new("openssl").args(args.split(' ')).current_dir(&folder).output();
        let done = done.unwrap();
        assert!(done.status.success(), "{args}: {}", String::from_utf8_lossy(&done.stderr));
    };
    write(folder.join("text"), b"signed by another program").unwrap();
    run("genpkey -algorithm SM2 -out key.pem");
    run("pkey -in key.pem -pubout -out public.pem");
    run(
        "pkeyutl -sign -inkey key.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 -in text -out der",
    );
    let key = PublicKey::from_pem(&std::fs::read_to_string(folder.join("public.pem")).unwrap());
    let key = key.expect("the key is read");
    assert_eq!(key.pem(), std::fs::read_to_string(folder.join("public.pem")).unwrap());
    let der = read(folder.join("der")).unwrap();
    let text = read(folder.join("text")).unwrap();
    assert!(key.verifies(&text, &der), "DER");
    let first = usize::from(der[3]);
    let number = |bytes: &[u8]| -> Vec<u8> {
        let bytes: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        [vec![0; 32 - bytes.len()], bytes].concat()
    };
    let plain = [number(&der[4..4 + first]), number(&der[6 + first..])].concat();
    assert!(key.verifies(&text, &plain), "both numbers side by side");
    assert!(!key.verifies(b"another text", &plain));
    std::fs::remove_dir_all(&folder).unwrap();
}
