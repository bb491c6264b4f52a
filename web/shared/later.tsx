/** A screen that is loaded when it is first shown, so that the app's first view doesn't wait for it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./language";
import { focusHeading, Problem } from "./ui";

export function later<Props extends object = object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => preact.JSX.Element | null {
  let loaded: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [, setLoaded] = useState(loaded !== undefined);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (screen) => {
          loaded = screen;
          setLoaded(true);
          focusHeading();
        },
        () => setFailed(true),
      );
    }, []);
    const Screen = loaded;
    if (failed) return <Problem>{t.value("something_failed")}</Problem>;
    return Screen === undefined ? null : <Screen {...props} />;
  };
}
