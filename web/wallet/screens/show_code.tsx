/** The QR code for a desk: as large as the screen, drawn anew before desks stop taking it, without a network. */

import { useEffect, useRef, useState } from "preact/hooks";
import qrcode from "qrcode-generator";
import { decodeBase64url } from "../../shared/base64url";
import { t } from "../../shared/language";
import { BackButton } from "../../shared/ui";
import { signWith } from "../holder_keys";
import { createPresentation } from "../qr_pass";
import { go, vault } from "../state";

const REDRAW_SECONDS = 25;
const QUIET_MODULES = 4;

export function ShowCode(props: { id: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [left, setLeft] = useState(0);
  const held = vault.value?.content.credentials.find(({ id }) => id === props.id);

  useEffect(() => {
    if (held === undefined || left > 0) return;
    const presentedAt = Math.floor(Date.now() / 1000);
    void createPresentation(decodeBase64url(held.credential), presentedAt, (message) =>
      signWith(held.keyId, message),
    ).then((text) => {
      if (canvas.current !== null) draw(canvas.current, text);
      setLeft(REDRAW_SECONDS);
    });
  }, [held, left]);

  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000);
    const awake = navigator.wakeLock?.request("screen").catch(() => undefined);
    return () => {
      clearInterval(timer);
      void awake?.then((lock) => lock?.release());
    };
  }, []);

  if (held === undefined) return null;
  return (
    <main class="shown">
      <BackButton onClick={() => go({ name: "cards" })} />
      <canvas class="code" ref={canvas} role="img" aria-label={t.value("show")} />
      <p>{t.value("show_advice")}</p>
      <p class="quiet-text" aria-hidden="true">
        {t.value("new_code_in", { seconds: left })}
      </p>
    </main>
  );
}

function draw(canvas: HTMLCanvasElement, text: string): void {
  const code = qrcode(0, "M");
  code.addData(text, "Alphanumeric");
  code.make();
  const modules = code.getModuleCount();
  const side = modules + 2 * QUIET_MODULES;
  // Whole pixels for each module: a code that the browser scales by a fraction is harder to read.
  const scale = Math.max(1, Math.floor((canvas.clientWidth * devicePixelRatio) / side));
  canvas.width = canvas.height = side * scale;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000000";
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) {
      if (code.isDark(row, column)) {
        context.fillRect((column + QUIET_MODULES) * scale, (row + QUIET_MODULES) * scale, scale, scale);
      }
    }
  }
}
