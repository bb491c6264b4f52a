import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** How far something is that takes its time, as a bar and in words. */
export function ProgressBar(props: { done: number; total: number; children: ComponentChildren }) {
  const id = useId();
  return (
    <div class="progress-bar">
      <progress value={props.done} max={Math.max(props.total, 1)} aria-labelledby={id} />
      <p id={id}>{props.children}</p>
    </div>
  );
}
