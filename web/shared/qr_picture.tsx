/** A QR code as a picture with a name. The program that draws is loaded when there is one to draw. */

import { useEffect, useRef } from "preact/hooks";

export function QrPicture(props: { text: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    void import("./qr_code").then(({ drawQrCode }) => {
      if (canvas.current !== null) drawQrCode(canvas.current, props.text);
    });
  }, [props.text]);
  return (
    <div class="qr-picture">
      <canvas ref={canvas} role="img" aria-label={props.label} />
    </div>
  );
}
