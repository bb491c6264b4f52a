"""`GET`, `PUT` and `DELETE /backups/{address}`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from backend.backups.schemas import NewBackup, StoredBackup
from backend.backups.service import BackupOwner, BackupService
from backend.schemas import CONFLICT, NOT_FOUND, PROBLEMS, TOO_MANY
from vc_core.web.access import bearer_token
from vc_core.web.json_body import StrictJsonRoute

_Address = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", description="The 32 bytes that the recovery code gives, in base64url.")
]


def _owner(address: _Address, request: Request) -> BackupOwner:
    return BackupOwner(address, bearer_token(request))


_Owner = Annotated[BackupOwner, Depends(_owner)]


def backups_router(service: BackupService) -> APIRouter:
    """What phones call about their backups; the bearer token is the secret that the recovery code gives."""
    router = APIRouter(prefix="/backups/{address}", route_class=StrictJsonRoute, tags=["backups"], responses=PROBLEMS)

    @router.get("", summary="The newest backup", responses=NOT_FOUND)
    async def load_backup(owner: _Owner, response: Response) -> StoredBackup:
        response.headers["Cache-Control"] = "no-store"
        return await service.load(owner)

    @router.put("", status_code=204, summary="Keep a newer backup", responses={**CONFLICT, **TOO_MANY})
    async def save_backup(owner: _Owner, backup: NewBackup) -> None:
        await service.save(owner, backup)

    @router.delete("", status_code=204, summary="Delete the backup", responses=NOT_FOUND)
    async def delete_backup(owner: _Owner) -> None:
        await service.delete(owner)

    return router
