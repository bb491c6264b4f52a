"""`python -m vc_core.credential_types`: docs/credential-types.md, on standard output."""

import sys

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.page import create_page

sys.stdout.write(create_page(CREDENTIAL_TYPES.values()))
