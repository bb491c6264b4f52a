/** A person's photo, which their health ID then has: from a file, or the camera where the browser offers it. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
import { Button, Problem } from "../../shared/ui";
import type { Office } from "../api";
import { useListing } from "../listing";
import { photoOf } from "../photo_file";
import { may } from "../state";

export function Photo({ personId }: { personId: string }) {
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [saved, setSaved] = useState(false);
  const { problem, tell, change } = useListing(async (office) => setPhoto(await office.portrait(personId)));

  async function choose(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    setSaved(false);
    const made = await photoOf(file).catch(() => null);
    if (made === null) tell(() => t.value("office_photo_bad"));
    else
      change(async (office: Office) => {
        await office.savePortrait(personId, made);
        setSaved(true);
      });
  }

  function remove(): void {
    setSaved(false);
    change((office) => office.removePortrait(personId));
  }

  return (
    <section class="photo">
      <h3>{t.value("office_photo")}</h3>
      {photo === null ? (
        <p class="quiet-text">{t.value("office_photo_none")}</p>
      ) : (
        <Portrait picture={photo} label={t.value("office_photo")} />
      )}
      {saved ? (
        <p class="good" role="status">
          {t.value("office_photo_saved")}
        </p>
      ) : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {may("officer") ? (
        <div class="actions">
          <label class="file">
            {t.value(photo === null ? "office_photo_add" : "office_photo_replace")}
            <input
              class="unseen"
              type="file"
              accept="image/jpeg,image/png,image/webp"
              onChange={(event) => {
                void choose(event.currentTarget.files?.[0]);
                event.currentTarget.value = "";
              }}
            />
          </label>
          {photo === null ? null : (
            <Button kind="quiet" onClick={remove}>
              {t.value("office_photo_remove")}
            </Button>
          )}
        </div>
      ) : null}
    </section>
  );
}
