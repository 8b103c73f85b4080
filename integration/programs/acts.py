"""acts.py ACT: does what the name says, and prints `done`."""
import sys


def hello():
    pass


def threads():
    import threading

    made = [threading.Thread(target=hello) for _ in range(2)]
    for one in made:
        one.start()
    for one in made:
        one.join()


def spawns():
    import subprocess

    subprocess.run(["/bin/true"], check=True)


def sockets():
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    served, _ = server.accept()
    client.sendall(b"hello")
    assert served.recv(5) == b"hello"


def files():
    import os

    with open("/tmp/made", "w") as file:
        file.write("hello\n")
    os.rename("/tmp/made", "/tmp/moved")
    with open("/tmp/moved", "r+") as file:
        assert file.read() == "hello\n"
    os.unlink("/tmp/moved")


print("hello", flush=True)
print("hello again", flush=True)
{"hello": hello, "threads": threads, "spawns": spawns, "sockets": sockets, "files": files}[sys.argv[1]]()
print("done")
