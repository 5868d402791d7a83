//! Text messages through a gateway that takes JSON over HTTP, each request signed with HMAC-SM3.

use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_crypto::{hmac_sm3, to_hex};
use zhengtong_egress::{Egress, Error, Request};

use crate::carrier::{Outcome, Sms};

/// One text.
pub(crate) struct Note<'a> {
    pub(crate) id: Uuid,
    pub(crate) to: &'a str,
    pub(crate) text: &'a str,
    pub(crate) at: OffsetDateTime,
}

/// Sends a text. The gateway knows it again by its identifier, so that a second try is not a second text.
pub(crate) async fn send(egress: &Egress, sms: &Sms, note: &Note<'_>) -> Outcome {
    let request = request(sms, note);
    match egress.send(&request).await {
        Ok(answer) if answer.status.is_success() => {
            if taken(sms, &answer.body) {
                Outcome::Sent
            } else {
                Outcome::Never("the gateway did not take it".to_owned())
            }
        }
        Ok(answer) => {
            let why = format!("the gateway answered {}", answer.status.as_u16());
            let passing = answer.status.is_server_error() || answer.status.as_u16() == 429;
            if passing { Outcome::Later(why) } else { Outcome::Never(why) }
        }
        Err(Error::Refused(_) | Error::Settings(_)) => {
            Outcome::Never("the gateway is not on the list of egress.allow".to_owned())
        }
        Err(error) => Outcome::Later(error.to_string()),
    }
}

fn request(sms: &Sms, note: &Note<'_>) -> Request {
    let time = note.at.unix_timestamp().to_string();
    let nonce = note.id.simple().to_string();
    let text = format!("【{}】{}", sms.sign, note.text);
    let signed = [time.as_str(), &nonce, note.to, &text].join("\n");
    let signature = to_hex(&hmac_sm3(&sms.key, signed.as_bytes()));
    let id = note.id.to_string();
    let values = [
        ("{id}", id.as_str()),
        ("{phone}", note.to),
        ("{text}", text.as_str()),
        ("{sign}", sms.sign.as_str()),
        ("{time}", time.as_str()),
        ("{nonce}", nonce.as_str()),
        ("{signature}", signature.as_str()),
    ];
    let mut body = sms.body.clone();
    fill(&mut body, &values);
    let mut url = sms.url.clone();
    // Nothing personal stands in an address: addresses end in logs of others.
    for (name, value) in
        values.into_iter().filter(|(name, _)| !matches!(*name, "{phone}" | "{text}"))
    {
        url = url.replace(name, value);
    }
    Request::post(&url, "application/json", body.to_string().into_bytes())
}

/// Puts the values into the texts of a body; a text that is a name alone becomes the value as it is.
fn fill(body: &mut Value, values: &[(&str, &str)]) {
    match body {
        Value::String(text) => {
            if let Some((_, value)) = values.iter().find(|(name, _)| *text == *name) {
                (*value).clone_into(text);
                return;
            }
            for (name, value) in values {
                *text = text.replace(name, value);
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| fill(row, values)),
        Value::Object(fields) => fields.values_mut().for_each(|value| fill(value, values)),
        _ => {}
    }
}

/// Whether the answer says that the gateway took it.
fn taken(sms: &Sms, body: &[u8]) -> bool {
    let Some((place, wanted)) = &sms.taken else { return true };
    let Ok(answer) = serde_json::from_slice::<Value>(body) else { return false };
    match answer.pointer(place) {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Number(number)) => {
            let text = number.to_string();
            text == *wanted
        }
        Some(Value::Bool(yes)) => wanted.as_str() == if *yes { "true" } else { "false" },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gateway() -> Sms {
        Sms {
            url: "https://sms.example.cn/send?t={time}&p={phone}".to_owned(),
            key: [7; 32],
            sign: "示例市政务".to_owned(),
            body: json!({ "to": ["{phone}"], "msg": "{text}", "s": "{signature}", "n": 1, "x": "a {id}" }),
            taken: Some(("/code".to_owned(), "0".to_owned())),
        }
    }

    #[test]
    fn a_request_is_signed_and_its_values_cannot_break_it() {
        let at = OffsetDateTime::UNIX_EPOCH;
        let note = Note { id: Uuid::nil(), to: "13800001234", text: "\"},{{phone}\n", at };
        let request = request(&gateway(), &note);
        assert_eq!(request.url, "https://sms.example.cn/send?t=0&p={phone}");
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["to"][0], "13800001234");
        assert_eq!(body["msg"], "【示例市政务】\"},{{phone}\n");
        assert_eq!(body["n"], 1);
        let nonce = Uuid::nil().simple().to_string();
        let signed = format!("0\n{nonce}\n13800001234\n【示例市政务】\"}},{{{{phone}}\n");
        assert_eq!(body["s"], to_hex(&hmac_sm3(&[7; 32], signed.as_bytes())));
    }

    #[test]
    fn the_answer_says_whether_it_was_taken() {
        for (answer, expected) in [
            (r#"{"code":0}"#, true),
            (r#"{"code":"0"}"#, true),
            (r#"{"code":1}"#, false),
            ("{}", false),
            ("", false),
        ] {
            assert_eq!(taken(&gateway(), answer.as_bytes()), expected, "{answer}");
        }
        let any = Sms { taken: None, ..gateway() };
        assert!(taken(&any, b""));
    }
}
