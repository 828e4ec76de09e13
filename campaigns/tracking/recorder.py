"""Where a click is written down before it is answered: the stream, or else the spool."""

import asyncio
import logging

from campaigns.tracking.cache import REDIS_PATIENCE, Away, Shared
from campaigns.tracking.line import Line
from campaigns.tracking.stream import ClickEvent, Spool

log = logging.getLogger(__name__)
MOST = 1000


class Recorder:
    """Sends together the clicks that came while Redis was busy with the last ones."""

    def __init__(self, shared: Shared, spool: Spool):
        self._shared, self.spool = shared, spool
        self._line: Line | None = None
        self._waiting: list[tuple[ClickEvent, asyncio.Future]] = []
        self._sending: asyncio.Task | None = None
        self.lost = 0

    async def record(self, event: ClickEvent) -> None:
        """Returns once the event is safe. Never raises: a redirect is not refused for this."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((event, done))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        await done

    async def finish(self) -> None:
        """Returns once nothing waits any more."""
        while self._sending is not None:
            await asyncio.wait([self._sending])
        if self._line:
            await self._line.close()

    async def _send(self):
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._settle(batch)
        finally:
            self._sending = asyncio.create_task(self._send()) if self._waiting else None

    async def _settle(self, batch):
        try:
            await self._keep([event for event, _ in batch])
        finally:
            # Whatever went wrong, the visitors are let through.
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _keep(self, events):
        try:
            await self._shared.ask(lambda redis: self._push(redis, events))
        except Away:
            await self._spool_them(events)

    async def _push(self, redis, events):
        if self._line is None or not self._line.is_open:
            self._line = await Line.open(redis)
        await self._line.send([event.to_command() for event in events], REDIS_PATIENCE)

    async def _spool_them(self, events):
        try:
            await asyncio.to_thread(self.spool.keep, events)
        except OSError:
            self.lost += len(events)
            log.exception("%d clicks are lost: neither Redis nor the disk takes them", len(events))
