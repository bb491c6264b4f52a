import { chooseLanguage, LANGUAGES, type Language } from "../../shared/language";
import { Button } from "../../shared/ui";
import { go, goToStart, vault } from "../state";

async function choose(chosen: Language): Promise<void> {
  await chooseLanguage(chosen);
  if (vault.value !== null) go({ name: "cards" });
  else await goToStart();
}

/** Each language by its own name; the only screen without a text in one of them. */
export function ChooseLanguage() {
  return (
    <main>
      <h1 lang="en">Sabai</h1>
      <div class="choices">
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <Button key={code} kind="quiet" onClick={() => void choose(code as Language)}>
            <span lang={code}>{name}</span>
          </Button>
        ))}
      </div>
    </main>
  );
}
