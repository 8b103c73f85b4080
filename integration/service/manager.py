"""manager.py SOCKET TURNS -- COMMAND...: a service manager's end of sd_notify(3). Binds SOCKET (a path, or @ and an abstract
name), starts COMMAND with NOTIFY_SOCKET, prints its pid, and each message as a line of JSON. A line of stdin lets it read TURNS
messages more; `0` TURNS: it reads all. Ends with the command, whose status it prints."""
import array
import json
import os
import select
import socket
import struct
import subprocess
import sys

NAME, TURNS = sys.argv[1], int(sys.argv[2])
COMMAND = sys.argv[4:]


def say(**what):
    print(json.dumps(what), flush=True)


def command_of(text):
    """The command line of the process that MAINPID= names."""
    for line in text.split("\n"):
        if line.startswith("MAINPID="):
            words = []
            # Its execve(2) lets go of whoever waits for it (vfork(2)) before the words are there.
            while not words:
                with open(f"/proc/{line[8:]}/cmdline", "rb") as file:
                    words = file.read().decode().split("\0")[:-1]
            return words
    return None


def content(descriptor):
    try:
        return os.pread(descriptor, 100, 0).decode()
    except OSError:
        return None


def read_one(manager, main):
    data, ancillary, _, _ = manager.recvmsg(8192, 4096)
    pid, descriptors = None, array.array("i")
    for _, kind, payload in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            pid = struct.unpack("iii", payload)[0]
        else:
            descriptors.frombytes(payload)
    text = data.decode()
    is_main = f"MAINPID={main}" in text.split("\n")
    say(text=text.replace(f"MAINPID={main}\n", "MAINPID=the command\n"), ours=pid == main,
        main=None if is_main else command_of(text), descriptors=[content(one) for one in descriptors])
    for one in descriptors:
        os.close(one)


manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + NAME[1:] if NAME[0] == "@" else NAME)
if NAME[0] != "@":
    os.chmod(NAME, 0o777)
manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
process = subprocess.Popen(COMMAND, env={**os.environ, "NOTIFY_SOCKET": NAME}, pass_fds=[3],
                           stdin=subprocess.DEVNULL)
os.close(3)
say(command=process.pid)
ended = os.pidfd_open(process.pid)
left = TURNS
while True:
    reads = [ended, *([manager] if TURNS == 0 or left > 0 else []), *([sys.stdin] if TURNS > 0 else [])]
    ready, _, _ = select.select(reads, [], [])
    if sys.stdin in ready:
        told = os.read(0, 1000)
        left += TURNS * told.count(b"\n")
        if not told:
            TURNS = 0
    elif manager in ready:
        read_one(manager, process.pid)
        left -= 1
    elif ended in ready:
        break
while select.select([manager], [], [], 0)[0]:
    read_one(manager, process.pid)
say(status=process.wait())
