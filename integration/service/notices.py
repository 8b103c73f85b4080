"""notices.py ACT: what a service in a sandbox tells its manager. Prints what it saw."""
import array
import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile

NAME = os.environ.get("NOTIFY_SOCKET", "")


def own():
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    connection.connect("\0" + NAME[1:])
    return connection


def tell(text, descriptors=()):
    attached = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    own().sendmsg([text.encode()], attached)


def barrier():
    """Returns when the manager has read all that was told before."""
    reads, writes = os.pipe()
    tell("BARRIER=1", [writes])
    os.close(writes)
    return "closed" if os.read(reads, 1) == b"" else "open"


def outcome(act):
    try:
        act()
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def life():
    tell("READY=1\nSTATUS=serving äöü\nMONOTONIC_USEC=12")
    tell("RELOADING=1\nMONOTONIC_USEC=13")
    tell("READY=1")
    tell("WATCHDOG=1")
    tell("EXTEND_TIMEOUT_USEC=5000000")
    tell("STOPPING=1\nERRNO=2")
    os._exit(0)


def main_pid():
    tell(f"MAINPID={os.getpid()}")
    child = subprocess.Popen(["/usr/bin/sleep", "1000"])
    tell(f"MAINPID={child.pid}\nSTATUS=child")
    barrier()
    child.kill()
    child.wait()
    tell(f"MAINPID={child.pid}")
    tell("MAINPID=0\nMAINPID=99999999\nSTATUS=end")


def descriptors():
    with tempfile.TemporaryFile() as file:
        file.write(b"kept")
        file.flush()
        tell("FDSTORE=1\nFDNAME=state", [file.fileno(), file.fileno()])
        tell("STATUS=none of these", [file.fileno()])
    tell("FDSTOREREMOVE=1\nFDNAME=state")
    print(barrier())


def refused():
    for line in ["NOTIFYACCESS=all", "MAINPIDFD=1", "X_ANY=1", "READY=0", "READY", "=1", "STATUS=a\tb", "ERRNO=-1",
                 "FDNAME=a:b", "MAINPID=x", "WATCHDOG=2", "ready=1", "READY=1 "]:
        tell(line)
    tell("NOTIFYACCESS=all\nSTATUS=one line of two")
    tell("STATUS=" + "x" * 4097)
    tell("\n\n")
    tell("STATUS=" + "x" * 4080)


def flood():
    for number in range(60):
        tell(f"STATUS={number}")
    print("told", flush=True)


def last():
    connection = own()
    connection.setblocking(False)
    count = 0
    while select.select([], [connection], [], 0.5)[1]:
        connection.send(b"STATUS=%d" % count)
        count += 1
    print(f"{count}\ntold", flush=True)
    os._exit(0)


def linger():
    """Sends a socket whose last close(2) waits for as long as it says, and has what was never read."""
    listener = socket.create_server(("127.0.0.1", 9000))
    connection = socket.create_connection(("127.0.0.1", 9000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3000))
    connection.setblocking(False)
    try:
        while True:
            connection.send(bytes(65536))
    except BlockingIOError:
        pass
    # A manager that does not read yet: what is told waits in the queue of this program, who is not the last to close.
    for number in range(15):
        tell(f"STATUS={number}")
    tell("STATUS=take this", [connection.fileno()])
    connection.close()
    print("closed", flush=True)
    for number in range(15, 40):
        tell(f"STATUS={number}")
    print("told", flush=True)
    if len(sys.argv) == 2:
        signal.pause()
    os._exit(0)


def reach():
    print("variable", NAME)
    for name in sys.argv[2:]:
        other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        print(outcome(lambda: other.connect("\0" + name[1:] if name[0] == "@" else name)))


{"life": life, "main-pid": main_pid, "descriptors": descriptors, "refused": refused, "flood": flood, "last": last, "linger": linger, "reach": reach}[
    sys.argv[1]]()
