/** A person's photo: a JPEG, or the claim `portrait` of a health ID as `vc_core/credential_types/portrait.py` has it. */

import { useEffect, useState } from "preact/hooks";
import { parsePortrait } from "./portrait_claim";

/** As a `blob:` of this page, which its policy lets in, and only as long as it is to be seen; nothing where it is no JPEG. */
export function Portrait(props: { picture: Blob | string; label: string }) {
  const { picture } = props;
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const jpeg = typeof picture === "string" ? jpegOf(picture) : picture;
    const made = jpeg === null ? null : URL.createObjectURL(jpeg);
    setAddress(made);
    return () => {
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [picture]);
  return address === null ? null : <img class="portrait" src={address} alt={props.label} width="160" height="200" />;
}

function jpegOf(claim: string): Blob | null {
  try {
    return new Blob([parsePortrait(claim)], { type: "image/jpeg" });
  } catch {
    return null;
  }
}
