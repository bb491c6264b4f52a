/**
 * Scanning with the desk's camera. What it reads goes to the desk's own page as a form, as a wedge scanner's typing does:
 * the verdict is that page's, in its languages, and one scan works as the other.
 */

import { render } from "preact";
import { chooseLanguage, LANGUAGES, type Language, rememberedLanguage, t } from "../shared/language";
import { Scanner } from "../shared/scanner";

function check(text: string): boolean {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/";
  form.enctype = "multipart/form-data";
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "qr";
  field.value = text;
  form.append(field);
  document.body.append(form);
  form.submit();
  return true;
}

function App() {
  return (
    <main>
      <a class="back" href="/">
        <span aria-hidden="true">‹ </span>
        {t.value("back")}
      </a>
      <h1>{t.value("desk_camera")}</h1>
      <Scanner onRead={check} />
    </main>
  );
}

async function start(): Promise<void> {
  const asked = new URLSearchParams(location.search).get("language");
  const known = asked !== null && asked in LANGUAGES ? (asked as Language) : null;
  await chooseLanguage(known ?? rememberedLanguage() ?? "th");
  render(<App />, document.getElementById("app") as HTMLElement);
}

void start();
