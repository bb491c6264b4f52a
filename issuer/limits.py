"""How much a request may bring: little, but where it is a roster, or a list of people's numbers.

Bodies are read before anybody is asked who they are, so a limit is also what a stranger can have the service parse.
"""

from issuer.roster.roster_file import MAX_FILE_BYTES

MAX_BODY_BYTES = 256 * 1024
MAX_LIST_BYTES = 2 * 1024 * 1024
"""Well over 20,000 numbers of 64 characters, the most that a job of the office takes."""
LARGER = {"/people": MAX_FILE_BYTES, "/jobs/status-changes": MAX_LIST_BYTES}
