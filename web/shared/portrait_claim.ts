/** The claim `portrait`, held to the same as by `vc_core/credential_types/portrait.py` before a decoder has it. */

const PREFIX = "data:image/jpeg;base64,";
const MAX_LENGTH = 5_487;
const MAX_BYTES = 4096;
const MAX_WIDTH = 160;
const MAX_HEIGHT = 200;

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const JFIF = 0xe0;
const JFIF_WITHOUT_THUMBNAIL = [0x4a, 0x46, 0x49, 0x46, 0];
const BASELINE_FRAME = 0xc0;
/** Huffman tables, quantisation tables, the restart interval. */
const TABLES = [0xc4, 0xdb, 0xdd];

/** The text is no data URL of a small baseline JPEG, or holds more than that. */
export class BadPortrait extends Error {}

/** The JPEG in a claim's value. Throws `BadPortrait`. */
export function parsePortrait(claim: string): Uint8Array<ArrayBuffer> {
  demand(claim.length <= MAX_LENGTH && claim.startsWith(PREFIX));
  const text = claim.slice(PREFIX.length);
  demand(/^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0);
  const jpeg = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  demand(btoa(String.fromCharCode(...jpeg)) === text);
  checkJpeg(jpeg);
  return jpeg;
}

/** Goes from marker to marker (ITU-T T.81 annex B), up to the first that has no place here. */
function checkJpeg(data: Uint8Array): void {
  demand(data.length <= MAX_BYTES && data[0] === 0xff && data[1] === START);
  let at = 2;
  let frames = 0;
  for (;;) {
    const { marker, content } = segmentAt(data, at);
    at += 4 + content.length;
    if (marker === SCAN && frames === 1) break;
    if (marker === BASELINE_FRAME) {
      checkFrame(content);
      frames += 1;
    } else demand(TABLES.includes(marker) || isPlainJfif(marker, content));
  }
  checkScan(data.subarray(at));
}

function segmentAt(data: Uint8Array, at: number): { marker: number; content: Uint8Array } {
  demand(data[at] === 0xff && at + 4 <= data.length);
  const end = at + 2 + numberAt(data, at + 2);
  demand(at + 4 <= end && end <= data.length);
  return { marker: data[at + 1] ?? 0, content: data.subarray(at + 4, end) };
}

function isPlainJfif(marker: number, content: Uint8Array): boolean {
  return marker === JFIF && content.length === 14 && JFIF_WITHOUT_THUMBNAIL.every((byte, at) => content[at] === byte);
}

/** A picture of few pixels, grey or in colours, eight bits each. */
function checkFrame(content: Uint8Array): void {
  const components = content[5] ?? 0;
  demand(content[0] === 8 && (components === 1 || components === 3) && content.length === 6 + 3 * components);
  const [height, width] = [numberAt(content, 1), numberAt(content, 3)];
  demand(0 < width && width <= MAX_WIDTH && 0 < height && height <= MAX_HEIGHT);
}

/** The one scan of a baseline picture: nothing but data and restarts, up to the end of the file. */
function checkScan(data: Uint8Array): void {
  let at = data.indexOf(0xff);
  for (; data[at + 1] !== END; at = data.indexOf(0xff, at + 2)) {
    const following = data[at + 1] ?? -1;
    demand(at !== -1 && (following === 0 || (0xd0 <= following && following < START)));
  }
  demand(at !== -1 && at + 2 === data.length);
}

const numberAt = (data: Uint8Array, at: number) => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);

function demand(holds: boolean): asserts holds {
  if (!holds) throw new BadPortrait();
}
