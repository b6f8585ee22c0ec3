// Bytes and text: UTF-8, hexadecimal, base64 and form encoding, none of which every JavaScript engine brings along.

const CHUNK = 8192;

/** Text to UTF-8 and back. What is not UTF-8 becomes U+FFFD. */
export const utf8 = {
  encode(text) {
    const wellFormed = text.toWellFormed ? text.toWellFormed() : text;
    const octets = unescape(encodeURIComponent(wellFormed));
    const bytes = new Uint8Array(octets.length);
    for (let at = 0; at < octets.length; at += 1) bytes[at] = octets.charCodeAt(at);
    return bytes;
  },
  decode(bytes) {
    const octets = binary(bytes);
    try {
      return decodeURIComponent(escape(octets));
    } catch {
      return lossy(bytes);
    }
  },
};

/** Bytes to lower-case hexadecimal and back; `null` when a text is none. */
export const hex = {
  encode(bytes) {
    let text = "";
    for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
    return text;
  },
  decode(text) {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
    const bytes = new Uint8Array(text.length / 2);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(text.slice(at * 2, at * 2 + 2), 16);
    return bytes;
  },
};

/** Bytes to base64 and back; the URL-safe letters are read too. `null` when a text is none. */
export const base64 = {
  encode(bytes) {
    return btoa(binary(bytes));
  },
  decode(text) {
    const usual = text.replaceAll("-", "+").replaceAll("_", "/");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(usual)) return null;
    const bare = usual.replace(/=+$/, "");
    if (bare.length % 4 === 1) return null;
    const octets = atob(bare.padEnd(Math.ceil(bare.length / 4) * 4, "="));
    return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  },
};

/** `application/x-www-form-urlencoded`. Reading refuses nothing: a wrong escape stands for itself. */
export const form = {
  encode(fields) {
    const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
    return pairs.map(([name, value]) => `${component(name)}=${component(value)}`).join("&");
  },
  decode(text) {
    const parts = text.split("&").filter((part) => part !== "");
    return parts.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [plain(part), ""] : [plain(part.slice(0, at)), plain(part.slice(at + 1))];
    });
  },
};

/** Bytes of what a plugin gives: text, bytes or nothing. */
export function bytesOf(content, what) {
  if (content === undefined || content === null) return new Uint8Array();
  if (typeof content === "string") return utf8.encode(content);
  if (content instanceof Uint8Array) return content;
  throw new TypeError(`${what}: expected text or a Uint8Array, got ${typeof content}`);
}

function component(text) {
  const strict = (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(String(text)).replace(/[!'()~]/g, strict).replaceAll("%20", "+");
}

function plain(text) {
  const octets = unescape(encodeURIComponent(text.replaceAll("+", " ")));
  const decoded = octets.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return utf8.decode(Uint8Array.from(decoded, (octet) => octet.charCodeAt(0)));
}

function binary(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK));
  }
  return text;
}

function lossy(bytes) {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const [length, point] = sequence(bytes, at);
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** How many bytes the next character has, and which it is; U+FFFD for the longest start of one that is wrong. */
function sequence(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [1, first];
  const [size, least] = first >= 0xf0 && first < 0xf5 ? [4, 0x10000] : first >= 0xe0 && first < 0xf0 ? [3, 0x800] : [2, 0x80];
  if (first < 0xc2 || first > 0xf4) return [1, 0xfffd];
  let point = first & (0xff >> (size + 1));
  for (let more = 1; more < size; more += 1) {
    const byte = bytes[at + more];
    if (byte === undefined || (byte & 0xc0) !== 0x80 || (more === 1 && outside(first, byte))) return [more, 0xfffd];
    point = (point << 6) | (byte & 0x3f);
  }
  return point < least ? [size, 0xfffd] : [size, point];
}

/** Second bytes that would make an overlong form, a surrogate or something beyond U+10FFFF. */
function outside(first, second) {
  return (
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f)
  );
}
