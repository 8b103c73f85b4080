"""listening.py ACT [ARGUMENT]...: a program that gets sockets from descriptor 3 on. Prints what it finds, a line each."""
import ctypes
import errno
import os
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def outcome(act):
    try:
        return act() or "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def name_of(one):
    name = one.getsockname()
    return f"{name[0]} {name[1]}" if isinstance(name, tuple) else name


def passed():
    mine = os.environ.get("LISTEN_PID") == str(os.getpid())
    count = int(os.environ.get("LISTEN_FDS", "0")) if mine else 0
    print(count, os.environ.get("LISTEN_FDNAMES", ""), flush=True)
    return [socket.socket(fileno=3 + index) for index in range(count)]


def serve(turns):
    """Answers so many times at each socket, in their order."""
    sockets = passed()
    for one in sockets:
        print(name_of(one), "blocks" if os.get_blocking(one.fileno()) else "does not wait", flush=True)
    print("serving", flush=True)
    for one in sockets:
        for _ in range(int(turns)):
            connection, _ = one.accept()
            connection.sendall(b"got " + connection.recv(100))
            connection.close()


def elsewhere(address, port):
    """What connect(2) makes of what it has: first of nothing any more (AF_UNSPEC), then another one."""
    one = socket.socket(fileno=3)
    undone = libc.connect(one.fileno(), struct.pack("HHIQ", 0, 0, 0, 0), 16)
    print("undone" if undone == 0 else errno.errorcode[ctypes.get_errno()],
          outcome(lambda: one.connect((address, int(port)))), flush=True)


def read():
    print(os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"])
    print(os.pread(3, 100, 0).decode())


{"serve": serve, "elsewhere": elsewhere, "read": read}[sys.argv[1]](*sys.argv[2:])
