"""stalled.py LAUNCHER PLAN: runs a plan whose program sends to a server that never reads, in a net namespace of ours.

Prints how many bytes the program could send, how long the run took, and how much processor time all of it used.
"""
import os
import socket
import subprocess
import sys
import time

ADDRESS, PORT = "10.9.8.1", 7000

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
server = socket.create_server((ADDRESS, PORT))
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
launcher, plan = sys.argv[1:]
started = time.monotonic()
descriptor = os.open(plan, os.O_RDONLY)
child = subprocess.Popen([launcher, str(descriptor)], env={}, pass_fds=[descriptor], stdout=subprocess.PIPE)
connection, _ = server.accept()
sent = int(child.stdout.read())
_, status, usage = os.wait4(child.pid, 0)
print(sent, round(time.monotonic() - started, 3), round(usage.ru_utime + usage.ru_stime, 3), status)
