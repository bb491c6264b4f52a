/** A screen that is loaded when it is first shown, so that the app's first view doesn't wait for it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { focusHeading } from "./ui";

export function later<Props extends object = object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => preact.JSX.Element | null {
  let loaded: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [, setLoaded] = useState(loaded !== undefined);
    useEffect(() => {
      if (loaded !== undefined) return;
      void load().then((screen) => {
        loaded = screen;
        setLoaded(true);
        focusHeading();
      });
    }, []);
    const Screen = loaded;
    return Screen === undefined ? null : <Screen {...props} />;
  };
}
