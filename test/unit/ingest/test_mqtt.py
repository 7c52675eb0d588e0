#!/usr/bin/env python3
"""Sensors by a real mosquitto and by a broker that the test plays: the real drumtower-ingest makes of their messages what matters, acknowledges
only what is durable, and forgets nothing over a kill.

usage: test_mqtt.py DRUMTOWER_INGEST DRUMCTL BOOK        TAP on standard output"""
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from daemon_stage import START_S, expect, free_ports, metric, run_all, wait_until, with_sources

PORT = 0  # set by the command line
SOURCES = """
mqtt:
  - name: city
    url: mqtt://127.0.0.1:@PORT@
    keep_alive_seconds: 5
    topics:
      - {filter: "t/water/{sensor}", values: [{measure: level, at: /level}], time: /ts}
      - {filter: "t/band/{sensor}", values: [{measure: button}]}
sensors:
  - {id: w1, kind: water, name: 石桥, area: west}
  - {id: w2, kind: water, name: 荷塘, area: west}
  - {id: b1, kind: band, name: 手环}
sensor_rules:
  - {name: flood, kind: water, measure: level, above: 0.2, hysteresis: 0.05, delay_seconds: 10, hold_off_seconds: 600, service: "0101",
     title: "{name} {value}"}
  - {name: sos, kind: band, measure: button, equals: sos, rearm_seconds: 600, service: "0101", title: SOS}
"""


def messages(daemon, outcome):
    return metric(daemon, 'drumtower_mqtt_messages_total{broker="city",outcome="' + outcome + '"}')


def connected(daemon):
    return metric(daemon, "drumtower_mqtt_brokers_connected") == 1


# ---- MQTT 3.1.1 in a few lines ----

def packet(head, body):
    size, length = b"", len(body)
    while True:
        length, low = divmod(length, 128)
        size += bytes([low | (128 if length else 0)])
        if not length:
            return bytes([head]) + size + body


def text(words):
    return struct.pack(">H", len(words.encode())) + words.encode()


def publish(topic, payload, number, again=False):
    """QoS 1 with a number, QoS 0 with none."""
    body = text(topic) + (struct.pack(">H", number) if number else b"") + payload.encode()
    return packet(0x30 | (2 if number else 0) | (8 if again else 0), body)


def read_packet(peer):
    head = peer.recv(1)
    if not head:
        raise ConnectionError("the peer has closed")
    length, shift = 0, 0
    while True:
        byte = peer.recv(1)[0]
        length |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            break
    body = b""
    while len(body) < length:
        body += peer.recv(length - len(body))
    return head[0], body


class Publisher:
    """A client of the real broker."""

    def __init__(self, port):
        self.peer = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.peer.sendall(packet(0x10, text("MQTT") + bytes([4, 2, 0, 0]) + text(f"publisher-{random.random()}")))
        expect(read_packet(self.peer), (0x20, b"\0\0"), "CONNACK")

    def send(self, rows):
        """Publishes (topic, payload) with QoS 1, and waits until the broker has them all."""
        acknowledged = []

        def count():
            while len(acknowledged) < len(rows):
                acknowledged.append(read_packet(self.peer))

        counter = threading.Thread(target=count)
        counter.start()
        out = bytearray()
        for i, (topic, payload) in enumerate(rows):
            out += publish(topic, payload, i % 60000 + 1)
        self.peer.sendall(out)
        counter.join(60)
        expect(len(acknowledged), len(rows), "PUBACK")


class Broker:
    """The real mosquitto, with persistence in the folder."""

    def __init__(self, folder, port, tls=False, host="127.0.0.1"):
        self.folder, self.port, self.process = folder, port, None
        folder.mkdir()
        if tls:
            make_certificate(folder)
        (folder / "mosquitto.conf").write_text(
            f"listener {port} {host}\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
            f"max_inflight_messages 1000\nmax_queued_messages 200000\nlog_dest file {folder}/log\n"
            + (f"certfile {folder}/cert.pem\nkeyfile {folder}/key.pem\n" if tls else "")
            + ("user root\n" if os.getuid() == 0 else ""))

    def start(self):
        self.process = subprocess.Popen([shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"), "-c",
                                         self.folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)

        def listens():
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            except OSError:
                return False
        wait_until(listens, "mosquitto")
        return self

    def end(self):
        self.process.terminate()
        self.process.wait(START_S)


def make_certificate(folder):
    """Self-signed, for 127.0.0.1: its own CA."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=drumtower-test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)


def with_mosquitto(test):
    def run(daemon):
        broker = Broker(daemon.data / "broker", PORT).start()
        try:
            wait_until(lambda: connected(daemon), "the daemon at the broker")
            test(daemon, broker)
        finally:
            broker.end()
    run.__name__ = test.__name__
    return run


def level(sensor, at_s, value):
    return f"t/water/{sensor}", json.dumps({"level": round(value, 3), "ts": at_s})


# ---- with the real broker ----

@with_mosquitto
def a_hundred_thousand_readings_make_the_three_events_that_matter(daemon, broker):
    dice = random.Random(7)
    start_s = int(time.time()) - 60000
    floods = {"w1": [(10000, 11000), (30000, 31000)], "w2": [(20000, 25000)]}
    rows = []
    for second in range(50000):
        for sensor in ("w1", "w2"):
            flood = any(low <= second < high for low, high in floods[sensor])
            value = (0.24 if flood else 2 if second % 997 == 0 else 0.1) + dice.uniform(-0.03, 0.03)
            rows.append(level(sensor, start_s + second, value))
    Publisher(broker.port).send(rows)
    wait_until(lambda: messages(daemon, "read") == 100000, "all readings")
    found = sorted(event["external_id"] for event in daemon.events())
    expect(found, [f"w1/flood/{(start_s + 10000) * 1000}", f"w1/flood/{(start_s + 30000) * 1000}",
                   f"w2/flood/{(start_s + 20000) * 1000}"])
    expect(metric(daemon, "drumtower_mqtt_events_total"), 3)
    alarm = daemon.events()[0]
    expect((alarm["kind"], alarm["source"], alarm["service"], alarm["place"]["area"]), ("alarm", "sensor", "0101", "west"))


@with_mosquitto
def what_came_while_nobody_listened_is_heard_afterwards(daemon, broker):
    daemon.end()
    now_s = int(time.time())
    Publisher(broker.port).send([level("w1", now_s - 100 + i, 0.5) for i in range(60)] + [("t/band/b1", "sos")])
    daemon.start()
    wait_until(lambda: messages(daemon, "read") == 61, "the queued messages")
    expect(sorted(event["title"] for event in daemon.events()), ["SOS", "石桥 0.5"])


@with_mosquitto
def a_broker_that_restarts_is_found_again(daemon, broker):
    broker.end()
    wait_until(lambda: not connected(daemon), "the end of the connection")
    expect(daemon.get("/healthz")[0], 200)
    broker.start()
    wait_until(lambda: connected(daemon), "the daemon at the broker again")
    Publisher(broker.port).send([("t/band/b1", "sos")])
    wait_until(lambda: len(daemon.events()) == 1, "the alarm")


@with_mosquitto
def an_alarm_stands_through_restarts_and_kills(daemon, broker):
    publisher = Publisher(broker.port)
    for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        publisher.send([("t/band/b1", "sos")] * 5)
        wait_until(lambda: messages(daemon, "read") == 5, "five calls")
        expect(len(daemon.events()), 1, "one call for help")
        daemon.end(how)
        daemon.start()
        wait_until(lambda: connected(daemon), "the daemon at the broker")
    publisher.send([("t/band/b1", "ok"), ("t/band/b1", "sos")])
    wait_until(lambda: len(daemon.events()) == 2, "the second call")


@with_mosquitto
def messages_that_are_none_are_counted_and_harm_nobody(daemon, broker):
    Publisher(broker.port).send([("t/water/w1", "{"), ("t/water/w1", "[" * 60000), ("t/water/w7", "{}"),
                                 ("t/water/w1", json.dumps({"ts": 1, "level": [1]})), ("t/band/b1", "x" * 70000),
                                 ("t/band/b1", "sos")])
    wait_until(lambda: len(daemon.events()) == 1, "the call behind them")
    expect((messages(daemon, "malformed"), messages(daemon, "unknown_sensor")), (4, 1))


@with_mosquitto
def two_daemons_on_one_folder_hear_a_message_once(daemon, broker):
    other = daemon.beside().start()
    try:
        expect((metric(daemon, "drumtower_ingest_leading"), metric(other, "drumtower_ingest_leading")), (1, 0))
        publisher = Publisher(broker.port)
        publisher.send([("t/band/b1", "sos")])
        wait_until(lambda: len(daemon.events()) == 1, "the call")
        daemon.end(signal.SIGKILL)
        wait_until(lambda: connected(other), "the other one at the broker")
        publisher.send([("t/band/b1", "sos"), ("t/band/b1", "ok"), ("t/band/b1", "sos")])
        wait_until(lambda: len(other.events()) == 2, "the second call")
    finally:
        other.end()
    daemon.start()


def a_broker_may_want_tls(daemon):
    daemon.end()
    broker = Broker(daemon.data / "broker", PORT, tls=True).start()
    sources = daemon.book / "sources.yaml"
    plain = sources.read_text()
    other = daemon.data / "other"
    other.mkdir()
    make_certificate(other)
    try:
        for ca_file, reason in (("/nonexistent", "a broker is not asked"), (other / "cert.pem", "broker not connected"),
                                (broker.folder / "cert.pem", None)):
            sources.write_text(plain.replace("mqtt://", "mqtts://").replace("keep_alive_seconds: 5", f"ca_file: {ca_file}"))
            (daemon.data / "log").write_text("")
            daemon.start()
            if reason:
                wait_until(lambda: reason in (daemon.data / "log").read_text(), reason)
            else:
                wait_until(lambda: connected(daemon), "the daemon at the broker")
                subprocess.run(["mosquitto_pub", "-p", str(PORT), "--cafile", ca_file, "-h", "127.0.0.1", "-q", "1", "-t", "t/band/b1",
                                "-m", "sos"], check=True)
                wait_until(lambda: len(daemon.events()) == 1, "the alarm")
            daemon.end()
    finally:
        broker.end()
    daemon.start()


def named(daemon, name):
    """The book says a name instead of the address."""
    sources = daemon.book / "sources.yaml"
    sources.write_text(sources.read_text().replace("127.0.0.1", name))


def a_broker_may_have_a_name(daemon):
    daemon.end()
    named(daemon, "localhost")
    broker = Broker(daemon.data / "broker", PORT, host="localhost").start()
    try:
        daemon.start()
        wait_until(lambda: connected(daemon), "the daemon at the broker")
        Publisher(broker.port).send([("t/band/b1", "sos")])
        wait_until(lambda: len(daemon.events()) == 1, "the alarm")
    finally:
        broker.end()


def a_name_server_that_does_not_answer_stops_nobody(daemon):
    daemon.end()
    named(daemon, "broker.slow")
    daemon.start(before=lambda: os.environ.update(LD_PRELOAD=os.environ["SLOW_NAMES"]))
    wait_until(lambda: "broker not connected" in (daemon.data / "log").read_text(), "a broker without an address")
    expect(daemon.get("/healthz")[0], 200)


def a_broker_without_its_password_is_left_alone(daemon):
    daemon.end()
    book = daemon.book / "sources.yaml"
    book.write_text(book.read_text().replace("keep_alive_seconds: 5", "user: drumtower"))
    key = daemon.data / "keys/city.key"
    broker = socket.create_server(("127.0.0.1", PORT))
    for content, mode, reason in ((None, 0, "No such file"), ("secret\n", 0o644, "others may read it (mode 644); expected 0600"),
                                  ("two\nlines\n", 0o600, "expected one line"), ("secret\n", 0o600, None)):
        if content:
            key.write_text(content)
            key.chmod(mode)
        (daemon.data / "log").write_text("")
        daemon.start()
        log = (daemon.data / "log").read_text()
        expect(reason is None or reason in log, True, log)
        if not reason:
            peer, _ = broker.accept()
            head, body = read_packet(peer)
            expect((head, body[7] & 0xc0), (0x10, 0xc0), "CONNECT with user and password")
            expect(text("drumtower") + text("secret") in body, True)
            peer.close()
        daemon.end()
    broker.close()
    daemon.start()


# ---- with a broker that the test plays ----

class Played:
    """Takes the daemon's connections one after the other."""

    def __init__(self, port):
        self.server = socket.create_server(("127.0.0.1", port))
        self.server.settimeout(START_S)
        self.peer = None

    def accept(self):
        """Up to the subscription; returns the flags of CONNECT."""
        self.peer, _ = self.server.accept()
        self.peer.settimeout(START_S)
        head, body = read_packet(self.peer)
        expect(head, 0x10, "CONNECT")
        self.peer.sendall(packet(0x20, b"\1\0"))
        for _ in range(2):
            head, asked = read_packet(self.peer)
            expect(head, 0x82, "SUBSCRIBE")
            expect(asked[-1], 1, "QoS 1")
            self.peer.sendall(packet(0x90, asked[:2] + b"\1"))
        return body[7]

    def acknowledged(self):
        """The number of the next message that is acknowledged."""
        while True:
            head, body = read_packet(self.peer)
            if head == 0x40:
                return struct.unpack(">H", body)[0]
            expect(head, 0xc0, "PINGREQ")
            self.peer.sendall(packet(0xd0, b""))

    def close(self):
        self.peer.close()
        self.server.close()


def with_played_broker(test):
    def run(daemon):
        broker = Played(PORT)
        try:
            test(daemon, broker)
        finally:
            broker.close()
    run.__name__ = test.__name__
    return run


@with_played_broker
def what_is_acknowledged_is_in_the_log(daemon, broker):
    for turn in range(1, 16):  # each kill comes as soon after the acknowledgement as a process can
        flags = broker.accept()
        expect(flags & 2, 0, "a session that lasts")
        broker.peer.sendall(publish("t/band/b1", "ok", 2 * turn) + publish("t/band/b1", "sos", 2 * turn + 1))
        expect(broker.acknowledged(), 2 * turn)
        expect(broker.acknowledged(), 2 * turn + 1)
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
        expect(len(daemon.events()), turn, "alarms after the acknowledgement")
        broker.peer.close()
        daemon.start()
    broker.accept()


@with_played_broker
def what_is_sent_again_is_taken_once(daemon, broker):
    broker.accept()
    now_s = int(time.time())
    rows = [level("w1", now_s - 60 + i, 0.5) for i in range(30)]
    for i, row in enumerate(rows, 1):
        broker.peer.sendall(publish(*row, i))
    wait_until(lambda: len(daemon.events()) == 1, "the alarm")
    broker.peer.close()  # and no acknowledgement was read
    broker.accept()
    for i, row in enumerate(rows, 1):
        broker.peer.sendall(publish(*row, i, again=True))
    expect([broker.acknowledged() for _ in rows], list(range(1, 31)))
    expect(len(daemon.events()), 1)


@with_played_broker
def a_queue_that_is_full_takes_what_it_can_and_loses_nothing(daemon, broker):
    broker.accept()  # else the next one might be of the daemon that has ended
    daemon.end()
    broker.peer.close()
    daemon.limit(reports_waiting=1)
    daemon.start()
    broker.accept()
    words = ["sos" if i % 2 else "ok" for i in range(40)]
    broker.peer.sendall(b"".join(publish("t/band/b1", word, i + 1) for i, word in enumerate(words)))
    expect([broker.acknowledged() for _ in words], list(range(1, 41)))
    expect(len(daemon.events()), 20)


TESTS = [
    a_hundred_thousand_readings_make_the_three_events_that_matter,
    what_came_while_nobody_listened_is_heard_afterwards,
    a_broker_that_restarts_is_found_again,
    an_alarm_stands_through_restarts_and_kills,
    messages_that_are_none_are_counted_and_harm_nobody,
    two_daemons_on_one_folder_hear_a_message_once,
    a_broker_may_want_tls,
    a_broker_may_have_a_name,
    a_name_server_that_does_not_answer_stops_nobody,
    a_broker_without_its_password_is_left_alone,
    what_is_acknowledged_is_in_the_log,
    what_is_sent_again_is_taken_once,
    a_queue_that_is_full_takes_what_it_can_and_loses_nothing,
]

if __name__ == "__main__":
    PORT = free_ports(1)
    sys.exit(run_all(TESTS, sys.argv[1], with_sources(sys.argv[3], SOURCES.replace("@PORT@", str(PORT))), sys.argv[2]))
