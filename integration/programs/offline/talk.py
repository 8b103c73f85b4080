"""A server and its client over a socket file and over a pair of sockets."""
import os
import socket
import threading

server = socket.socket(socket.AF_UNIX)
server.bind("talk.socket")
server.listen(1)
client = socket.socket(socket.AF_UNIX)
threading.Thread(target=lambda: server.accept()[0].sendall(b"file")).start()
client.connect("talk.socket")
left, right = socket.socketpair()
left.sendall(b"pair")
print(client.recv(4).decode(), right.recv(4).decode())
os.unlink("talk.socket")
