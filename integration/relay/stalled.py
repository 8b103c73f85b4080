"""stalled.py LAUNCHER PLAN: runs a plan whose program sends to a server that never reads, in a net namespace of ours.

Prints how many bytes the program could send, how many seconds of a stalled one Palisade's own processes ran, how many
processes those are, and the run's exit status. The processor time is the kernel's count for those processes alone, so
that other work on the machine cannot change it.
"""
import os
import pathlib
import socket
import subprocess
import sys

ADDRESS, PORT = "10.9.8.1", 7000
STALLED_SECONDS = 1


def processor_seconds(pids):
    """How long these processes have run on a processor: the first field of schedstat, in ns."""
    return sum(int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
server = socket.create_server((ADDRESS, PORT))
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
launcher, plan = sys.argv[1:]
descriptor = os.open(plan, os.O_RDONLY)
child = subprocess.Popen(
    [launcher, '--plan-descriptor', str(descriptor)], env={}, pass_fds=[descriptor], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
connection, _ = server.accept()
sent = int(child.stdout.readline())
supervisor = child.pid
pids = [supervisor, *map(int, pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split())]
before = processor_seconds(pids)
try:
    child.wait(STALLED_SECONDS)
except subprocess.TimeoutExpired:
    pass
used = processor_seconds(pids) - before
child.stdin.close()
print(sent, used, len(pids), child.wait())
