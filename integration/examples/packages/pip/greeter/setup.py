"""Depends on the other one, and tries attempts.json when it is built; answers.py says how that went."""
import errno
import json
import socket
import sys

from setuptools import setup


def connect(host, port):
    socket.create_connection((host, port), timeout=8).close()


def read(path):
    open(path).close()


def write(path):
    with open(path, "w") as file:
        file.write("planted\n")


def attempt(act, *operands):
    try:
        {"connect": connect, "read": read, "write": write}[act](*operands)
        return "ok"
    except socket.gaierror:
        return "ENOTFOUND"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


if "sdist" not in sys.argv:
    with open("attempts.json") as attempts, open("answers.py", "w") as answers:
        answers.write(json.dumps([attempt(*each) for each in json.load(attempts)]))

setup(name="greeter", version="1.0", py_modules=["greeter", "answers"], install_requires=["greeting"])
