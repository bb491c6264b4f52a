/** Whether an address is of this machine, over http: for trials with everything on one machine. */
export function isLoopback(address: URL): boolean {
  return address.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
}
