import { useEffect, useState } from "preact/hooks";
import { useProblem } from "../../shared/attempt";
import { dateText, t } from "../../shared/language";
import { Button, Field, Problem } from "../../shared/ui";
import type { Person } from "../api";
import { problemText } from "../problem_text";
import { go, office } from "../state";

const PAUSE_MS = 250;

/** Finding a person by name or number, as one types. */
export function People() {
  const [search, setSearch] = useState("");
  const [people, setPeople] = useState<Person[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, tell] = useProblem();

  useEffect(() => {
    let outdated = false;
    const timer = setTimeout(() => {
      office.value?.people(search, "").then(
        (page) => {
          if (outdated) return;
          setPeople(page.people);
          setNext(page.next);
          tell(null);
        },
        (error: unknown) => tell(() => problemText(error)),
      );
    }, PAUSE_MS);
    return () => {
      outdated = true;
      clearTimeout(timer);
    };
  }, [search]);

  async function more(): Promise<void> {
    if (office.value === null || next === null) return;
    const page = await office.value.people(search, next);
    setPeople([...(people ?? []), ...page.people]);
    setNext(page.next);
  }

  return (
    <>
      <Field label={t.value("office_search")} value={search} onInput={setSearch} maxLength={100} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {people?.length === 0 ? <p class="quiet-text">{t.value("office_nobody")}</p> : null}
      <ul class="people">
        {people?.map((person) => (
          <li key={person.person_id}>
            <button type="button" class="person" onClick={() => go({ name: "person", person })}>
              <strong>{person.name}</strong>
              <span>{person.name_latin}</span>
              <span class="quiet-text">
                {person.health_id} · {dateText(person.birth_date)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {next === null ? null : (
        <Button kind="quiet" onClick={() => void more()}>
          {t.value("office_more")}
        </Button>
      )}
    </>
  );
}
