#!/usr/bin/env python3
"""64 cameras on the native wall and on a page, a quarter of them in trouble: the others must not notice. Measured by capture times and by what
the cameras' states say; a bound is the promise and what this machine was late by in the same minutes (its pulses tell).

usage: test_many_cameras.py ROOT BUILD [--cameras N] [--seconds N]          TAP on standard output"""
import argparse
import fractions
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve() / "tools/district"))

from camera_stage import Stage, now_ms  # noqa: E402
from rough_client import Wrong  # noqa: E402
from tap import Tap  # noqa: E402

RATE = 15           # pictures a second of each (programme.h)
KEY_MS = 2000       # between two key frames
FROZEN_MS = 2000    # a freeze is noticed within
BACK_MS = 1500      # a picture is back within, and the wait for a key frame
GREY_MS = 3000      # a tile is grey for so long at most when ingest is started again
SILENCE_MS = 2000   # proto/record/camera.h: after so long without a picture a tile is grey
ALL_BUT = 0.95      # of the pictures that a camera sends
WINDOWS = 10        # until a machine is calm
WARM_MS = 1000      # pictures that came in a burst
TROUBLES = ["die", "freeze", "garbage", "change"]
READ_S = 60
WALL_RATE, WALL_RATE_OFF = 25, 0.5
BEAT = 90000 // WALL_RATE   # of the wall's pictures, in steps of RTP's clock
STOPS, STOP_S = 4, 0.11


class Story:
    def __init__(self, stage, seconds):
        self.stage, self.window_ms = stage, seconds * 1000
        quarter = max(4, len(stage.ids) // 4 // len(TROUBLES) * len(TROUBLES))
        self.troubled = {name: TROUBLES[at % len(TROUBLES)] for at, name in enumerate(stage.ids[::len(stage.ids) // quarter][:quarter])}
        self.others = [name for name in stage.ids if name not in self.troubled]

    def within(self, found_ms, bound_ms, what):
        """A promise of time."""
        late_ms = self.stage.lateness_ms()
        print(f"# {what}: {found_ms} ms, promised {bound_ms} ms, this machine was late by up to {late_ms} ms")
        if found_ms > bound_ms + 2 * late_ms:
            raise Wrong(f"{what}: {found_ms} ms, promised {bound_ms} ms, and the machine was late by {late_ms} ms at most")

    def rates(self, names, from_ms, to_ms):
        return {name: 1000 * len(self.stage.seen[name].captured(from_ms, to_ms)) / (to_ms - from_ms) for name in names}

    def window(self):
        """Some seconds from now on, all of whose pictures have come."""
        from_ms = now_ms() + WARM_MS
        self.stage.wait_until(from_ms + self.window_ms + WARM_MS)
        return from_ms, from_ms + self.window_ms

    def calm_rates(self):
        """Of those that nothing will befall, once all of them come as they should: else there would be nothing to lose."""
        for _ in range(WINDOWS):
            rates = self.rates(self.others, *self.window())
            if min(rates.values()) > ALL_BUT * RATE:
                return rates
        raise Wrong(f"this machine does not keep up with {len(self.stage.ids)} cameras: {min(rates.values()):.1f} pictures a second")

    # ---- the chapters ----

    def the_wall_is_up_when_every_camera_is_dead(self):
        stage = self.stage
        stage.camsim.order("* die")
        stage.start()
        stage.watch()
        composed = stage.pictures_composed()
        stage.wait("pictures of the wall", lambda: stage.pictures_composed() >= composed + 2)
        stage.wait("a file", lambda: list(stage.pictures.glob("wall-*.png")))
        view = stage.view()
        if (view["tiles"], view["live"]) != (len(stage.ids), 0):
            raise Wrong(f"{view['tiles']} tiles, {view['live']} live; expected {len(stage.ids)} and none")
        stage.wait("all are told lost", lambda: all(seen.state() == "lost" for seen in stage.seen.values()))

    def all_come_when_they_are_there(self):
        self.back(self.stage.ids, self.stage.camsim.order("* well"), "the last of all is there")
        self.stage.wait("live tiles", lambda: self.stage.view()["live"] == len(self.stage.ids))

    def back(self, names, since_ms, what):
        """Cameras of which a picture is wanted that was captured after a moment."""
        seen = self.stage.seen

        def missing():
            return [name for name in names if not seen[name].first_after(since_ms) or seen[name].state() != "live"]

        try:
            self.stage.wait(what, lambda: not missing())
        except Wrong as late:
            told = {name: (seen[name].state(), len(seen[name].units)) for name in missing()}
            raise Wrong(f"{late}; missing, with their states and pictures: {told}") from late
        self.within(max(seen[name].first_after(since_ms) for name in names) - since_ms, BACK_MS + KEY_MS, what)

    def the_others_keep_their_rate(self):
        stage = self.stage
        before = self.calm_rates()
        began_ms = now_ms()
        for name, trouble in self.troubled.items():
            stage.camsim.order(f"{name} {trouble}")
        from_ms, to_ms = self.window()
        beside = self.rates(self.others, from_ms, to_ms)
        print(f"# pictures a second of {len(self.others)} others: before {min(before.values()):.2f} to {max(before.values()):.2f}, "
              f"beside {len(self.troubled)} in trouble {min(beside.values()):.2f} to {max(beside.values()):.2f}")
        slowed = {name: rate for name, rate in beside.items() if rate < ALL_BUT * before[name]}
        if slowed:
            raise Wrong(f"slowed down by others: {slowed}")
        self.freezes_are_noticed(began_ms)
        broken = [name for name, trouble in self.troubled.items() if trouble == "change" and stage.seen[name].state() != "live"]
        if broken:
            raise Wrong(f"changed their parameter sets and are not live: {broken}")

    def freezes_are_noticed(self, began_ms):
        """Of those that froze: told so within the time, counted from their last picture."""
        worst_ms = 0
        for name, trouble in self.troubled.items():
            told = [status for status in self.stage.seen[name].statuses if status["state"] == "frozen" and status["since_ms"] >= began_ms]
            if trouble == "freeze":
                if not told:
                    raise Wrong(f"{name} froze and nobody said so")
                last_ms = max(at for at, _ in self.stage.seen[name].units if at < told[0]["since_ms"])
                worst_ms = max(worst_ms, told[0]["since_ms"] - last_ms)
        self.within(worst_ms, FROZEN_MS, "a freeze is noticed")

    def who_was_in_trouble_is_back(self):
        self.back(list(self.troubled), self.stage.camsim.order("* well"), "the last of those in trouble is back")

    def ingest_is_started_again(self):
        stage = self.stage
        self.window()
        process = stage.district.processes["ingest"]
        process.stop()
        last = {name: seen.units[-1][0] for name, seen in stage.seen.items()}
        process.start()
        stage.wait("all of them again", lambda: all(seen.first_after(last[name] + 1) for name, seen in stage.seen.items()))
        gap_ms = max(seen.first_after(last[name] + 1) - last[name] for name, seen in stage.seen.items())
        self.within(max(0, gap_ms - SILENCE_MS), GREY_MS, "the longest that a tile is grey")
        stage.wait("live tiles", lambda: stage.view()["live"] == len(stage.ids))

    def the_walls_stream_is_read_by_others(self):
        url = self.stage.district.native_wall
        said = subprocess.run(["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json", url],
                              capture_output=True, timeout=READ_S, check=True).stdout
        stream = json.loads(said)["streams"][0]
        found = {key: stream[key] for key in ("codec_name", "width", "height")}
        rate = fractions.Fraction(stream["r_frame_rate"])  # ffprobe reckons it from the times of the first pictures
        if found != {"codec_name": "h264", "width": 1920, "height": 1080} or abs(rate - WALL_RATE) > WALL_RATE_OFF:
            raise Wrong(f"ffprobe: {found}, {float(rate):.2f} pictures a second")
        done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "75",
                               "-f", "framemd5", "-"], capture_output=True, timeout=READ_S, check=False)
        sums = {line.split()[-1] for line in done.stdout.splitlines() if not line.startswith(b"#")}
        if done.returncode or done.stderr or len(sums) < 10:
            raise Wrong(f"ffmpeg: status {done.returncode}, {len(sums)} different pictures, {done.stderr[:300]!r}")

    def a_late_picture_is_of_the_walls_beat(self):
        """As on a machine that has other things to do: pictures are left out, the others' times stay even."""
        wall = self.stage.wall.child
        reader = subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", self.stage.district.native_wall,
                                   "-c", "copy", "-flush_packets", "1", "-f", "framecrc", "-"], stdout=subprocess.PIPE, text=True)
        try:
            packets = (line for line in reader.stdout if not line.startswith("#"))
            next(packets)  # ffmpeg knows no time of the first
            times = []
            for _ in range(STOPS):
                wall.send_signal(signal.SIGSTOP)
                time.sleep(STOP_S)
                wall.send_signal(signal.SIGCONT)
                times += [int(next(packets).split(",")[2]) for _ in range(WALL_RATE)]
        finally:
            reader.kill()
            reader.communicate()
        steps = [b - a for a, b in zip(times, times[1:])]
        uneven = [step for step in steps if step <= 0 or min(step % BEAT, -step % BEAT) > BEAT / 40]
        print(f"# {len(steps)} steps, of 40 ms {sum(abs(step - BEAT) <= BEAT / 40 for step in steps)}, the longest {max(steps) / 90:.0f} ms")
        if uneven or max(steps) < 2 * BEAT:
            raise Wrong(f"not of the wall's beat of {BEAT}: {uneven}, the longest {max(steps)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("build")
    parser.add_argument("--cameras", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        stage = Stage(options.root, options.build, scratch, options.cameras)
        story = Story(stage, options.seconds)
        try:
            for name, chapter in [
                    ("the wall is up when every camera is dead", story.the_wall_is_up_when_every_camera_is_dead),
                    ("all come when they are there", story.all_come_when_they_are_there),
                    ("a quarter in trouble leaves the others their rate", story.the_others_keep_their_rate),
                    ("who was in trouble is back", story.who_was_in_trouble_is_back),
                    ("ingest is started again", story.ingest_is_started_again),
                    ("the wall's stream is read by ffprobe and ffmpeg", story.the_walls_stream_is_read_by_others),
                    ("a late picture is of the wall's beat", story.a_late_picture_is_of_the_walls_beat)]:
                tap.test(name, chapter)
                if tap.failed:
                    break
        finally:
            stage.end()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
