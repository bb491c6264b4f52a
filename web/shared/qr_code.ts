/** Drawing QR codes: error correction M and a quiet zone of four modules, as desks' scanners were measured with. */

import { correction, generate, mode } from "lean-qr";

const QUIET_MODULES = 4;
const ALPHANUMERIC = /^[0-9A-Z $%*+\-./:]*$/;
/**
 * Every mask is right to a reader. The standard tries all eight, to break up patterns that text may have; what is signed
 * or encrypted looks like chance under each of them, and trying them takes ten times as long as all the rest.
 */
const MASK = 3;

/** The code in whole pixels of the screen for each module, as large as the width of `canvas`'s parent allows. */
export function drawQrCode(canvas: HTMLCanvasElement, text: string): void {
  const data = ALPHANUMERIC.test(text) ? mode.alphaNumeric(text) : text;
  const level = { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M };
  const code = generate(data, { ...level, mask: MASK });
  code.toCanvas(canvas, { on: [0, 0, 0], off: [255, 255, 255], pad: QUIET_MODULES });
  const side = code.size + 2 * QUIET_MODULES;
  const room = canvas.parentElement?.clientWidth ?? side;
  // A code that is scaled by a fraction is harder to read.
  const pixels = Math.max(1, Math.floor((room * devicePixelRatio) / side));
  canvas.style.width = `${(side * pixels) / devicePixelRatio}px`;
}
