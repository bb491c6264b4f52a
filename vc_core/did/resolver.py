"""The resolver: finds a DID's method by its name, asks it, and turns whatever goes wrong into a result."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from vc_core.did.resolution import (
    DidMethod,
    DidResolution,
    ResolutionError,
    ResolutionFailed,
    ResolutionOptions,
    parse_did,
)
from vc_core.errors import SabaiError

_log = logging.getLogger(__name__)
_NO_OPTIONS = ResolutionOptions()


class DidResolver:
    """Resolves the DIDs of the methods that it was given, by name: `{"key": KeyDids(), ...}`."""

    def __init__(self, methods: Mapping[str, DidMethod]) -> None:
        self._methods = dict(methods)

    async def resolve(self, did: str, options: ResolutionOptions = _NO_OPTIONS) -> DidResolution:
        """The document of a DID, or the error that there is none for (DID Resolution 1.0 section 4.4). Never raises."""
        try:
            method = self._methods.get(parse_did(did))
            if method is None:
                raise ResolutionFailed(ResolutionError.METHOD_NOT_SUPPORTED, "This DID method is not supported.")
            result = await method.resolve(did, options)
        except ResolutionFailed as failure:
            return DidResolution(error=failure.error, detail=failure.detail)
        except SabaiError as failure:
            _log.warning("a DID could not be resolved: %s", failure.code)
            return DidResolution(error=ResolutionError.INTERNAL_ERROR, detail="What holds the DID did not answer.")
        if result.document is None or options.key_format is None:
            return result
        return replace(result, document=result.document.with_key_format(options.key_format))
