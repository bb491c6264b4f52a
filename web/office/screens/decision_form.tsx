import type { ComponentChildren } from "preact";
import { t } from "../../shared/language";
import { Button } from "../../shared/ui";

/** What a decision needs, asked where its button was: done with it, or back. */
export function DecisionForm(props: {
  children: ComponentChildren;
  submit: string;
  dangerous?: boolean;
  complete: boolean;
  onDecide: () => void;
  onCancel: () => void;
}) {
  return (
    <form
      class="decision"
      onSubmit={(event) => {
        event.preventDefault();
        props.onDecide();
      }}
    >
      {props.children}
      <div class="actions">
        <Button submit kind={props.dangerous ? "danger" : "main"} disabled={!props.complete}>
          {props.submit}
        </Button>
        <Button kind="quiet" onClick={props.onCancel}>
          {t.value("office_cancel")}
        </Button>
      </div>
    </form>
  );
}
