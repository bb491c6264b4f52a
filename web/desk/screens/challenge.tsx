/** Where neither side has a network: the desk's question as a code, and the phone's answer read on the same screen. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { QrPicture } from "../../shared/qr_picture";
import { Scanner } from "../../shared/scanner";
import { Button, Problem, Progress } from "../../shared/ui";
import { type Challenge, verifier } from "../api";
import { checking, checkText } from "../checking";
import { readingBy } from "../preferences";
import { words } from "../state";
import "../challenge.css";

export function ShowChallenge() {
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const [failed, setFailed] = useState(false);
  const [now, setNow] = useState(Date.now() / 1000);

  async function make(): Promise<void> {
    setFailed(false);
    await verifier.challenge().then(setChallenge, () => setFailed(true));
  }

  useEffect(() => {
    void make();
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, []);

  if (checking.value) return <Progress>{t.value("desk_checking")}</Progress>;
  const left = challenge === null ? 0 : Math.max(0, Math.ceil(challenge.expires_at - now));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <section class="challenge">
      <h1>{t.value("desk_challenge")}</h1>
      <p>{t.value("desk_challenge_advice")}</p>
      {failed ? <Problem>{t.value("desk_challenge_failed")}</Problem> : null}
      <div class="sides">
        <div>
          {challenge === null || left === 0 ? null : (
            <QrPicture text={challenge.qr} label={t.value("desk_challenge")} />
          )}
          <p class="left" role={left === 0 ? "status" : undefined}>
            {challenge === null
              ? null
              : left === 0
                ? t.value("desk_challenge_over")
                : t.value("challenge_left", { time })}
          </p>
          <Button kind={left === 0 ? "main" : "quiet"} onClick={() => void make()}>
            {t.value("desk_challenge_new")}
          </Button>
        </div>
        <div>
          <h2>{t.value("desk_challenge_then")}</h2>
          {readingBy.value === "camera" ? <Scanner onRead={read} pictures={false} /> : null}
          <Button kind="quiet" onClick={() => (readingBy.value = readingBy.value === "camera" ? "scanner" : "camera")}>
            {readingBy.value === "camera" ? t.value("desk_use_scanner") : words.value?.labels.camera}
          </Button>
        </div>
      </div>
    </section>
  );
}

function read(text: string): boolean {
  checkText(text);
  return true;
}
