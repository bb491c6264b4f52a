"""How much a request may bring: little, but where it is a wallet's backup."""

from backend.backups.schemas import MAX_CIPHERTEXT_CHARACTERS

MAX_BODY_BYTES = 64 * 1024
LARGER = {"/backups/": MAX_CIPHERTEXT_CHARACTERS + 1024}
