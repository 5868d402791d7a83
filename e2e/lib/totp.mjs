// One-time codes of RFC 6238 (SHA-1, six digits, thirty seconds), as a phone shows them.
import { createHmac } from "node:crypto";

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
export const STEP_SECONDS = 30;

function base32(text) {
  let bits = "";
  for (const sign of text.toUpperCase().replace(/[= ]/g, "")) {
    const value = SIGNS.indexOf(sign);
    if (value < 0) throw new Error(`"${sign}" is no sign of base32`);
    bits += value.toString(2).padStart(5, "0");
  }
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

export function code(secret, seconds = Date.now() / 1000) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / STEP_SECONDS)));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
