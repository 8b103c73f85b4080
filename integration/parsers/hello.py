"""What Python's ssl sends first: hello.py PORT NAME. It ends with the connection, whatever the server does."""
import socket
import ssl
import sys

context = ssl.create_default_context()
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        context.wrap_socket(connection, server_hostname=sys.argv[2])
except OSError:
    pass
