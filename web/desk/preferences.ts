/** What this computer remembers of how its desk works: nothing of patients. */

import { effect, type Signal, signal } from "@preact/signals";

function remembered<T extends string>(name: string, choices: readonly T[]): Signal<T> {
  const kept = localStorage.getItem(name);
  const preference = signal<T>(choices.find((each) => each === kept) ?? (choices[0] as T));
  effect(() => localStorage.setItem(name, preference.value));
  return preference;
}

export const sound = remembered("desk_sound", ["on", "off"]);
export const vibration = remembered("desk_vibration", ["on", "off"]);
export const readingBy = remembered("desk_reading", ["scanner", "camera"]);
