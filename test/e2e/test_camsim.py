#!/usr/bin/env python3
"""The simulated cameras, seen by somebody else's reader: ffmpeg.

usage: test_camsim.py CAMSIM          TAP on standard output"""
import json
import pathlib
import subprocess
import sys
import tempfile

from tap import Tap

CAMSIM = sys.argv[1]
READ_S = 20  # bounds a reader that never ends; nothing is asserted about time


class Camsim:
    def __init__(self, *words):
        self.process = subprocess.Popen([CAMSIM, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def url(self, path, user=""):
        return f"rtsp://{user}127.0.0.1:{self.port}/{path}"

    def counts(self):
        return json.loads(self.say("counts"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        expect(self.process.wait(READ_S), 0, "exit status of camsim")


def expect(found, wanted, what):
    assert found == wanted, f"{what}: {found}, expected {wanted}"


def ffmpeg(url, *words):
    """What ffmpeg makes of a stream: status, standard output, errors."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-timeout", "3000000",
                           "-analyzeduration", "100000", "-i", url,
                           *words], capture_output=True, timeout=READ_S, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def stream_of(url):
    done = subprocess.run(["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-analyzeduration", "1000000", "-show_streams", "-of", "json", url],
                          capture_output=True, timeout=READ_S, check=True)
    return json.loads(done.stdout)["streams"][0]


def picture(url, pictures=1):
    """The last one of some pictures as 640x360 bytes of brightness."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "grey"
        status, _, errors = ffmpeg(url, "-frames:v", str(pictures), "-update", "1", "-s", "640x360", "-pix_fmt", "gray",
                                   "-f", "rawvideo", str(file))
        assert status == 0, errors
        return file.read_bytes()[-640 * 360:]


def brightness(bytes_):
    return sum(bytes_) / len(bytes_)


def number_in(picture_):
    """The number of the picture as its squares say."""
    row = 640 * (360 - 8)
    bits = [picture_[row + 16 * bit + 8] > 128 for bit in range(10)]
    return sum(1 << (9 - bit) for bit, white in enumerate(bits) if white)


def codecs_and_sizes():
    with Camsim("a", "b") as camsim:
        for path, codec, width, height, rate in (("a", "h264", 640, 360, "15/1"), ("b", "hevc", 640, 360, "15/1"),
                                                 ("a/main", "h264", 1920, 1080, "25/1")):
            if codec == "hevc":
                expect(camsim.say("b codec h265"), "ok 1", "answer")
            stream = stream_of(camsim.url(path))
            expect((stream["codec_name"], stream["width"], stream["height"]), (codec, width, height), path)
        status, out, errors = ffmpeg(camsim.url("b"), "-frames:v", "40", "-f", "framemd5", "-")
        expect((status, errors), (0, ""), "reading 40 pictures of H.265")
        expect(sum(not line.startswith("#") for line in out.decode().splitlines()), 40, "pictures")


def clock_in_the_picture():
    with Camsim("a") as camsim:
        first, later = number_in(picture(camsim.url("a"))), number_in(picture(camsim.url("a"), 8))
        for number in (first, later):
            assert number < 14 * 15, f"picture {number} of {14 * 15}"
        expect(number_in(picture(camsim.url("a"))) % 30, 0, "a stream begins with a key frame, which is every 30th")
        expect(camsim.say("a start any"), "ok 1", "answer")


def scenes():
    with Camsim("a") as camsim:
        well = picture(camsim.url("a"))
        camsim.say("a see black")
        assert brightness(picture(camsim.url("a"))) < 30 < brightness(well)
        camsim.say("a see still")
        expect(number_in(picture(camsim.url("a"), 5)), 0, "a sensor that stands")


def parameter_sets():
    with Camsim("a") as camsim:
        camsim.say("a sets sdp")
        status, _, errors = ffmpeg(camsim.url("a"), "-frames:v", "5", "-f", "null", "-")
        expect((status, errors), (0, ""), "reading with sets in SDP alone")
        camsim.say("a change")
        stream = stream_of(camsim.url("a"))
        expect((stream["width"], stream["height"]), (704, 576), "size after the change")


def passwords():
    for words in ((), ("--sha256",)):
        with Camsim("--user", "admin", "--password", "a b", *words, "a") as camsim:
            assert ffmpeg(camsim.url("a"), "-frames:v", "1", "-f", "null", "-")[0] != 0
            assert ffmpeg(camsim.url("a", "admin:wrong@"), "-frames:v", "1", "-f", "null", "-")[0] != 0
            assert camsim.counts()["refused"] >= 2
            if not words:  # Debian 12's ffmpeg knows MD5 alone
                status, _, errors = ffmpeg(camsim.url("a", "admin:a%20b@"), "-frames:v", "1", "-f", "null", "-")
                expect((status, errors), (0, ""), "with the password")


def troubles():
    with Camsim("a", "b") as camsim:
        for trouble in ("die", "mute"):
            camsim.say(f"a {trouble}")
            status = ffmpeg(camsim.url("a"), "-frames:v", "1", "-f", "null", "-")[0]
            assert status != 0, f"{trouble}: nothing was wrong"
            camsim.say("a well")
        camsim.say("a lose 200")
        assert ffmpeg(camsim.url("a"), "-frames:v", "40", "-f", "null", "-")[2], "a fifth is lost and nobody notices"
        camsim.say("a well")
        expect(ffmpeg(camsim.url("a"), "-frames:v", "5", "-f", "null", "-")[0], 0, "status when all is well")
        expect(ffmpeg(camsim.url("c"), "-frames:v", "1", "-f", "null", "-")[0] != 0, True, "a camera that is not there fails")
        expect(camsim.say("a dance"), "error no such verb 'dance'", "answer")


def same_seed_same_troubles():
    def story():
        with Camsim("--count", "400", "--seed", "7") as camsim:
            return [camsim.say(line) for line in ("25% freeze", "10% die", "cam-00* well")]
    expect(story(), story(), "who was concerned")


def main():
    tap = Tap()
    for test in (codecs_and_sizes, clock_in_the_picture, scenes, parameter_sets, passwords, troubles, same_seed_same_troubles):
        tap.test(test.__name__.replace("_", " "), test)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
