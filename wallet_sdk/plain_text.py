"""Text from outside made inert before a person sees it: no terminal commands, no text that runs backwards, no floods.

A name in an offer, an issuer's metadata or a message is a stranger's choice. Escape sequences could repaint the screen
around it, and Unicode's direction marks could let it read as something else (UTR 36).
"""

from vc_core.credential_types.text import is_displayable

MAX_SHOWN = 120
"""Characters."""


def plain_text(text: object, *, limit: int = MAX_SHOWN) -> str:
    """One line of at most `limit` characters, without control, direction, private and unassigned ones.

    White space of every kind becomes one blank; what is cut off is marked by an ellipsis.
    """
    words = " ".join(str(text)[: limit * 8].split())
    visible = "".join(character for character in words if is_displayable(character))
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"
