"""The claim that names a hospital, which several credential types share."""

from vc_core.credential_types.definition import Claim

HOSPITAL = Claim(
    "hospital",
    {"th": "โรงพยาบาล", "en": "Hospital", "my": "ဆေးရုံ", "lo": "ໂຮງໝໍ", "km": "មន្ទីរពេទ្យ"},
    disclosable=False,
    qr_key=5,
    pattern="[0-9]{5}([0-9]{4})?",
)
"""The health ministry's code of the hospital, 5 or 9 digits."""
