"""One definition per credential type. A new type is a new file here that defines one `CredentialType`: no list to edit."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from vc_core.credential_types.definition import CredentialType
from vc_core.credential_types.registry import create_registry


def _defined_types() -> Mapping[str, CredentialType]:
    """The types that the modules of this package define, each of which is loaded."""
    modules = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__) if each.name != "__main__"]
    found = {id(value): value for module in modules for value in vars(module).values()}
    return create_registry(value for value in found.values() if isinstance(value, CredentialType))


CREDENTIAL_TYPES: Mapping[str, CredentialType] = _defined_types()
"""Every credential type by its `vct`, in the order of their numbers."""

_BY_NAME = {each.name: each for each in CREDENTIAL_TYPES.values()}
_BY_NUMBER = {each.number: each for each in CREDENTIAL_TYPES.values() if each.qr_pass}


def type_named(name: str) -> CredentialType | None:
    """The type of that `name` (such as `HealthId`), or None."""
    return _BY_NAME.get(name)


def type_numbered(number: int) -> CredentialType | None:
    """The type of that `number` in a QR pass, or None, also where there is no QR pass of that type."""
    return _BY_NUMBER.get(number)
