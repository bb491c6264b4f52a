"""What a wedge scanner typed, before the computer's keyboard layout made something else of it.

A wedge scanner is a keyboard: it presses the keys that have the code's characters in the American layout. Where the
computer has the Thai one (Kedmanee, TIS 820-2538), each key gives a Thai character; where Caps Lock is on, letters come
in the wrong case, and in Windows' Thai layout every key comes as if Shift was held, or not. Each of these is one-to-one
for all that codes are made of, so it can be undone. What can't be undone alone is Unicode normalisation on the way:
four of the keys of a code give marks above or below a letter, and marks that stand together are put into one order (UAX
15), whatever order they came in. Then all the orders they may have come in are candidates, and the signature decides.

A code that came as it is costs one comparison, made by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice, product
from unicodedata import combining, is_normalized

_MOST_RUNS = 12
"""The runs of marks whose orders are tried, the last ones of a text: each has two at least."""
MAX_ORDERS = 2**_MOST_RUNS
"""Candidates for one text; see docs/qr-pass.md for how many codes need more."""
MAX_TYPED = 1_600
"""Characters: the longest that is typed is an answer to a challenge, 1,310 with a pass of 600 bytes, 1,500 at most."""
_MAX_RUN = 6

# From `symbols/us` and `symbols/th` (the variants `basic`) of xkeyboard-config 2.35.1, Debian's xkb-data: the keys in
# the order of the file, without Shift and with it. Generated from there, the keysyms' characters by libxkbcommon.
_AMERICAN = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./\\"
_THAI = "_ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฟหกดเ้่าสวงผปแอิืทมใฝฃ"
_AMERICAN_SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?|'
_THAI_SHIFTED = '%+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦฅ'

_FROM_THAI = str.maketrans(_THAI + _THAI_SHIFTED, _AMERICAN + _AMERICAN_SHIFTED)
_FROM_THAI_SHIFT_LOCKED = str.maketrans(_THAI + _THAI_SHIFTED, _AMERICAN_SHIFTED + _AMERICAN)
_MARKS = re.compile("[\u0e38-\u0e3a\u0e48-\u0e4b]{2,}")
"""Thai characters with a combining class of their own, where they can change places."""


def recover_typed(text: str, prefixes: tuple[str, ...]) -> Iterator[str]:
    """What a scanner may have typed to give `text`, if that begins with one of `prefixes`: the likeliest first.

    Yields nothing where no garbling that is known explains the text, and at most `MAX_ORDERS` candidates.
    """
    text = text.strip()
    if len(text) > MAX_TYPED:
        return
    beginning = text[: max(map(len, prefixes))]
    for undo in _GARBLINGS:
        if undo(beginning).startswith(prefixes):
            yield from _orders(text, undo)
            return


def _from_thai(text: str) -> str:
    return text.translate(_FROM_THAI)


def _from_thai_caps(text: str) -> str:
    return text.translate(_FROM_THAI).swapcase()


def _from_thai_shift_locked(text: str) -> str:
    return text.translate(_FROM_THAI_SHIFT_LOCKED)


_GARBLINGS: tuple[Callable[[str], str], ...] = (_from_thai, str.swapcase, _from_thai_caps, _from_thai_shift_locked)


def _orders(text: str, undo: Callable[[str], str]) -> Iterator[str]:
    """The text undone, and where it may have been normalised, also what would have become this one."""
    runs = [found for found in _MARKS.finditer(text) if len(found[0]) <= _MAX_RUN and len(_firsts(found[0])) > 1]
    runs = runs[-_MOST_RUNS:] if is_normalized("NFC", text) else []
    ends = [0, *(run.end() for run in runs)]
    starts = [*(run.start() for run in runs), len(text)]
    between = [undo(text[end:start]) for end, start in zip(ends, starts, strict=True)]
    orders = [[undo(order) for order in _orders_of_run(run[0])] for run in runs]
    for chosen in islice(product(*orders), MAX_ORDERS):
        yield between[0] + "".join(mark + rest for mark, rest in zip(chosen, between[1:], strict=True))


def _orders_of_run(run: str) -> Iterator[str]:
    """Every order from which normalising makes this run, itself first: marks of one class don't pass each other."""
    if not run:
        yield ""
    for place in _firsts(run):
        for rest in _orders_of_run(run[:place] + run[place + 1 :]):
            yield run[place] + rest


def _firsts(run: str) -> list[int]:
    """Where the first mark of each class is."""
    classes = [combining(mark) for mark in run]
    return [classes.index(each) for each in dict.fromkeys(classes)]
