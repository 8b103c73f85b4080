"""program.py ADDRESS ACT [NUMBER]...: what a sandboxed program does to the relay. Each act prints one line for each thing
that it found, and `done`; acts that wait for the test read a line of stdin."""
import errno
import resource
import select
import socket
import struct
import sys
import time

ADDRESS, ACT = sys.argv[1:3]
NUMBERS = [int(text) for text in sys.argv[3:]]
ECHO, RESETS_AT_ONCE, RESETS_AFTER_A_BYTE, CLOSES_AFTER_A_BYTE, SENDS_WITHOUT_END, NEVER_READS, COUNTS = range(7001, 7008)
FAMILY = socket.AF_INET6 if ":" in ADDRESS else socket.AF_INET


def connect(port, patience=20):
    connection = socket.socket(FAMILY, socket.SOCK_STREAM)
    connection.settimeout(patience)
    connection.connect((ADDRESS, port))
    return connection


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def say(connection, data=b"x"):
    """Whether the endpoint has sent the same back."""
    connection.sendall(data)
    answer = b""
    while len(answer) < len(data):
        part = connection.recv(len(data) - len(answer))
        if not part:
            return False
        answer += part
    return answer == data


def outcome(act):
    """What an act ends with: ok, the end of the stream, or the name of the error."""
    try:
        return act()
    except TimeoutError:
        return "nothing"
    except OSError as error:
        return errno.errorcode[error.errno]


def read_all(connection):
    while connection.recv(65536):
        pass
    return "end"


def wait_for_test():
    print("waiting", flush=True)
    sys.stdin.readline()


def churn(count):
    good = 0
    for _ in range(count):
        with connect(ECHO) as connection:
            good += say(connection)
    print(good)


def hold(count):
    held = [connect(ECHO) for _ in range(count)]
    print(sum(say(connection) for connection in held))
    wait_for_test()
    print(sum(say(connection, b"y" * 20000) for connection in held))
    for connection in held:
        connection.close()


def slow(count):
    """Two that do not read, one that is not read, and others beside them."""
    stalled = [connect(SENDS_WITHOUT_END), connect(SENDS_WITHOUT_END), connect(NEVER_READS)]
    stalled[2].setblocking(False)
    sent = 0
    while select.select([], [stalled[2]], [], 1)[1]:
        sent += stalled[2].send(b"x" * 65536)
    began = time.monotonic()
    good = sum(say(connect(ECHO)) for _ in range(count))
    print(good, "stalled" if sent else "nothing was sent", "prompt" if time.monotonic() - began < 10 else "late")
    print("arrived" if stalled[0].recv(1) else "nothing")


def states():
    """A reset at each point of a connection's life, by the program and by the endpoint."""
    reset(connect(ECHO))
    connection = connect(ECHO)
    connection.sendall(b"x")
    reset(connection)
    connection = connect(ECHO)
    say(connection)
    reset(connection)
    connection = connect(SENDS_WITHOUT_END)
    connection.recv(65536)
    reset(connection)
    connection = connect(NEVER_READS)
    connection.setblocking(False)
    while select.select([], [connection], [], 0.3)[1]:
        connection.send(b"x" * 65536)
    reset(connection)
    connection = connect(NEVER_READS)
    connection.sendall(b"x")
    connection.shutdown(socket.SHUT_WR)
    reset(connection)
    print(outcome(lambda: read_all(connect(RESETS_AT_ONCE))))

    def after_a_byte(port):
        connection = connect(port)
        connection.sendall(b"x")
        return read_all(connection)

    print(outcome(lambda: after_a_byte(RESETS_AFTER_A_BYTE)))
    print(outcome(lambda: after_a_byte(CLOSES_AFTER_A_BYTE)))


def half_close(count):
    """The program ends its stream first, and then hears the answer."""
    connection = connect(COUNTS)
    connection.sendall(bytes(count))
    connection.shutdown(socket.SHUT_WR)
    print(connection.recv(64).decode().strip())
    print(read_all(connection))


def exhaust(attempts):
    """More connections than there may be: the rest waits in line, and is served when others end."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    held = [connect(ECHO) for _ in range(attempts)]
    for connection in held:
        connection.sendall(b"x")
        connection.settimeout(0.05)
    answered = [connection for connection in held if outcome(lambda: connection.recv(1)) == b"x"]
    print(len(answered))
    wait_for_test()
    for connection in answered:
        connection.close()
    rest = [connection for connection in held if connection not in answered]
    for connection in rest:
        connection.settimeout(20)
    print(sum(outcome(lambda: connection.recv(1)) == b"x" for connection in rest[: len(answered)]))


def follow(port):
    """Which address of the endpoint answers, over and over, until it is another one."""

    def ask():
        with connect(port) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while part := connection.recv(4096):
                answer += part
        return answer.split()[-1].decode()

    first = ask()
    print(first)
    wait_for_test()
    began = time.monotonic()
    while (now := ask()) == first and time.monotonic() - began < 30:
        pass
    print(now, "within 10 s" if time.monotonic() - began < 10 else "late")


def urgent():
    """Urgent data (RFC 6093) between others."""
    connection = connect(ECHO)
    for data, flags in ((b"abc", 0), (b"X", socket.MSG_OOB), (b"def", 0)):
        connection.send(data, flags)
    answer = b""
    while len(answer) < 6:
        answer += connection.recv(16)
    print(answer.decode())


def one_by_one(count):
    """Where there may be one connection at a time, each is reset in the middle of bulk; the next is served."""
    good = 0
    for _ in range(count):
        connection = connect(SENDS_WITHOUT_END)
        for _ in range(20):
            connection.recv(65536)
        reset(connection)
        with connect(ECHO) as other:
            good += say(other)
    print(good)


def cut():
    """A connection that works until the test cuts it; how it ends, and after how many seconds."""
    busy, idle = connect(ECHO, 120), connect(ECHO, 120)
    say(busy), say(idle)
    wait_for_test()
    began = time.monotonic()

    def ask():
        busy.sendall(b"x")
        return read_all(busy)

    print(outcome(ask), round(time.monotonic() - began), flush=True)
    print(outcome(lambda: read_all(idle)), round(time.monotonic() - began), flush=True)


ACTS = {act.__name__.replace("_", "-"): act for act in (churn, hold, slow, states, half_close, exhaust, follow, urgent, one_by_one, cut)}
ACTS[ACT](*NUMBERS)
print("done")
