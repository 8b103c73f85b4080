"""peer.py ADDRESS: endpoints that behave in one way each, on the ports below. Prints `ready`, serves until it is ended."""
import asyncio
import resource
import socket
import struct
import sys

ECHO, RESETS_AT_ONCE, RESETS_AFTER_A_BYTE, CLOSES_AFTER_A_BYTE, SENDS_WITHOUT_END, NEVER_READS, COUNTS = range(7001, 7008)


def reset(writer):
    peer = writer.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def resets_at_once(reader, writer):
    reset(writer)


async def resets_after_a_byte(reader, writer):
    await reader.read(1)
    reset(writer)


async def closes_after_a_byte(reader, writer):
    await reader.read(1)


async def sends_without_end(reader, writer):
    while True:
        writer.write(bytes(65536))
        await writer.drain()


async def never_reads(reader, writer):
    reader._transport.pause_reading()
    await asyncio.sleep(600)


async def counts(reader, writer):
    count = 0
    while data := await reader.read(65536):
        count += len(data)
    writer.write(b"%d\n" % count)
    await writer.drain()


def closing(serve):
    async def served(reader, writer):
        try:
            await serve(reader, writer)
            writer.close()
        except (ConnectionError, OSError):
            pass

    return served


async def main(address):
    kinds = [
        (ECHO, echo),
        (RESETS_AT_ONCE, resets_at_once),
        (RESETS_AFTER_A_BYTE, resets_after_a_byte),
        (CLOSES_AFTER_A_BYTE, closes_after_a_byte),
        (SENDS_WITHOUT_END, sends_without_end),
        (NEVER_READS, never_reads),
        (COUNTS, counts),
    ]
    for port, serve in kinds:
        await asyncio.start_server(closing(serve), address, port, backlog=4096)
    print("ready", flush=True)
    await asyncio.sleep(3600)


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main(sys.argv[1]))
