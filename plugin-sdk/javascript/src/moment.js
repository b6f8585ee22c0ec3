// Which moment is it, and which random numbers come next? Both belong to the event in hand, never to the machine.
//
// The generator is xoshiro128** over four FNV-1a hashes of the event's identity: good enough for sampling and jitter, and
// never for a secret.

let instant = 0;
let a = 0;
let b = 0;
let c = 0;
let d = 0;

/** Begins an event: its time in milliseconds, and what its random numbers are made from. */
export function begin(at, ...identity) {
  instant = Number(at);
  const text = identity.map((part) => `${part ?? ""}`).join("\0");
  a = hash(text, 0x811c9dc5);
  b = hash(text, 0x01000193);
  c = hash(text, 0x9e3779b9);
  // A state of four zeros would stay there.
  d = hash(text, 0x7f4a7c15) | 1;
  for (let round = 0; round < 8; round += 1) draw();
}

/** The event's time, milliseconds since the Unix epoch. */
export function now() {
  return instant;
}

/** The event's next random number: at least 0, less than 1, with 53 bits. */
export function next() {
  const high = draw() >>> 5;
  const low = draw() >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
}

function draw() {
  const result = Math.imul(turn(Math.imul(b, 5), 7), 9);
  const shifted = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= shifted;
  d = turn(d, 11);
  return result;
}

function turn(word, by) {
  return (word << by) | (word >>> (32 - by));
}

function hash(text, basis) {
  let value = basis | 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    value = Math.imul(value ^ (unit & 0xff), 0x01000193);
    value = Math.imul(value ^ (unit >>> 8), 0x01000193);
  }
  return value;
}

begin(0, "");
