//! One-time codes of RFC 6238 with SHA-1, six digits, thirty seconds: what a phone would show.
//!
//! Written apart from the server's, so that the two check one another.

use anyhow::{Context, Result, bail};

/// Seconds a code is good for.
pub(crate) const STEP_SECONDS: u64 = 30;

/// The code of this secret (base32) at this moment.
pub(crate) fn code(secret: &str, unix_seconds: u64) -> Result<String> {
    let key = base32(secret)?;
    let counter = (unix_seconds / STEP_SECONDS).to_be_bytes();
    let mac = hmac_sha1(&key, &counter);
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 0x0F);
    let four = mac.get(offset..offset + 4).and_then(|part| <[u8; 4]>::try_from(part).ok());
    let number = u32::from_be_bytes(four.context("the code lies outside of its digest")?);
    Ok(format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000))
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut held = 0_u32;
    for sign in text.trim().trim_end_matches('=').bytes().filter(|sign| *sign != b' ') {
        let value = match sign.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            other => bail!("`{}` is no sign of base32", char::from(other)),
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.extend(u8::try_from((held >> bits) & 0xFF));
        }
        held &= (1 << bits) - 1;
    }
    Ok(bytes)
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut block = if key.len() > 64 { sha1(key).to_vec() } else { key.to_vec() };
    block.resize(64, 0);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = sha1(&[pad(0x36).as_slice(), message].concat());
    sha1(&[pad(0x5C).as_slice(), &inner].concat())
}

fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if message.len() % 64 >= 56 {
        padded.resize(padded.len() + 64, 0);
    }
    padded.truncate(padded.len() - 8);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0_u32];
    for chunk in padded.chunks_exact(64) {
        state = compress(state, chunk);
    }
    let mut digest = [0; 20];
    for (place, byte) in digest.iter_mut().zip(state.iter().flat_map(|word| word.to_be_bytes())) {
        *place = byte;
    }
    digest
}

#[expect(clippy::many_single_char_names, reason = "the standard calls its five words so")]
fn compress(state: [u32; 5], chunk: &[u8]) -> [u32; 5] {
    let first = chunk.chunks_exact(4).filter_map(|four| four.try_into().ok());
    let mut words: Vec<u32> = first.map(u32::from_be_bytes).collect();
    for at in 16..80_usize {
        let word = [3, 8, 14, 16]
            .into_iter()
            .filter_map(|back| words.get(at - back))
            .fold(0, |sum, word| sum ^ word);
        words.push(word.rotate_left(1));
    }
    let [mut a, mut b, mut c, mut d, mut e] = state;
    for (round, word) in words.into_iter().enumerate() {
        let (mix, constant) = match round / 20 {
            0 => ((b & c) | (!b & d), 0x5A82_7999),
            1 => (b ^ c ^ d, 0x6ED9_EBA1),
            2 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
            _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
        };
        let next =
            [a.rotate_left(5), mix, e, constant, word].into_iter().fold(0, u32::wrapping_add);
        (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
    }
    let [s0, s1, s2, s3, s4] = state;
    [
        s0.wrapping_add(a),
        s1.wrapping_add(b),
        s2.wrapping_add(c),
        s3.wrapping_add(d),
        s4.wrapping_add(e),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    #[test]
    fn digests_equal_the_standard() {
        for (message, expected) in [
            (String::new(), "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc".to_owned(), "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("a".repeat(55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            ("a".repeat(56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            ("a".repeat(64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        ] {
            assert_eq!(hex(&sha1(message.as_bytes())), expected, "{}", message.len());
        }
    }

    #[test]
    fn codes_equal_the_standard() {
        // The secret of the standard's appendix, "12345678901234567890".
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, seconds).unwrap(), expected);
        }
        assert!(code("!", 0).is_err());
    }
}
