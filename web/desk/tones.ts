/** A verdict for who is not looking: two notes upwards or one low note, and on a phone one pulse or three. */

import type { Verdict } from "./api";
import { sound, vibration } from "./preferences";

interface Note {
  hertz: number;
  begins: number;
  lasts: number;
}

const NOTES: Record<Verdict["verdict"], Note[]> = {
  accepted: [
    { hertz: 784, begins: 0, lasts: 0.12 },
    { hertz: 1175, begins: 0.12, lasts: 0.2 },
  ],
  rejected: [{ hertz: 165, begins: 0, lasts: 0.6 }],
};
const PULSES_MS: Record<Verdict["verdict"], number[]> = { accepted: [80], rejected: [200, 100, 200, 100, 200] };

let context: AudioContext | undefined;

export function soundVerdict(verdict: Verdict["verdict"]): void {
  if (sound.value === "on") {
    context ??= new AudioContext();
    void context.resume();
    for (const note of NOTES[verdict]) play(context, note);
  }
  if (vibration.value === "on") navigator.vibrate?.(PULSES_MS[verdict]);
}

function play(audio: AudioContext, note: Note): void {
  const begins = audio.currentTime + note.begins;
  const volume = audio.createGain();
  // A note that ends at once clicks.
  volume.gain.setValueAtTime(0.25, begins);
  volume.gain.exponentialRampToValueAtTime(0.001, begins + note.lasts);
  const oscillator = audio.createOscillator();
  oscillator.type = note.hertz < 200 ? "square" : "sine";
  oscillator.frequency.value = note.hertz;
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(begins);
  oscillator.stop(begins + note.lasts);
}
