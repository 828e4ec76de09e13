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
        self._waiting: list[tuple[str, asyncio.Future]] = []
        self._sending: asyncio.Task | None = None
        self.lost = 0

    def record(self, click: str) -> asyncio.Future:
        """Done once the click is safe. Never fails: a redirect is not refused for this.

        click: the command that appends it to the stream. A future of each visitor's own: of one
        for all, whoever hangs up would let go for everybody.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((click, done))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return done

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
            await self._keep([click for click, _ in batch])
        finally:
            # Whatever went wrong, the visitors are let through.
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _keep(self, clicks):
        try:
            await self._shared.ask(lambda redis: self._push(redis, clicks))
        except Away:
            await self._spool_them(clicks)

    async def _push(self, redis, clicks):
        if self._line is None or not self._line.is_open:
            self._line = await Line.open(redis)
        await self._line.send_packed("".join(clicks).encode(), len(clicks), REDIS_PATIENCE)

    async def _spool_them(self, clicks):
        try:
            await asyncio.to_thread(self.spool.keep, map(ClickEvent.from_command, clicks))
        except OSError:
            self.lost += len(clicks)
            log.exception("%d clicks are lost: neither Redis nor the disk takes them", len(clicks))
