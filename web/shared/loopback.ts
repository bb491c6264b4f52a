/** Whether an address is of this machine, over http: for trials with everything on one machine. */
export function isLoopback(address: URL): boolean {
  return address.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
}

/** Whether a page may ask an address that somebody else names: only where it is of this machine itself, one of this machine. */
export function mayBeAsked(address: URL): boolean {
  return address.protocol === "https:" || (isLoopback(address) && isLoopback(new URL(location.href)));
}
