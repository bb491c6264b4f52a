"""Which text is safe to show beside other text: nothing in it moves, hides or breaks what stands around it.

Thai, Lao, Khmer and Burmese need combining marks, and some spellings zero-width joiners and spaces; those stay. What
goes are control characters, and those that turn the direction of writing or merely hide (Unicode TR 36).
"""

import unicodedata

_ALLOWED_FORMAT_CHARACTERS = frozenset("\u200b\u200c\u200d")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_displayable(text: str) -> bool:
    """Whether every character may be shown as part of a name or a label."""
    return not any(
        unicodedata.category(character) in _UNSAFE_CATEGORIES and character not in _ALLOWED_FORMAT_CHARACTERS
        for character in text
    )
