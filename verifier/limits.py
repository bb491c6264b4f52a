"""How much a request may bring: little, but where a picture is expected."""

MAX_TEXT_BYTES = 256 * 1024
MAX_UPLOAD_BYTES = 16 * 1024 * 1024
"""Well over what a picture may have, so that a phone's large photo gets a verdict that says so."""
LARGER = dict.fromkeys(("/plain", "/checks/image", "/trust-bundle"), MAX_UPLOAD_BYTES)
