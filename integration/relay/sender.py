"""sender.py: sends small pieces until nothing more is taken for a second, prints how many bytes went, ends with stdin."""
import select
import socket
import sys

connection = socket.create_connection(("10.9.8.1", 7000))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
connection.setblocking(False)
sent = 0
while select.select([], [connection], [], 1)[1]:
    sent += connection.send(b"x" * 100)
print(sent, flush=True)
sys.stdin.read()
