"""All the formats that have mutants."""

from tests.mutants.bitstring import bitstring_jwt_family, bitstring_proof_family
from tests.mutants.challenge_answer import challenge_answer_family
from tests.mutants.data_integrity import data_integrity_families
from tests.mutants.jwt_vc_json import jwt_vc_json_family
from tests.mutants.ldp_vc import ldp_vc_family
from tests.mutants.printed_card import printed_card_family
from tests.mutants.qr_pass import qr_pass_family
from tests.mutants.sd_jwt import sd_jwt_family
from tests.mutants.status_list_token import status_list_token_family
from tests.mutants.vc_jwt import vc_jwt_family

FAMILIES = [
    sd_jwt_family(),
    qr_pass_family(),
    challenge_answer_family(),
    printed_card_family(),
    ldp_vc_family(),
    jwt_vc_json_family(),
    vc_jwt_family(),
    *data_integrity_families(),
    status_list_token_family(),
    bitstring_jwt_family(),
    bitstring_proof_family(),
]
