"""The edge's own connection to Redis: what it says is safe must be."""

import asyncio
import os
import signal

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import ResponseError

from campaigns.tracking.cache import Away, Shared
from campaigns.tracking.line import Line
from launch import services
from launch.process import finish

PATIENCE = 0.3


@pytest.fixture
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redis")
    service = services.Valkey(folder, durable=True)
    child = services.start(service, folder / "log")
    child.url = service.url
    yield child
    finish(child, 0)


def on_a_line(server, scenario):
    """Runs `scenario(line, redis)` in a loop of its own."""

    async def whole():
        async with Redis.from_url(server.url) as redis:
            line = await Line.open(redis)
            try:
                return await scenario(line, redis)
            finally:
                await line.close()

    return asyncio.run(whole())


def pushes(count):
    return [("RPUSH", "list", str(n)) for n in range(count)]


def test_a_thousand_commands_are_all_taken_before_it_returns(server):
    async def scenario(line, redis):
        await line.send(pushes(1000), PATIENCE)
        return await redis.llen("list")

    assert on_a_line(server, scenario) == 1000


def test_it_returns_with_the_last_reply_and_not_with_the_first(server):
    async def scenario(line, _):
        return await line.send([("PING",), ("BLPOP", "empty", "0.1")], PATIENCE)

    assert on_a_line(server, scenario) == [b"PONG", None]


def test_one_refusal_among_many_is_told_and_the_line_goes_on(server):
    async def scenario(line, redis):
        commands = [*pushes(3), ("XADD", "list", "*", "a", "b"), *pushes(3)]
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await line.send(commands, PATIENCE)
        await line.send(pushes(2), PATIENCE)
        return line.is_open, await redis.llen("list")

    assert on_a_line(server, scenario) == (True, 8)


def test_a_redis_that_dies_is_told_at_once(server):
    async def scenario(line, _):
        server.send_signal(signal.SIGSTOP)
        sending = asyncio.create_task(line.send(pushes(5), 30))
        await asyncio.sleep(0.05)
        server.kill()
        with pytest.raises(Gone):
            await asyncio.wait_for(sending, 5)
        return line.is_open

    assert on_a_line(server, scenario) is False


def test_after_a_wait_in_vain_a_late_reply_is_taken_for_nothing(server):
    async def scenario(line, redis):
        os.kill(server.pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await line.send(pushes(5), PATIENCE)
        os.kill(server.pid, signal.SIGCONT)
        fresh = await Line.open(redis)
        await fresh.send(pushes(1), PATIENCE)
        await fresh.close()
        return line.is_open

    assert on_a_line(server, scenario) is False


def test_who_asks_at_the_same_time_gets_their_own_answer(server):
    async def scenario(_, redis):
        await redis.mset({f"key{n}": n for n in range(0, 1200, 2)})
        shared = Shared(server.url)
        answers = await asyncio.gather(*(shared.run(("GET", f"key{n}")) for n in range(1200)))
        await shared.close()
        return answers

    found = on_a_line(server, scenario)
    assert found == [[None if n % 2 else str(n).encode()] for n in range(1200)]


def test_without_redis_all_who_ask_are_told(server):
    async def scenario(*_):
        shared = Shared("redis://127.0.0.1:1/0")
        asked = (shared.run(("GET", f"key{n}")) for n in range(20))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert {type(answer) for answer in on_a_line(server, scenario)} == {Away}
