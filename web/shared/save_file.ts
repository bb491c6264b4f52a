/** Lets the browser save what a page has made. */

const KEPT_MS = 60_000;

/** The browser reads the file after the click, so its address stays for a while. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
