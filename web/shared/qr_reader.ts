/** Reading QR codes from pictures: by the browser's own detector where there is one, else by zxing, loaded only then. */

export type QrReader = (picture: ImageBitmapSource & CanvasImageSource) => Promise<string | null>;

interface Detector {
  detect(picture: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

export async function createQrReader(): Promise<QrReader> {
  const { BarcodeDetector: Detector } = globalThis as { BarcodeDetector?: DetectorClass };
  if (Detector !== undefined && (await Detector.getSupportedFormats()).includes("qr_code")) {
    const detector = new Detector({ formats: ["qr_code"] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null;
  }
  const [{ prepareZXingModule, readBarcodes }, { default: wasmUrl }] = await Promise.all([
    import("zxing-wasm/reader"),
    import("zxing-wasm/reader/zxing_reader.wasm?url"),
  ]);
  await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  return async (picture) => {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const { width, height } = sizeOf(picture);
    if (context === null || width === 0) return null;
    canvas.width = width;
    canvas.height = height;
    context.drawImage(picture, 0, 0, width, height);
    const found = await readBarcodes(context.getImageData(0, 0, width, height), {
      formats: ["QRCode"],
      tryHarder: true,
    });
    return found.find(({ isValid }) => isValid)?.text ?? null;
  };
}

function sizeOf(picture: object): { width: number; height: number } {
  if (picture instanceof HTMLVideoElement) return { width: picture.videoWidth, height: picture.videoHeight };
  const { width, height } = picture as ImageBitmap;
  return { width, height };
}
