#!/usr/bin/env python3
"""What the quickstart does when something is wrong. TAP on standard output.

usage: test_quickstart.py ROOT BUILD"""
import contextlib
import fcntl
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools/district"))

import run as runner  # noqa: E402
from daemons import Failed, Process  # noqa: E402
from tap import Tap  # noqa: E402

PATIENCE_S = 60


def quickstart(*words):
    """Exit status and what it said, of a call that is over before anything is installed or built."""
    with subprocess.Popen([ROOT / "tools/quickstart", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          start_new_session=True) as call:
        try:
            return call.wait(PATIENCE_S), call.stdout.read()
        except subprocess.TimeoutExpired:
            os.killpg(call.pid, signal.SIGKILL)  # it builds
            raise


def runner_command(*words):
    return [sys.executable, ROOT / "tools/district/run.py", "--build", BUILD, "--book", ROOT / "examples/gulou", *words]


def a_wrong_call_is_told_in_a_line_before_anything_is_built(_):
    for words, expected in ((["--port", "80"], "tools/quickstart: --port 80: expected a number from 1024 to 65000\n"),
                            (["--port", "eighty"], "tools/quickstart: --port eighty: expected a number from 1024 to 65000\n"),
                            (["--chaos"], "tools/quickstart: --chaos goes with --check\n")):
        assert quickstart(*words) == (2, expected), quickstart(*words)


def a_data_folder_that_another_run_has_is_left_alone(folder):
    with open(folder / "lock", "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(runner_command("--data", folder), capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 1 and "is in use by another run" in done.stderr, done
    assert os.listdir(folder) == ["lock"], os.listdir(folder)


class Quiet:
    """A district without trouble."""
    processes, urls = {}, {"videowall": "http://127.0.0.1:1"}

    def start(self):
        pass

    def stop(self):
        pass

    def restart_ended(self):
        return []


def a_city_that_ends_is_told_with_its_last_words(folder):
    runner.city_of = lambda *_: Process("citysim", ["sh", "-c", "echo there are no cameras >&2; exit 1"], folder)
    runner.show_addresses = lambda *_: None
    signal.alarm(PATIENCE_S)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runner.interactive(BUILD, Quiet(), folder)
    except Failed as fault:
        assert "there are no cameras" in str(fault), fault
    else:
        raise AssertionError("nobody was told")
    finally:
        signal.alarm(0)


def end_of(program, *words):
    """Exit status and complaint of a program of the city."""
    done = subprocess.run([BUILD / "tools/citysim" / program, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)
    return done.returncode, done.stderr


def a_wrong_call_of_the_city_is_no_loss(folder):
    """Status 1 says that something was lost or doubled."""
    good = ["--book", ROOT / "examples/gulou", "--password-file", folder / "password"]
    for program, words, expected in (("citysim", [], "--book and --password-file are needed"),
                                     ("citysim", good + ["--log-level", "loud"], "--log-level: 'loud' is not error"),
                                     ("citysim", good + ["--settle", "-1"], "--settle: -1 is not between"),
                                     ("camsim", ["--port", "x"], "--port: 'x' is not a whole number"),
                                     ("camsim", ["--user", "x"], "--user and --password go together")):
        status, said = end_of(program, *words)
        assert status == 2 and expected in said, (status, said)


def a_city_where_nobody_may_report_is_told(folder):
    book = shutil.copytree(ROOT / "examples/gulou", folder / "book")
    services = book / "services.yaml"
    services.write_text(services.read_text().replace("\ndefaults:\n", "\ndefaults:\n  public: false\n", 1))
    (folder / "password").write_text("drumtower-demo\n")
    status, said = end_of("citysim", "--book", book, "--password-file", folder / "password", "--rtsp-port", "0")
    assert status == 1 and "nobody would know what to report" in said, (status, said)


def children(pid):
    """Process ids by the names of their programs."""
    found = {}
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            found[os.readlink(f"/proc/{child}/exe").rsplit("/", 1)[-1]] = int(child)
        except FileNotFoundError:
            pass  # it has ended
    return found


def check_until(folder, trouble):
    """A check that has trouble once the city is there: its exit status, what it said, and who was left behind."""
    checking = subprocess.Popen(runner_command("--check"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env={**os.environ, "TMPDIR": str(folder)}, text=True)
    try:
        while "citysim" not in (people := children(checking.pid)):
            assert checking.poll() is None, checking.stdout.read()
            time.sleep(0.05)
        trouble(checking, people)
        said, _ = checking.communicate(timeout=PATIENCE_S)
        left = [name for name, pid in people.items() if os.path.exists(f"/proc/{pid}")]
        for name in left:
            os.kill(people[name], signal.SIGKILL)
        return checking.returncode, said, left
    finally:
        checking.kill()
        checking.communicate()


def a_check_that_fails_leaves_nobody_behind(folder):
    status, said, left = check_until(folder, lambda _, people: os.kill(people["drumtower-field"], signal.SIGKILL))
    assert status == 1 and "field ended by itself" in said and not left, (status, said, left)


def a_check_that_is_ended_says_where_its_logs_are(folder):
    status, said, left = check_until(folder, lambda checking, _: checking.terminate())
    assert status == 130 and not left and "Traceback" not in said, (status, said, left)
    assert f"the logs and the data of this run are in {folder}" in said, said


if __name__ == "__main__":
    sys.exit(Tap().tell(a_wrong_call_is_told_in_a_line_before_anything_is_built,
                        a_data_folder_that_another_run_has_is_left_alone,
                        a_city_that_ends_is_told_with_its_last_words,
                        a_wrong_call_of_the_city_is_no_loss,
                        a_city_where_nobody_may_report_is_told,
                        a_check_that_fails_leaves_nobody_behind,
                        a_check_that_is_ended_says_where_its_logs_are))
