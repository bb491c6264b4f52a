"""Keyboards: what each key gives in the American and in the Thai layout, and what becomes of a text that is typed.

By hand from a Thai keyboard's keycaps (Kedmanee, TIS 820-2538), so that the verifier's table has something to agree
with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """A key by its name in browsers (`KeyboardEvent.code`), and its characters without and with Shift."""

    code: str
    american: tuple[str, str]
    thai: tuple[str, str]


def _row(codes: str, american: str, shifted: str, thai: str, thai_shifted: str) -> list[Key]:
    columns = zip(codes.split(), american, shifted, thai, thai_shifted, strict=True)
    return [Key(code, (plain, shift), (one, other)) for code, plain, shift, one, other in columns]


_DIGITS = "Backquote " + " ".join(f"Digit{digit}" for digit in "1234567890") + " Minus Equal"
KEYS = [
    *_row(_DIGITS, "`1234567890-=", "~!@#$%^&*()_+", "_ๅ/-ภถุึคตจขช", "%+๑๒๓๔ู฿๕๖๗๘๙"),
    *_row("KeyQ KeyW KeyE KeyR KeyT KeyY", "qwerty", "QWERTY", "ๆไำพะั", '๐"ฎฑธํ'),
    *_row("KeyU KeyI KeyO KeyP BracketLeft BracketRight", "uiop[]", "UIOP{}", "ีรนยบล", "๊ณฯญฐ,"),
    *_row("KeyA KeyS KeyD KeyF KeyG KeyH", "asdfgh", "ASDFGH", "ฟหกดเ้", "ฤฆฏโฌ็"),
    *_row("KeyJ KeyK KeyL Semicolon Quote", "jkl;'", 'JKL:"', "่าสวง", "๋ษศซ."),
    *_row("KeyZ KeyX KeyC KeyV KeyB", "zxcvb", "ZXCVB", "ผปแอิ", "()ฉฮฺ"),
    *_row("KeyN KeyM Comma Period Slash Backslash", "nm,./\\", "NM<>?|", "ืทมใฝฃ", "์?ฒฬฦฅ"),
    Key("Space", (" ", " "), (" ", " ")),
]
_PRESSED = {character: (key, shift) for key in KEYS for shift, character in enumerate(key.american)}


def pressed(text: str) -> list[tuple[Key, bool]]:
    """What a scanner presses for a text: keys, and whether with Shift."""
    return [(key, bool(shift)) for key, shift in (_PRESSED[character] for character in text)]


def typed(text: str, *, thai: bool = False, caps_lock: bool = False, shift_lock: bool = False) -> str:
    """What arrives: in the Thai layout, with Caps Lock that turns letters, or with one that turns every key."""
    given = []
    for key, shift in pressed(text):
        turned = shift_lock or (caps_lock and key.american[0].isalpha())
        given.append((key.thai if thai else key.american)[shift is not turned])
    return "".join(given)
