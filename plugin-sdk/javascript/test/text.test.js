import assert from "node:assert/strict";
import test from "node:test";
import { base64, form, hex, utf8 } from "../index.js";

test("UTF-8 is read as everybody reads it", () => {
  const cases = ["", "abc", "é€😀", "\0\x7f\u0080"];
  for (const text of cases) {
    assert.deepEqual([...utf8.encode(text)], [...Buffer.from(text)], text);
    assert.equal(utf8.decode(utf8.encode(text)), text);
  }
  const reference = new TextDecoder("utf-8", { ignoreBOM: true });
  const wrong = [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0x80], [0x61, 0xe2, 0x28, 0x62], [0xf0, 0x9f, 0x98]];
  for (const bytes of wrong) {
    assert.equal(utf8.decode(Uint8Array.from(bytes)), reference.decode(Uint8Array.from(bytes)), bytes.join());
  }
  assert.equal(utf8.decode(new Uint8Array(100_000).fill(97)).length, 100_000);
});

test("hexadecimal and base64 refuse what they are not", () => {
  const bytes = Uint8Array.from([0, 1, 0xfe, 0xff, 0x3e]);
  assert.equal(hex.encode(bytes), "0001feff3e");
  assert.deepEqual(hex.decode("0001FEFF3e"), bytes);
  assert.equal(base64.encode(bytes), "AAH+/z4=");
  assert.deepEqual(base64.decode("AAH+/z4="), bytes);
  assert.deepEqual(base64.decode("AAH-_z4"), bytes);
  for (const text of ["0", "zz", "0x00"]) assert.equal(hex.decode(text), null, text);
  for (const text of ["A", "AA=A", "A A=", "é"]) assert.equal(base64.decode(text), null, text);
});

test("forms are read and written", () => {
  assert.equal(form.encode({ a: "x y", b: "é&=" }), "a=x+y&b=%C3%A9%26%3D");
  assert.deepEqual(form.decode("a=x+y&b=%C3%A9%26%3D&c&=d&&e=100%&f=%zz"), [
    ["a", "x y"],
    ["b", "é&="],
    ["c", ""],
    ["", "d"],
    ["e", "100%"],
    ["f", "%zz"],
  ]);
});
