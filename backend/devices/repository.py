"""The SQL of devices."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.devices.models import Device, DeviceChallengeSecret, SeenPresentation, UsedDeviceChallenge
from backend.devices.push_address import PushAddress
from vc_core.errors import ReasonCode, Rejection

_KEEP_SECRET = text("INSERT INTO device_challenge_secret (id, secret) VALUES (1, :secret) ON CONFLICT DO NOTHING")
# The primary key decides which of two equal ones came first; a read before the write could not.
_REMEMBER = text(
    "INSERT INTO seen_presentation (digest, fresh_until) VALUES (:digest, :fresh_until) ON CONFLICT DO NOTHING"
)
_USE = text(
    "INSERT INTO used_device_challenge (digest, expires_at) VALUES (:digest, :expires_at) ON CONFLICT DO NOTHING"
)


class DeviceRepository:
    """Reads and writes devices, in one transaction; as `ReplayGuard` it knows the presentations that registered one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def challenge_secret(self, proposed: bytes) -> bytes:
        """The secret behind challenges: the proposed one where there is none yet."""
        connection = await self._session.connection()
        await connection.execute(_KEEP_SECRET, {"secret": proposed.hex()})
        return bytes.fromhex((await self._session.exec(select(DeviceChallengeSecret.secret))).one())

    async def use_challenge(self, digest: str, *, expires_at: int) -> bool:
        """Whether it is the first answer to this challenge."""
        connection = await self._session.connection()
        used = await connection.execute(_USE, {"digest": digest, "expires_at": expires_at})
        return used.rowcount == 1

    async def remember(self, digest: bytes, *, until: int) -> None:
        """Takes note of a presentation until that time. Raises `Rejection` `REPLAYED` if it was there already."""
        connection = await self._session.connection()
        remembered = await connection.execute(_REMEMBER, {"digest": digest, "fresh_until": until})
        if remembered.rowcount != 1:
            raise Rejection(ReasonCode.REPLAYED, "This presentation was used before; a fresh one is needed.")

    async def delete_lapsed(self, *, before: int) -> None:
        """Forgets the challenges and presentations that were used, and whose time was over before then."""
        await self._session.exec(delete(UsedDeviceChallenge).where(col(UsedDeviceChallenge.expires_at) < before))
        await self._session.exec(delete(SeenPresentation).where(col(SeenPresentation.fresh_until) < before))

    async def delete_former(self, address: PushAddress, health_id: str) -> None:
        """Deletes the patient's own device that has this address: the same phone, as it registered before."""
        push_address, _ = address.to_columns()
        await self._session.exec(
            delete(Device).where(col(Device.push_address) == push_address, col(Device.health_id) == health_id)
        )

    async def free_push_address(self, address: PushAddress) -> None:
        """Takes the address from whoever has it; their device keeps its inbox."""
        push_address, _ = address.to_columns()
        await self._session.exec(
            update(Device).where(col(Device.push_address) == push_address).values(push_address=None, web_push_keys=None)
        )

    async def set_push_address(self, device_id: str, address: PushAddress | None) -> None:
        """Sets where a device is reached. Raises SQLAlchemy's `IntegrityError` where another has the address."""
        push_address, web_push_keys = (None, None) if address is None else address.to_columns()
        await self._session.exec(
            update(Device)
            .where(col(Device.id) == device_id)
            .values(push_address=push_address, web_push_keys=web_push_keys)
        )

    async def add(self, device: Device) -> None:
        """Keeps a new device. Raises SQLAlchemy's `IntegrityError` where another has its push address."""
        self._session.add(device)
        await self._session.flush()

    async def delete_oldest(self, health_id: str, *, keep: int) -> None:
        """Deletes the patient's devices but for the newest `keep`."""
        surplus = (
            select(Device.id)
            .where(Device.health_id == health_id)
            .order_by(col(Device.registered_at).desc(), col(Device.id).desc())
            .offset(keep)
        )
        surplus_ids = list(await self._session.exec(surplus))
        await self._session.exec(delete(Device).where(col(Device.id).in_(surplus_ids)))

    async def load_by_token(self, token_hash: str) -> Device | None:
        """The device that has the token of this hash."""
        return (await self._session.exec(select(Device).where(Device.token_hash == token_hash))).one_or_none()

    async def delete(self, device_id: str) -> None:
        """Deletes a device."""
        await self._session.exec(delete(Device).where(col(Device.id) == device_id))
