"""activator.py [NAME=KIND:WHERE]... -- COMMAND...: a service manager's end of sd_listen_fds(3): opens each socket, passes
all of them from descriptor 3 on, and becomes COMMAND. KIND: tcp ADDRESS,PORT; udp ADDRESS,PORT; stream, seqpacket or
datagram PATH; connection ADDRESS,PORT (of a server there); file TEXT. `-` for COMMAND's LISTEN_PID: of somebody else. What was descriptor 3 is 200
from then on."""
import os
import socket
import sys
import tempfile

at = sys.argv.index("--")
WORDS, COMMAND = sys.argv[1:at], sys.argv[at + 1:]
UNIX = {"stream": socket.SOCK_STREAM, "seqpacket": socket.SOCK_SEQPACKET, "datagram": socket.SOCK_DGRAM}


def endpoint(text):
    address, port = text.rsplit(",", 1)
    return address, int(port)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def opened(kind, where):
    if kind == "file":
        file = tempfile.TemporaryFile()
        file.write(where.encode())
        file.flush()
        return file
    if kind == "connection":
        return socket.create_connection(endpoint(where))
    if kind in UNIX:
        one = socket.socket(socket.AF_UNIX, UNIX[kind])
        one.bind(where)
        os.chmod(where, 0o777)
        if kind != "datagram":
            one.listen()
        return one
    address, port = endpoint(where)
    one = socket.socket(family(address), socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((address, port))
    if kind == "tcp":
        one.listen()
    return one


try:
    os.dup2(3, 200)
except OSError:
    pass
whose, *COMMAND = COMMAND if COMMAND[0] == "-" else ["", *COMMAND]
names, held = [], []
for word in WORDS:
    name, rest = word.split("=", 1)
    kind, where = rest.split(":", 1)
    names.append(name)
    held.append(opened(kind, where))
# Out of the way of the numbers that they will have.
spare = [os.dup2(one.fileno(), 100 + index) for index, one in enumerate(held)]
for index, one in enumerate(spare):
    os.dup2(one, 3 + index)
    os.close(one)
print("passed", flush=True)
environment = {**os.environ, "LISTEN_FDS": str(len(names)), "LISTEN_FDNAMES": ":".join(names),
               "LISTEN_PID": "1" if whose else str(os.getpid())}
os.execve(COMMAND[0], COMMAND, environment)
