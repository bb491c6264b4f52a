"""Text from outside made inert before a person sees it: no terminal commands, no text that runs backwards, no floods.

A name in an offer, an issuer's metadata or a message is a stranger's choice. Escape sequences could repaint the screen
around it, and Unicode's direction marks could let it read as something else (UTR 36).
"""

import unicodedata

MAX_SHOWN = 120
"""Characters."""
# Burmese, Khmer and Lao need these: where a word may break, which form a letter takes. None changes direction.
_HARMLESS_FORMAT = {"\u200b", "\u200c", "\u200d"}


def plain_text(text: object, *, limit: int = MAX_SHOWN) -> str:
    """One line of at most `limit` characters without control, direction, private and unassigned ones.

    White space of every kind becomes one blank; what is cut off is marked by an ellipsis.
    """
    visible = "".join(
        character
        for character in " ".join(str(text)[: limit * 8].split())
        if character in _HARMLESS_FORMAT or unicodedata.category(character)[0] != "C"
    )
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"
