#!/usr/bin/env python3
"""The structure of the tree as a test: includes point to a lower rank or the own folder, and each library has its one room.

usage: structure.py ROOT            checks the tree, TAP on standard output
The last tests plant an upward include and a library outside its room into a scratch tree: the check must find both."""
import pathlib
import re
import subprocess
import sys
import tempfile

# Folder → rank. The longest prefix that fits decides.
RANKS = {
    "proto/base": 0,
    "proto/record": 1,
    "proto/book": 2,
    "proto/store": 2,
    "proto/bus": 2,
    "proto/photo": 2,
    "proto/client": 2,
    "proto/door": 3,
    "proto/web": 3,
    "ingest": 4,
    "dispatcher": 4,
    "videowall": 4,
    "tools": 5,
    "test": 6,
}

# Header of a library → the places that may include it.
ROOMS = {
    r"lmdb\.h": ["proto/store/environment.h", "tools/benches/peer_lmdb.c", "tools/benches/recorder.c"],
    r"msgpack(\.h|/.*)": ["proto/record/codec.c"],
    r"nng/.*": ["proto/bus/"],
    r"microhttpd\.h": ["proto/door/"],
    r"sodium(\.h|/.*)": ["proto/base/crypto.c"],
    r"cyaml/.*|yaml\.h": ["proto/book/"],
    r"geos_c\.h": ["proto/book/"],
    r"libical/.*": ["proto/book/icalendar"],
    r"glib\.h": ["proto/book/zone.c", "ingest/cameras/", "videowall/", "tools/citysim/"],
    r"gst/.*": ["ingest/cameras/", "videowall/", "tools/citysim/", "tools/benches/wall.c"],
    r"libavcodec/.*|libswscale/.*": ["videowall/wall/codec.c"],
    r"libyuv(\.h|/.*)": ["videowall/wall/", "proto/photo/picture.c"],
    r"jpeglib\.h|jerror\.h": ["proto/photo/"],
    r"png\.h": ["proto/photo/decode_png.c"],
    r"webp/.*": ["proto/photo/decode_webp.c"],
    r"libexif/.*": ["proto/photo/exif.c"],
    r"seccomp\.h": ["proto/photo/confine.c"],
    r"libxml/.*": ["ingest/sources/"],
    r"osipparser2/.*": ["ingest/cameras/gb28181/sip.c"],
    r"mosquitto\.h": ["ingest/sources/mqtt/client.c"],
    r"linear\.h": ["ingest/enrich/classify/learn.c"],
    r"curl/.*": ["proto/client/"],
    r"libpq-fe\.h|hiredis/.*": ["tools/benches/"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def part_of(path):
    """The ranked folder that a file belongs to, or None."""
    fits = [folder for folder in RANKS if path.startswith(folder + "/")]
    return max(fits, key=len) if fits else None


def check_file(path, text):
    """Yields what is wrong with one file."""
    part = part_of(path)
    if part is None:
        yield f"{path}: belongs to no ranked folder"
        return
    for quote, name in INCLUDE.findall(text):
        if quote == "<":
            for header, rooms in ROOMS.items():
                if re.fullmatch(header, name) and not path.startswith("test/") and not any(path.startswith(r) for r in rooms):
                    yield f"{path}: <{name}> is at home in {', '.join(rooms)} only"
            continue
        target = part_of(name)
        if target is None:
            if "/" in name:
                yield f'{path}: "{name}" is in no ranked folder'
        elif target != part and RANKS[target] >= RANKS[part]:
            yield f'{path} (rank {RANKS[part]}) includes "{name}" (rank {RANKS[target]})'


def sources(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.c", "*.h"],
                            capture_output=True, text=True, check=True).stdout.split()
    return [path for path in listed if (pathlib.Path(root) / path).is_file()]


def check_tree(root):
    return [fault for path in sources(root)
            for fault in check_file(path, (pathlib.Path(root) / path).read_text(encoding="utf-8"))]


def finds(planted):
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["git", "init", "-q", scratch], check=True)
        for path, text in planted.items():
            file = pathlib.Path(scratch) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return bool(check_tree(scratch))


def main(root):
    count = len(sources(root))
    faults = check_tree(root)
    for fault in faults:
        print("#", fault)
    results = [
        (f"includes of {count} files point down, libraries stay in their rooms", count > 0 and not faults),
        ("an upward include is found", finds({"proto/base/a.c": '#include "proto/store/store.h"\n'})),
        ("a daemon that includes another is found", finds({"ingest/a.c": '#include "dispatcher/engine/engine.h"\n'})),
        ("a library outside its room is found", finds({"ingest/a.c": "#include <lmdb.h>\n"})),
        ("a downward include is fine", not finds({"proto/store/a.c": '#include "proto/base/log.h"\n'})),
    ]
    print(f"1..{len(results)}")
    for number, (name, good) in enumerate(results, 1):
        print("ok" if good else "not ok", number, "-", name)
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
