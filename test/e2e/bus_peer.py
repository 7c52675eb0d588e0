"""A peer at the bus's ports that speaks what nng's sockets do (SP): greets, asks, and reads the dispatcher's metrics."""
import re
import socket
import struct

PATIENCE_S = 20  # bounds a wait that has gone wrong; nothing is asserted about time
PUB, SUB, REQ = 0x20, 0x21, 0x30
# What a peer of each of our ports must say that it is. In the order of proto/bus/bus.h.
PORTS = [("commands", REQ), ("notices", SUB), ("events", PUB), ("cameras", REQ), ("frames", SUB), ("reports", REQ)]
COMMANDS, NOTICES, EVENTS, CAMERAS, FRAMES, REPORTS = range(len(PORTS))
REQUEST_ID = 0x80000001


def greeting(protocol):
    return b"\0SP\0" + struct.pack(">HH", protocol, 0)


def announced(size):
    return struct.pack(">Q", size)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE_S)


def ask(port, request):
    """The answer to one request at a port of REQ/REP."""
    with connect(port) as peer, peer.makefile("rb") as answers:
        body = struct.pack(">I", REQUEST_ID) + request
        peer.sendall(greeting(REQ) + announced(len(body)) + body)
        answers.read(len(greeting(REQ)))
        size, = struct.unpack(">Q", answers.read(8))
        return answers.read(size)[4:]


def dispatcher_metric(bus_port, name):
    text = ask(bus_port + COMMANDS, b"metrics").decode()
    return int(re.search(rf"^drumtower_dispatcher_{name} (\d+)$", text, re.M).group(1))


def doorbell_rings(bus_port):
    return dispatcher_metric(bus_port, "doorbell_rings_total")
