/** Waiting for a patient's code: by the scanner, by the camera, or as a picture. */

import { t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { Button, Problem, Progress } from "../../shared/ui";
import { check, checking, checkText, failure } from "../checking";
import { Icon } from "../icons";
import { readingBy } from "../preferences";
import { words } from "../state";

export function Check() {
  const labels = words.value?.labels ?? {};
  if (checking.value) return <Progress>{t.value("desk_checking")}</Progress>;
  const byCamera = readingBy.value === "camera";
  return (
    <section class="reading">
      <h1>{labels.scan}</h1>
      {failure.value === null ? null : (
        <Problem>{t.value(failure.value === "unreachable" ? "desk_unreachable" : "desk_not_taken")}</Problem>
      )}
      {byCamera ? <Scanner onRead={read} pictures={false} /> : <Waiting />}
      <div class="ways">
        <Button kind="quiet" onClick={() => (readingBy.value = byCamera ? "scanner" : "camera")}>
          <Icon name={byCamera ? "scan" : "camera"} />
          {byCamera ? t.value("desk_use_scanner") : labels.camera}
        </Button>
        <label class="button quiet">
          <Icon name="picture" />
          {labels.picture}
          <input
            class="unseen"
            type="file"
            accept="image/png,image/jpeg"
            onChange={(event) => takePicture(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
    </section>
  );
}

function Waiting() {
  return (
    <div class="waiting">
      <Icon name="scan" />
      <p>{t.value("desk_scan_hint")}</p>
      <p class="quiet-text">{t.value("desk_drop_hint")}</p>
    </div>
  );
}

function read(text: string): boolean {
  checkText(text);
  return true;
}

function takePicture(picture: File | undefined): void {
  if (picture !== undefined) void check(picture);
}
