"""A connection to Redis that takes many commands at once, at little more than the price of one."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import hiredis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import RedisError, ResponseError


class Line(asyncio.Protocol):
    """Sends commands together and counts the replies, one batch after the other.

    The client's own pipeline costs as much for a click as everything else that the edge does: it
    sets a timeout for each reply. What it is still for is to connect: address, password, TLS.
    """

    def __init__(self, connection):
        self._connection, self._transport = connection, connection._writer.transport
        self._replies = hiredis.Reader()
        self._answer: asyncio.Future | None = None
        self._expected, self._came = 0, []
        self.is_open = True

    @classmethod
    async def open(cls, redis: Redis) -> Self:
        """A new connection, as the client's settings say. Raises RedisError or OSError."""
        connection = redis.connection_pool.make_connection()
        await connection.connect()
        line = cls(connection)
        line._transport.set_protocol(line)
        return line

    async def send(self, commands: Sequence[tuple[Any, ...]], patience: float) -> list[Any]:
        """Redis' replies, once it has taken every command, and synced them where that is its way.

        patience: seconds. Raises RedisError or TimeoutError; some may have been taken even then.
        """
        packed = b"".join(map(hiredis.pack_command, commands))
        return await self.send_packed(packed, len(commands), patience)

    async def send_packed(self, packed: bytes, count: int, patience: float) -> list[Any]:
        """The same for so many commands that are in Redis' own notation already."""
        self._answer = asyncio.get_running_loop().create_future()
        self._expected, self._came = count, []
        self._transport.write(packed)
        try:
            async with asyncio.timeout(patience):
                await self._answer
        except BaseException:
            # Replies that still come would be taken for those to the next batch.
            await self.close()
            raise
        for reply in self._came:
            if isinstance(reply, Exception):
                raise ResponseError(str(reply))
        return self._came

    async def close(self) -> None:
        self.is_open = False
        # At once: what a frozen Redis has not read yet would keep it open.
        self._transport.abort()
        await self._connection.disconnect(nowait=True)

    # --- What asyncio calls --------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        self._replies.feed(data)
        try:
            while (reply := self._replies.gets()) is not False:
                if not isinstance(reply, hiredis.PushNotification):
                    self._came.append(reply)
        except hiredis.ProtocolError as error:
            self._fail(Gone(str(error)))
        if len(self._came) == self._expected and self._answer and not self._answer.done():
            self._answer.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        self._fail(Gone("Redis has hung up"))

    def _fail(self, error: RedisError):
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
