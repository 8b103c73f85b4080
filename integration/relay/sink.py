"""sink.py listen|connect|datagram ADDRESS PORT: a peer of the sandbox that takes nothing before it is told to (a line of
stdin), and then prints how many bytes there were and how they ended."""
import errno
import socket
import sys

KIND, ADDRESS, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])


def datagrams():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((ADDRESS, PORT))
    print("ready", flush=True)
    sys.stdin.readline()
    receiver.settimeout(10)
    print(len(receiver.recv(65536)), "datagram", flush=True)


def stream():
    if KIND == "connect":
        connection = socket.create_connection((ADDRESS, PORT))
        print("ready", flush=True)
        sys.stdin.readline()
    else:
        listener = socket.create_server((ADDRESS, PORT))
        print("ready", flush=True)
        sys.stdin.readline()
        connection, _ = listener.accept()
    connection.settimeout(20)
    count, end = 0, "end"
    try:
        while data := connection.recv(65536):
            count += len(data)
    except OSError as error:
        end = errno.errorcode.get(error.errno, "nothing")
    print(count, end, flush=True)


datagrams() if KIND == "datagram" else stream()
