"""Rude peers at the bus's ports: whoever leaves, sends rubbish or announces gigabytes is hung up on, and the bus goes on."""
from bus_peer import FRAMES, NOTICES, SUB, announced, ask, connect, doorbell_rings, greeting
from rough_client import expect, read_until, wait_for

WRONG_PROTOCOL = 0x99
MESSAGE_MAX = 4 << 20


def rubbish(protocol):
    """Name → what is sent; all of it ends the connection."""
    return {
        "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "all bytes": bytes(range(256)) * 20,
        "another protocol": greeting(WRONG_PROTOCOL),
        "a message of 16 GiB": greeting(protocol) + announced(1 << 34),
        "a message of 2^64 - 1 bytes": greeting(protocol) + announced((1 << 64) - 1),
        "a message one too large": greeting(protocol) + announced(MESSAGE_MAX + (1 << 10)) + bytes(100),
    }


def is_hung_up_on(port, data):
    with connect(port) as peer:
        try:
            peer.sendall(data)
            while peer.recv(1 << 16):
                pass  # the greeting of the other end
        except ConnectionError:
            pass
    return True  # otherwise the time-out of the socket has ended the test


def check_port(stage, number, protocol):
    port = stage.bus_port + number
    for _ in range(20):
        connect(port).close()
    for _ in range(5):
        with connect(port) as peer:
            peer.sendall(b"\0SP")
    for name, data in rubbish(protocol).items():
        expect(is_hung_up_on(port, data), True, name)


def check_rubbish_in_a_request(stage, number):
    """A request that is none of our records is answered with what is wrong about it."""
    expect(b"more elements than bytes" in ask(stage.bus_port + number, b"\xdd\xff\xff\xff\xff"), True, "what is wrong is said")


def check_published(stage, number, words):
    """A peer that behaves still hears what is published: nng sends everything to every subscriber."""
    with connect(stage.bus_port + number) as peer:
        peer.sendall(greeting(SUB))
        read_until(peer, words)


def check_bus_is_alive(stage):
    """Over all six ports: a command and its notice, an event, a camera's lease and its state, a worker's report."""
    wall = stage.doors["videowall"]
    stage.patrol("w-water-2", {"service": "E0699", "address": "x"})
    receipt = stage.report({"service_code": "E0699", "address_string": "x"})
    stage.do("o-01", stage.case_of(receipt), "accept")
    check_published(stage, NOTICES, b"heartbeat\0")
    rings = doorbell_rings(stage.bus_port)
    wait_for("the doorbell that the polite reporter rings", lambda: doorbell_rings(stage.bus_port) > rings)
    camera = stage.look("o-01", "/live/cameras")["cameras"][0]["id"]
    with wall.connect() as stream:
        stream.sendall(wall.head("GET", f"/live?cameras={camera}", **stage.bearer("o-01")))
        check_published(stage, FRAMES, camera.encode())
        wait_for("the state of a camera that is asked for", lambda: next(
            row["since_ms"] for row in stage.look("o-01", "/live/cameras")["cameras"] if row["id"] == camera))
