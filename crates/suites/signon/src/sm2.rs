//! Signatures of certificates by SM2 with SM3 (GB/T 32918.2, GB/T 35276), as an algorithm for the checker of chains.

use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use sm2::dsa::signature::Verifier as _;
use sm2::dsa::{Signature, VerifyingKey};

/// The identity that GM/T 0009 prescribes where none is agreed.
const IDENTITY: &str = "1234567812345678";
/// `id-ecPublicKey` with the curve of SM2.
const PUBLIC_KEY: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55,
    0x01, 0x82, 0x2d,
];
/// SM2 with SM3.
const SIGNATURE: &[u8] = &[0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
/// The same as some issuers write it, with an empty parameter.
const SIGNATURE_NULL: &[u8] =
    &[0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75, 0x05, 0x00];
/// Bytes of each of the two numbers of a signature.
const NUMBER_BYTES: usize = 32;

/// SM2 with SM3, in one of the two spellings of its name.
#[derive(Debug)]
pub(crate) struct Sm2(&'static [u8]);

/// The usual spelling.
pub(crate) static SM2_SM3: Sm2 = Sm2(SIGNATURE);
/// The other one.
pub(crate) static SM2_SM3_NULL: Sm2 = Sm2(SIGNATURE_NULL);

impl SignatureVerificationAlgorithm for Sm2 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let numbers = numbers(signature).ok_or(InvalidSignature)?;
        let key = VerifyingKey::from_sec1_bytes(IDENTITY, public_key);
        let key = key.map_err(|_no_point| InvalidSignature)?;
        let signature = Signature::from_slice(&numbers).map_err(|_no_numbers| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_wrong| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(PUBLIC_KEY)
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(self.0)
    }
}

/// The two numbers of a signature (SEQUENCE of two INTEGERs in DER), side by side.
fn numbers(der: &[u8]) -> Option<Vec<u8>> {
    let rest = match der {
        [0x30, length, rest @ ..] if usize::from(*length) == rest.len() && *length < 0x80 => rest,
        _ => return None,
    };
    let (first, rest) = number(rest)?;
    let (second, rest) = number(rest)?;
    rest.is_empty().then(|| [first, second].concat())
}

/// One number of 32 bytes, and what comes after it.
fn number(der: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let [0x02, length, rest @ ..] = der else { return None };
    let (value, rest) = rest.split_at_checked(usize::from(*length))?;
    let value = match value {
        [0, more @ ..] if more.first().is_some_and(|first| *first >= 0x80) => more,
        [first, ..] if *first != 0 && *first < 0x80 => value,
        _ => return None,
    };
    let mut padded = vec![0; NUMBER_BYTES.checked_sub(value.len())?];
    padded.extend_from_slice(value);
    Some((padded, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_signature_are_read_in_one_spelling_only() {
        let plain = [&[0x30, 6, 2, 1, 1, 2, 1, 2][..]].concat();
        let read = numbers(&plain).unwrap();
        assert_eq!((read.len(), read[31], read[63]), (64, 1, 2));
        let high = numbers(&[0x30, 7, 2, 2, 0, 0x80, 2, 1, 2]).unwrap();
        assert_eq!(high[31], 0x80);
        for wrong in [
            &[0x30, 6, 2, 1, 1, 2, 1][..],
            &[0x30, 6, 2, 1, 1, 2, 1, 2, 0],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 2],
            &[0x30, 6, 2, 1, 0x80, 2, 1, 2],
            &[0x31, 6, 2, 1, 1, 2, 1, 2],
            &[],
        ] {
            assert_eq!(numbers(wrong), None, "{wrong:?}");
        }
    }
}
