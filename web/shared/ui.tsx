/** What all pages are made of: big buttons, fields, and lines that say what is wrong or going on. */

import type { ComponentChildren } from "preact";
import { t } from "./language";

export function Button(props: {
  onClick?: () => void;
  children: ComponentChildren;
  kind?: "main" | "quiet" | "danger";
  disabled?: boolean;
  submit?: boolean;
}) {
  return (
    <button
      type={props.submit ? "submit" : "button"}
      class={props.kind ?? "main"}
      onClick={() => props.onClick?.()}
      disabled={props.disabled ?? false}
    >
      {props.children}
    </button>
  );
}

export function Field(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  kind?: "text" | "integer" | "date" | "pin" | "code" | "link" | "secret";
  maxLength?: number;
}) {
  const code = props.kind === "pin" || props.kind === "code";
  const digits = code || props.kind === "integer";
  const attributes = {
    inputMode: digits ? ("numeric" as const) : props.kind === "link" ? ("url" as const) : ("text" as const),
    autocomplete: "off" as const,
    spellcheck: false,
    maxLength: props.maxLength ?? 4000,
    value: props.value,
    onInput: (event: { currentTarget: HTMLInputElement }) => props.onInput(event.currentTarget.value),
  };
  return (
    <label class={code ? "field spaced" : "field"}>
      <span>{props.label}</span>
      {props.kind === "pin" || props.kind === "secret" ? (
        <input type="password" {...attributes} />
      ) : props.kind === "date" ? (
        <input type="date" {...attributes} />
      ) : (
        <input type="text" {...attributes} />
      )}
    </label>
  );
}

/** One of several, as `<option>`s. */
export function Choice(props: {
  label: string;
  value: string;
  onChoose: (value: string) => void;
  children: ComponentChildren;
  required?: boolean;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        value={props.value}
        onChange={(event) => props.onChoose(event.currentTarget.value)}
        required={props.required ?? false}
      >
        {props.children}
      </select>
    </label>
  );
}

/** What went wrong and what to do next; read out when it appears. */
export function Problem(props: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {props.children}
    </p>
  );
}

/** That something is going on which takes over a second. */
export function Progress(props: { children: ComponentChildren }) {
  return (
    <p class="progress" role="status">
      <span class="spinner" aria-hidden="true" />
      {props.children}
    </p>
  );
}

export function BackButton(props: { onClick: () => void }) {
  return (
    <button type="button" class="back" onClick={props.onClick}>
      <span aria-hidden="true">‹ </span>
      {t.value("back")}
    </button>
  );
}

/** Where a screen took another's place, its heading is where readers and keyboards go on. */
export function focusHeading(): void {
  requestAnimationFrame(() => {
    const heading = document.querySelector<HTMLElement>("main h1, main h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  });
}
