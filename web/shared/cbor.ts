/** The CBOR that QR passes consist of (RFC 8949, deterministic): whole numbers, bytes, texts, arrays, maps, booleans. */

export type Cbor = number | boolean | string | Uint8Array | Cbor[] | Map<number, Cbor>;

const MAX_DEPTH = 8;

export function encodeCbor(value: Cbor): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return join(parts);
}

/** Throws where the bytes are not exactly one value of these kinds. A tag in front of the whole is skipped. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const reader = { bytes, at: 0 };
  if ((bytes[0] ?? 0) >> 5 === 6) readHead(reader);
  const value = read(reader, 0);
  if (reader.at !== bytes.length) throw new Error("bytes are left over");
  return value;
}

function write(value: Cbor, parts: Uint8Array[]): void {
  if (typeof value === "number") parts.push(value < 0 ? head(1, -1 - value) : head(0, value));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    parts.push(head(3, text.length), text);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const each of value) write(each, parts);
  } else writeMap(value, parts);
}

function writeMap(map: Map<number, Cbor>, parts: Uint8Array[]): void {
  const entries = [...map].map(([key, each]) => [encodeCbor(key), encodeCbor(each)] as const);
  entries.sort(([one], [other]) => compare(one, other));
  parts.push(head(5, map.size));
  for (const [key, each] of entries) parts.push(key, each);
}

function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function head(major: number, count: number): Uint8Array {
  const first = major << 5;
  if (count < 24) return Uint8Array.of(first | count);
  if (count < 0x100) return Uint8Array.of(first | 24, count);
  if (count < 0x10000) return Uint8Array.of(first | 25, count >> 8, count & 0xff);
  const bytes = new Uint8Array(count < 2 ** 32 ? 5 : 9);
  const view = new DataView(bytes.buffer);
  bytes[0] = first | (count < 2 ** 32 ? 26 : 27);
  if (count < 2 ** 32) view.setUint32(1, count);
  else view.setBigUint64(1, BigInt(count));
  return bytes;
}

interface Reader {
  bytes: Uint8Array;
  at: number;
}

function take(reader: Reader, length: number): Uint8Array {
  if (length > reader.bytes.length - reader.at) throw new Error("the bytes end too early");
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at);
}

function readHead(reader: Reader): [number, number] {
  const first = take(reader, 1)[0] ?? 0;
  const short = first & 31;
  if (short < 24) return [first >> 5, short];
  if (short > 27) throw new Error("a length that is not given");
  const bytes = take(reader, 2 ** (short - 24));
  return [first >> 5, bytes.reduce((number, byte) => number * 256 + byte, 0)];
}

function read(reader: Reader, depth: number): Cbor {
  if (depth > MAX_DEPTH) throw new Error("too deep");
  const simple = reader.bytes[reader.at];
  if (simple === 0xf4 || simple === 0xf5) return take(reader, 1)[0] === 0xf5;
  const [major, count] = readHead(reader);
  switch (major) {
    case 0:
      return count;
    case 1:
      return -1 - count;
    case 2:
      return take(reader, count);
    case 3:
      return new TextDecoder("utf-8", { fatal: true }).decode(take(reader, count));
    case 4:
      return Array.from({ length: bounded(reader, count) }, () => read(reader, depth + 1));
    case 5:
      return readMap(reader, bounded(reader, count), depth);
    default:
      throw new Error("a kind that is not used");
  }
}

function bounded(reader: Reader, count: number): number {
  if (count > reader.bytes.length - reader.at) throw new Error("the bytes end too early");
  return count;
}

function readMap(reader: Reader, count: number, depth: number): Map<number, Cbor> {
  const map = new Map<number, Cbor>();
  for (let each = 0; each < count; each += 1) {
    const key = read(reader, depth + 1);
    if (typeof key !== "number" || map.has(key)) throw new Error("a key that is no number, or there twice");
    map.set(key, read(reader, depth + 1));
  }
  return map;
}

function join(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
