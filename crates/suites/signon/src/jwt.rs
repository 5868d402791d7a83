//! Signed tokens: RS256 and ES256, and nothing else. The algorithm is the key's own, never the token's word.

use p256::ecdsa::signature::{Signer as _, Verifier as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::json::text;
use crate::model::Alg;
use crate::secret::{decode, encode, random};

/// Bits of an RSA key.
const RSA_BITS: usize = 2048;
/// Longer texts are no tokens of ours.
const TOKEN_BYTES_MAX: usize = 8_192;

/// A key that signs.
pub(crate) enum Key {
    /// RSA.
    Rsa(Box<RsaPrivateKey>),
    /// P-256.
    Ec(Box<p256::ecdsa::SigningKey>),
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Key(error.to_string())
}

impl Key {
    /// A new key. Making one for RSA takes a moment: call it where waiting is allowed.
    pub(crate) fn generate(alg: Alg) -> Result<Self> {
        match alg {
            Alg::Rs256 => {
                let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS);
                Ok(Self::Rsa(Box::new(key.map_err(failed)?)))
            }
            Alg::Es256 => loop {
                // Nearly every number of 256 bits is a key; the few that are not are drawn again.
                if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&random::<32>()?) {
                    return Ok(Self::Ec(Box::new(key)));
                }
            },
        }
    }

    /// The private key as bytes, to be sealed.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => Ok(key.to_pkcs8_der().map_err(failed)?.as_bytes().to_vec()),
            Self::Ec(key) => Ok(key.to_bytes().to_vec()),
        }
    }

    /// The private key of bytes that were opened.
    pub(crate) fn from_bytes(alg: Alg, bytes: &[u8]) -> Result<Self> {
        match alg {
            Alg::Rs256 => {
                Ok(Self::Rsa(Box::new(RsaPrivateKey::from_pkcs8_der(bytes).map_err(failed)?)))
            }
            Alg::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(bytes).map_err(failed)?;
                Ok(Self::Ec(Box::new(key)))
            }
        }
    }

    /// The public key as JSON (RFC 7517) without its name.
    pub(crate) fn public(&self) -> Value {
        match self {
            Self::Rsa(key) => json!({
                "kty": "RSA", "use": "sig", "alg": "RS256",
                "n": encode(&key.n().to_bytes_be()), "e": encode(&key.e().to_bytes_be()),
            }),
            Self::Ec(key) => {
                // Uncompressed: 4, then x and y of 32 bytes each.
                let point = key.verifying_key().to_sec1_bytes();
                let part = |from: usize| encode(point.get(from..from + 32).unwrap_or_default());
                json!({
                    "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256",
                    "x": part(1), "y": part(33),
                })
            }
        }
    }

    /// Signs claims. `kind` is the type of the token: `JWT` or `logout+jwt`.
    pub(crate) fn sign(&self, kid: &str, kind: &str, claims: &Value) -> Result<String> {
        let alg = match self {
            Self::Rsa(_) => Alg::Rs256,
            Self::Ec(_) => Alg::Es256,
        };
        let header = json!({ "alg": alg.word(), "kid": kid, "typ": kind });
        let text = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature = match self {
            Self::Rsa(key) => {
                let digest = Sha256::digest(text.as_bytes());
                let padding = Pkcs1v15Sign::new::<rsa::sha2::Sha256>();
                key.sign_with_rng(&mut rsa::rand_core::OsRng, padding, &digest).map_err(failed)?
            }
            Self::Ec(key) => {
                let signature: p256::ecdsa::Signature =
                    key.try_sign(text.as_bytes()).map_err(failed)?;
                signature.to_bytes().to_vec()
            }
        };
        Ok(format!("{text}.{}", encode(&signature)))
    }
}

/// The name of the key that a token says it was signed with.
pub(crate) fn kid(token: &str) -> Option<String> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let header: Value = serde_json::from_slice(&decode(token.split('.').next()?)?).ok()?;
    text(&header, "kid").map(str::to_owned)
}

/// The claims of a token, if this public key signed it.
pub(crate) fn verify(alg: Alg, public: &Value, token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    if text(&header, "alg") != Some(alg.word()) {
        return None;
    }
    let part = |name: &str| text(public, name).and_then(decode);
    let signature = decode(signature)?;
    let sound = match alg {
        Alg::Rs256 => {
            let number = |bytes: Vec<u8>| rsa::BigUint::from_bytes_be(&bytes);
            let key = RsaPublicKey::new(number(part("n")?), number(part("e")?)).ok()?;
            let digest = Sha256::digest(signed.as_bytes());
            key.verify(Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), &digest, &signature).is_ok()
        }
        Alg::Es256 => {
            let point = [vec![4], part("x")?, part("y")?].concat();
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
            let signature = p256::ecdsa::Signature::from_slice(&signature).ok()?;
            key.verify(signed.as_bytes(), &signature).is_ok()
        }
    };
    if !sound {
        return None;
    }
    serde_json::from_slice(&decode(claims)?).ok()
}

/// The left half of the digest of an access token, which ties it to the ID token.
pub(crate) fn half_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    encode(digest.get(..16).unwrap_or_default())
}

/// What a code challenge must be for a verifier (RFC 7636, S256).
pub(crate) fn challenge_of(verifier: &str) -> String {
    encode(&Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_signs_its_public_half_verifies_and_nothing_else() {
        for alg in Alg::ALL {
            let key = Key::generate(alg).unwrap();
            let key = Key::from_bytes(alg, &key.to_bytes().unwrap()).unwrap();
            let public = key.public();
            let claims = json!({ "sub": "a", "n": 1 });
            let token = key.sign("k1", "JWT", &claims).unwrap();
            assert_eq!(kid(&token).as_deref(), Some("k1"));
            assert_eq!(verify(alg, &public, &token), Some(claims));

            let other = Key::generate(alg).unwrap().public();
            assert_eq!(verify(alg, &other, &token), None);
            let (text, signature) = token.rsplit_once('.').unwrap();
            let (header, _) = text.split_once('.').unwrap();
            let forged = encode(br#"{"sub":"b"}"#);
            assert_eq!(verify(alg, &public, &format!("{header}.{forged}.{signature}")), None);
            for word in ["none", "HS256", if alg == Alg::Rs256 { "ES256" } else { "RS256" }] {
                let header = encode(format!(r#"{{"alg":"{word}","kid":"k1"}}"#).as_bytes());
                let (_, claims) = text.split_once('.').unwrap();
                assert_eq!(verify(alg, &public, &format!("{header}.{claims}.{signature}")), None);
                assert_eq!(verify(alg, &public, &format!("{header}.{claims}.")), None);
            }
        }
    }

    #[test]
    fn the_example_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
