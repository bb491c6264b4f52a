import type { ComponentChildren } from "preact";

/** How far something is that takes its time, as a bar and in words. */
export function ProgressBar(props: { done: number; total: number; children: ComponentChildren }) {
  return (
    <div class="progress-bar">
      <progress value={props.done} max={Math.max(props.total, 1)} aria-labelledby="progress-text" />
      <p id="progress-text">{props.children}</p>
    </div>
  );
}
