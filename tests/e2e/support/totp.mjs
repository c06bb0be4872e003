// An authenticator app for tests (RFC 6238): codes from the base32 secret that the set-up page shows.
import { createHmac } from 'node:crypto';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytes(base32) {
  const bits = [...base32.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
}

/** A code works once: each call gives the next one, beginning one step in the past, which the console still takes. */
export function authenticator(secret) {
  let step = 0;
  return async () => {
    const now = () => Math.floor(Date.now() / 30_000);
    // Not the past step when the present one is about to end: by the time the page has sent it, it would be two steps old.
    const ending = Date.now() % 30_000 > 20_000;
    step = Math.max(step + 1, now() - (ending ? 0 : 1));
    while (step > now() + 1) await new Promise((resolve) => setTimeout(resolve, 30_000 - (Date.now() % 30_000)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', bytes(secret)).update(counter).digest();
    const offset = mac[19] & 15;
    return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  };
}
