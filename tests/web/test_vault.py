"""The wallet's vault in a real browser: its locks, profiles of before, and what a copy of all shows."""

from __future__ import annotations

import datetime

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.web.look import look
from tests.web.phone import NAME, PIN, create_wallet, take_first, wait_until_kept
from tests.web.services import Services

pytestmark = pytest.mark.browser

NEW_PIN = "314159"


def by_name(services: Services) -> Services:
    """The same services by the host's name: passkeys belong to a name, never to an address."""
    return Services({**services.written, "backend": services.url("backend").replace("127.0.0.1", "localhost")})


def add_authenticator(page: Page, **terms: bool) -> tuple[CDPSession, str]:
    """Gives the phone a fingerprint reader, which is touched whenever it asks."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        "hasPrf": True,
        **terms,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def type_pin(page: Page, pin: str) -> None:
    page.get_by_label("Your PIN").fill(pin)
    page.get_by_role("button", name="Open", exact=True).click()


def test_a_fingerprint_opens_the_wallet_beside_the_pin(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.clock.install()
    session, authenticator = add_authenticator(page)
    create_wallet(page, by_name(services))
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Open with fingerprint or face").click()
    page.get_by_label("Your PIN").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the PIN")
    assert session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"] == []
    look(page, "wallet-passkey")
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    look(page, "wallet-settings")
    page.get_by_role("button", name="Change the PIN").click()
    look(page, "wallet-change-pin")
    page.get_by_label("Choose a PIN of 6 digits").fill(NEW_PIN)
    page.get_by_label("The PIN once more").fill(NEW_PIN)
    page.get_by_role("button", name="I forgot the PIN").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()

    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()

    hide_for_minutes(page, 4)
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()
    hide_for_minutes(page, 6)
    expect(page.get_by_text("Whose wallet?")).to_be_visible()

    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("alert")).to_contain_text("Fingerprint or face did not work. Use your PIN.")
    look(page, "wallet-unlock")
    type_pin(page, PIN)
    expect(page.get_by_role("alert")).to_contain_text("This is not the PIN")
    type_pin(page, NEW_PIN)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Open with fingerprint or face").click()
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_label("Your PIN")).to_be_visible()
    expect(page.get_by_role("button", name="Open with fingerprint or face")).to_have_count(0)
    type_pin(page, NEW_PIN)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Remove from this phone").click()
    look(page, "wallet-forget")
    page.get_by_label("Your PIN").fill(NEW_PIN)
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("heading", name="Get your first card")).to_be_visible()


def try_passkey(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Open with fingerprint or face").click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Turn it on").click()


def hide_for_minutes(page: Page, minutes: int) -> None:
    """The phone's owner looks at something else for so long."""
    state = "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => '%s'});"
    changed = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(state % "hidden" + changed)
    page.clock.fast_forward(minutes * 60_000)
    page.evaluate(state % "visible" + changed)


def test_passkeys_that_open_nothing_are_not_offered_or_leave_nothing_behind(
    services: Services, phone: BrowserContext
) -> None:
    page = phone.new_page()
    session, authenticator = add_authenticator(page, hasPrf=False)
    create_wallet(page, by_name(services))
    try_passkey(page)
    expect(page.get_by_role("alert")).to_contain_text("Fingerprint or face did not work.")
    assert session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"] == []

    create_wallet(page, services)  # by the host's address, of which no passkey can be
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("button", name="Change the PIN")).to_be_visible()
    expect(page.get_by_role("button", name="Open with fingerprint or face")).to_have_count(0)


def test_wrong_pins_cost_time_and_open_nothing(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.clock.set_fixed_time(datetime.datetime.now(datetime.UTC))  # however long the guesses take
    create_wallet(page, services)
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name=NAME).click()
    for _ in range(4):
        page.get_by_label("Your PIN").fill("000000")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_contain_text("This is not the PIN")
        page.get_by_role("button", name="Back", exact=True).click()
        page.get_by_role("button", name=NAME).click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many wrong PINs")


def test_what_the_phone_keeps_shows_nothing_to_who_copies_it(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "HealthId_qr_pass", "InsuranceCoverage_dc+sd-jwt")
    page = phone.new_page()
    add_authenticator(page)
    take_first(page, by_name(services), offer)
    expect(page.locator(".card")).to_have_count(2)
    wait_until_kept(page)
    try_passkey(page)
    expect(page.get_by_role("button", name="Change the PIN")).to_be_visible()
    dump = page.evaluate(DUMP)

    assert dump["storage"] == '[{"language":"en"},{}]'
    assert len(dump["keys"]) > 3
    assert not any(dump["keys"])
    person = services.call("GET", "issuer", "/people")["people"][0]
    personal = {person["name"], person["name_latin"], person["birth_date"], person["health_id"], PIN}
    assert [each for each in personal if each in dump["tables"] + dump["storage"] + dump["caches"]] == []
    assert [each for each in ("eyJhbGci", "did:ethr", "HealthId", NAME) if each in dump["tables"]] == []


DUMP = """async () => {
  const keys = [];
  const latin1 = new TextDecoder("latin1"), utf8 = new TextDecoder();
  const shown = (_name, value) => {
    if (value instanceof CryptoKey) { keys.push(value.extractable); return "key"; }
    const isBytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
    return isBytes ? latin1.decode(value) + utf8.decode(value) : value;
  };
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const tables = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      tables.push(await done(database.transaction(table).objectStore(table).getAll()));
    }
  }
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) kept.push(request.url + await (await cache.match(request)).text());
  }
  return {
    tables: JSON.stringify(tables, shown),
    keys,
    caches: kept.join(),
    storage: JSON.stringify([localStorage, sessionStorage]),
  };
}"""


def test_a_profile_of_the_first_version_becomes_a_vault_with_all_that_it_held(
    services: Services, phone: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto(services.url("backend") + "/icon.svg")
    page.evaluate(FIRST_VERSION, PIN)
    page.goto(services.url("backend"))
    page.get_by_text("English").click()
    page.get_by_role("button", name="Sandar").click()
    type_pin(page, NEW_PIN)
    expect(page.get_by_role("alert")).to_contain_text("This is not the PIN")
    assert [len(page.evaluate(ROWS, table)) for table in ("profiles", "vaults")] == [1, 0]
    type_pin(page, PIN)
    expect(page.locator(".card")).to_contain_text("Kept Before")
    assert [len(page.evaluate(ROWS, table)) for table in ("profiles", "vaults", "keys")] == [0, 1, 1]
    page.reload()
    page.get_by_role("button", name="Sandar").click()
    type_pin(page, PIN)
    page.locator(".card").click()
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()


ROWS = """(table) => new Promise((resolve) => {
  const opening = indexedDB.open("sabai-wallet");
  opening.onsuccess = () => {
    const all = opening.result.transaction(table).objectStore(table).getAllKeys();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""

FIRST_VERSION = """async (pin) => {
  const pass = "hEGgoEehOgABAACgQQA";  // the shape of a pass without a claim
  const held = {
    id: "one", keyId: "one", format: "qr_pass", vct: "urn:sabai:credential:HealthId:1", credential: pass,
    privateJwk: {}, issuer: "did:x", issuerName: "An office", claims: { name_latin: "Kept Before" },
    issuedAt: 1, expiresAt: 4000000000,
  };
  const salt = new Uint8Array(16), iv = new Uint8Array(12), bytes = new TextEncoder();
  const deviceKey = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const typed = await crypto.subtle.importKey("raw", bytes.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const terms = { name: "PBKDF2", hash: "SHA-256", salt, iterations: 600000 };
  const slow = await crypto.subtle.deriveBits(terms, typed, 256);
  const bound = await crypto.subtle.sign("HMAC", deviceKey, slow);
  const key = await crypto.subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt"]);
  const content = bytes.encode(JSON.stringify({ credentials: [held] }));
  const sealed = { iv, ciphertext: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, content) };
  const P256 = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey } = await crypto.subtle.generateKey(P256, false, ["sign"]);
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open("sabai-wallet", 1);
    opening.onerror = reject;
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("profiles", { keyPath: "id" });
      opening.result.createObjectStore("keys", { keyPath: "id" });
    };
    opening.onsuccess = () => {
      const writing = opening.result.transaction(["profiles", "keys"], "readwrite");
      const profile = { id: "sandar", name: "Sandar", salt, deviceKey, sealed, wrongPins: 0, lockedUntil: 0 };
      writing.objectStore("profiles").put(profile);
      writing.objectStore("keys").put({ id: "one", profile: "sandar", privateKey });
      writing.oncomplete = () => { opening.result.close(); resolve(); };
    };
  });
}"""
