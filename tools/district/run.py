#!/usr/bin/env python3
"""Runs the example district: the four daemons and a simulated city. tools/quickstart builds and then calls this."""
import argparse
import fcntl
import json
import pathlib
import random
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.request

from daemons import POLL_S, District, Failed, Process, run

CHECK_REPORTS = 90         # at two a second; what is under way then gets SETTLE_SECONDS to come to rest
SETTLE_SECONDS = 30
CHAOS_EVERY_SECONDS = 8
DEMO_RTSP_PORT = 8554      # of the simulated cameras in examples/


def free_ports(count):
    """A run of free TCP ports on the loopback, below the range that clients' ends are taken from."""
    for _ in range(200):
        first = random.randrange(15000, 30000)
        taken = []
        try:
            for port in range(first, first + count):
                taken.append(socket.socket())
                taken[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken[-1].bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for probe in taken:
                probe.close()
    raise Failed("no free ports on the loopback")


def take(data):
    """The data folder, for one run at a time; the open file holds the lock as long as the process lives."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = open(data / "lock", "w", encoding="ascii")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failed(f"{data} is in use by another run: end it, or name another folder with --data") from None
    except OSError as error:
        raise Failed(f"{data}: cannot be the data folder: {error.strerror}") from error
    return held


def prepare(build, book, data):
    """An account for everybody in the book; the password that all demo accounts share."""
    password_file = data / "demo-password"
    try:
        if not password_file.exists():
            password_file.touch(mode=0o600)
            password_file.write_text(secrets.token_hex(4) + "\n")
    except OSError as error:
        raise Failed(f"{data}: cannot be the data folder: {error.strerror}") from error
    # at every start: the book's people may have changed, or an earlier start may have failed
    run([build / "tools/drumctl", "account", "import", "--book", book, "--data", data, "--password-file", password_file])
    return password_file


def book_with_cameras_at(book, scratch, rtsp_port):
    """A copy of the book whose simulated cameras stand at another port, so that two runs do not meet."""
    copy = scratch / "book"
    shutil.copytree(book, copy)
    cameras = copy / "cameras.yaml"
    cameras.write_text(cameras.read_text().replace(f"127.0.0.1:{DEMO_RTSP_PORT}/", f"127.0.0.1:{rtsp_port}/"))
    return copy


def city_of(build, district, password_file, seed, extra):
    return Process("citysim", [build / "tools/citysim/citysim", "--book", district.book,
                               "--ingest", district.urls["ingest"], "--field", district.urls["field"],
                               "--wall", district.urls["videowall"], "--rtsp-port", district.rtsp_port,
                               "--password-file", password_file, "--seed", seed] + extra, district.log_folder)


def some_people(district, roles):
    """The first account of each role, as drumctl lists them."""
    lines = [line.split() for line in run([district.build / "tools/drumctl", "account", "list", "--data",
                                           district.data]).splitlines()]
    return [f"{next(login for login, role, *_ in lines if role == wanted)} ({wanted})"
            for wanted in roles if any(line[1] == wanted for line in lines)]


def show_addresses(district, password_file):
    password = password_file.read_text().strip()
    print(f"""
  residents   {district.urls["ingest"]}/           report, follow, rate   (Open311: /open311/discovery.json)
  handsets    {district.urls["field"]}/           grid workers and liaisons
  desk        {district.urls["videowall"]}/desk       operators
  wall        {district.urls["videowall"]}/wall       the video wall
  native wall {district.native_wall}       the same without a browser: ffplay, VLC, a decoder box

  demo accounts, all with the password {password}:
    desk and wall  {", ".join(some_people(district, ("operator", "leader")))}
    field          {", ".join(some_people(district, ("worker", "liaison")))}; the others stand in {district.book}/people.yaml

  logs        {district.log_folder}
  Ctrl-C ends everything; the data stays in {district.data}
""", flush=True)


def wall_numbers(url):
    with urllib.request.urlopen(url + "/metrics", timeout=2) as answer:
        text = answer.read().decode()
    numbers = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if name in ("drumtower_cases_open", "drumtower_cases_overdue_open", "drumtower_outbox_seq"):
            numbers[name.removeprefix("drumtower_")] = value
    return " ".join(f"{name}={value}" for name, value in sorted(numbers.items()))


def interactive(build, district, password_file):
    city = city_of(build, district, password_file, 1, [])
    district.start()
    city.start()
    show_addresses(district, password_file)
    try:
        while True:
            for name in district.restart_ended():
                print(f"\n{name} had ended; started again", flush=True)
            if not city.running():
                raise Failed(f"citysim ended by itself:\n{city.tail()}")
            health = "  ".join(f"{name} {'ok' if process.readiness() is None else 'NOT READY'}"
                               for name, process in list(district.processes.items()) + [("city", city)])
            try:
                health += "   " + wall_numbers(district.urls["videowall"])
            except OSError:
                pass
            print(f"\r\033[K{time.strftime('%H:%M:%S')}  {health}" if sys.stdout.isatty() else health,
                  end="" if sys.stdout.isatty() else "\n", flush=True)
            time.sleep(5)
    except KeyboardInterrupt:
        print("\nending…", flush=True)
    finally:
        city.stop()
        district.stop()
    return 0


def notices_missing(build, data, heard):
    """How many notices of one live list its reader did not get, of all that the outbox has for it."""
    told = run([build / "tools/drumctl", "notices", "--data", data, "--topic", heard["topic"], "--after",
                heard["after"], "--count"])
    return int(told) - heard["heard"]


def check(build, district, password_file, chaos):
    """Runs the city for a while, unattended; prints the totals as one line of JSON."""
    city = city_of(build, district, password_file, 1,
                   ["--check", "--reports", CHECK_REPORTS, "--settle", SETTLE_SECONDS])
    district.start()
    started = time.monotonic()
    answer = district.log_folder / "citysim.json"
    with open(answer, "wb") as stdout:
        city.start(stdout)
    victims = list(district.processes) if chaos else []
    crashes = []
    try:
        while city.running():
            if victims and time.monotonic() - started > CHAOS_EVERY_SECONDS * (len(crashes) + 1):
                name = victims.pop(0)
                print(f"{time.monotonic() - started:5.1f} s  kill -9 {name}", file=sys.stderr, flush=True)
                district.crash(name)
                crashes.append(name)
            for name, process in district.processes.items():
                if not process.running():
                    raise Failed(f"{name} ended by itself:\n{process.tail()}")
            time.sleep(POLL_S)
    finally:
        city.stop()
    output = answer.read_text()
    if city.child.returncode not in (0, 1) or not output.strip():
        raise Failed(f"citysim ended with status {city.child.returncode}:\n{city.tail()}")
    totals = json.loads(output.splitlines()[-1])
    district.stop()
    audit = json.loads(run([build / "tools/drumctl", "audit", "--data", district.data, "--json"]).splitlines()[-1])
    totals["notices_missing"] = sum(notices_missing(build, district.data, heard) for heard in totals.pop("lists"))
    totals["cases"] = audit["cases"]
    totals["lost"] += audit["lost"]
    totals["doubled"] += audit["doubled"]
    totals["clocks_fired_twice"] = audit["clocks_fired_twice"]
    totals["journal_verified"] = audit["journal_verified"]
    totals["crashes"] = crashes
    moved = all(totals[stage] > 0 for stage in ("sent", "answered", "cases", "dispatched", "delivered", "closed"))
    good = (moved and totals["tiles_live"] >= 4 and totals["answered"] == totals["sent"] and totals["lost"] == 0 and
            totals["doubled"] == 0 and totals["notices_missing"] == 0 and totals["clocks_fired_twice"] == 0 and totals["journal_verified"])
    print(json.dumps(totals))
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--book", type=pathlib.Path, default=pathlib.Path("examples/gulou"))
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--chaos", action="store_true")
    options = parser.parse_args()
    if options.chaos and not options.check:
        parser.error("--chaos goes with --check")
    scratch = None
    try:
        if options.check:
            scratch = pathlib.Path(tempfile.mkdtemp(prefix="drumtower-check-"))
            first = options.port or free_ports(13)
            data, logs, bus, rtsp = options.data or scratch / "data", scratch, first + 3, first + 11
            book = book_with_cameras_at(options.book, scratch, rtsp)
        else:
            first = options.port or 8311
            data = options.data or pathlib.Path("data/quickstart")
            logs, bus, rtsp = data / "log", first + 9, DEMO_RTSP_PORT
            book = options.book
        held = take(data)  # noqa: F841  until the end of the process
        password_file = prepare(options.build, book, data)  # it signs out who is signed in
        logs.mkdir(exist_ok=True)
        district = District(options.build, book, data, first, bus, rtsp, logs)
        try:
            if options.check:
                status = check(options.build, district, password_file, options.chaos)
            else:
                status = interactive(options.build, district, password_file)
        finally:
            for process in district.processes.values():
                if process.running():
                    process.kill()
    except Failed as fault:
        print(f"quickstart: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("quickstart: ended before it was done", file=sys.stderr)
        status = 128 + signal.SIGINT
    if scratch and status == 0:
        shutil.rmtree(scratch)
    elif scratch:
        print(f"quickstart: the logs and the data of this run are in {scratch}", file=sys.stderr)
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
