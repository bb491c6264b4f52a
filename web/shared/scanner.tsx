/** The phone's camera, looking for a QR code; or a picture of one, where there is no camera or it may not be used. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "./language";
import { createQrReader } from "./qr_reader";
import { Problem, Progress } from "./ui";

const PAUSE_MS = 120;

/**
 * `onRead` says whether the text is what is looked for; where it is not, the camera goes on looking. `pictures` is false
 * where the page has another way for them.
 */
export function Scanner(props: { onRead: (text: string) => boolean; pictures?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<"starting" | "looking" | "no_camera">("starting");
  const [unreadable, setUnreadable] = useState(false);
  const onRead = useRef(props.onRead);
  onRead.current = props.onRead;

  useEffect(() => {
    let stopped = false;
    let camera: MediaStream | undefined;

    async function look(): Promise<void> {
      camera = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
      const read = await createQrReader();
      if (stopped || video.current === null) return stop();
      video.current.srcObject = camera;
      await video.current.play();
      setState("looking");
      let refused: string | null = null;
      while (!stopped && video.current !== null) {
        const text = await read(video.current);
        if (text !== null && text !== refused && !stopped) {
          if (onRead.current(text)) return;
          refused = text;
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }

    function stop(): void {
      stopped = true;
      for (const track of camera?.getTracks() ?? []) track.stop();
    }

    look().catch(() => setState("no_camera"));
    return stop;
  }, []);

  async function readPicture(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    const text = await createQrReader()
      .then(async (read) => read(await createImageBitmap(file)))
      .catch(() => null);
    setUnreadable(text === null);
    if (text !== null) props.onRead(text);
  }

  return (
    <section class="scanner">
      {state === "starting" ? <Progress>{t.value("camera_starting")}</Progress> : null}
      {state === "no_camera" ? <p class="quiet-text">{t.value("no_camera")}</p> : null}
      <video ref={video} muted playsinline hidden={state !== "looking"} aria-label={t.value("scan")} />
      {props.pictures === false ? null : (
        <label class="picture">
          {t.value("scan_picture")}
          <input
            class="unseen"
            type="file"
            accept="image/*"
            onChange={(event) => void readPicture(event.currentTarget.files?.[0])}
          />
        </label>
      )}
      {unreadable ? <Problem>{t.value("no_code_in_picture")}</Problem> : null}
    </section>
  );
}
