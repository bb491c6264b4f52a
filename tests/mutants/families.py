"""All the formats that have mutants."""

from tests.mutants.qr_pass import qr_pass_family
from tests.mutants.sd_jwt import sd_jwt_family
from tests.mutants.status_list_token import status_list_token_family

FAMILIES = [sd_jwt_family(), qr_pass_family(), status_list_token_family()]
