"""Books and rows that cannot be right: the error names file, line and column, and nothing starts on it."""
import json
import shutil
import subprocess

from rough_client import Wrong, expect, expect_in

DAEMONS = ["ingest/drumtower-ingest", "dispatcher/drumtower-dispatcher", "dispatcher/drumtower-field",
           "videowall/drumtower-videowall"]
PROGRAM_S = 30  # it must end by itself


def run(command):
    """Exit status, output, errors."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PROGRAM_S, check=False)
    return done.returncode, done.stdout, done.stderr


class Damage:
    """A copy of the example book in which one text of one file is replaced."""

    def __init__(self, root, folder, file, old, new):
        shutil.copytree(f"{root}/examples/gulou", folder)
        self.folder, self.file = folder, file
        text = (folder / file).read_text()
        if text.count(old) != 1:
            raise Wrong(f"{file} holds {old!r} {text.count(old)} times, not once: adapt this test")
        (folder / file).write_text(text.replace(old, new))

    def place(self, words, file=None, skip=0):
        """FILE:LINE:COLUMN of the first `words` (moved on by `skip`), counted from 1 in characters."""
        file = file or self.file
        text = (self.folder / file).read_text()
        at = text.index(words) + skip
        line_start = text.rfind("\n", 0, at) + 1
        return f"{file}:{text.count(chr(10), 0, at) + 1}:{at - line_start + 1}"


def unknown_key(root, folder):
    damage = Damage(root, folder, "district.yaml", "\nwarn_percents:", "\nwarn_percnts:")
    return [f"{damage.place('warn_percnts')}: unknown key 'warn_percnts'; did you mean 'warn_percents'?"]


def cycle_of_areas(root, folder):
    """The street of the first grid becomes a part of that grid."""
    street, community, grid = "110199001000000", "110199001001000", "110199001001001"
    damage = Damage(root, folder, "areas.yaml", f'name_en: Zhonggu Street, tier: street, parent: "110199000000000"',
                    f'name_en: Zhonggu Street, tier: street, parent: "{grid}"')
    ring = [(street, "Zhonggu Street"), (grid, "Chenzhong Grid 1"), (community, "Chenzhong Community")]
    lines = []
    for first in (0, 2, 1):  # in the order of the file
        codes = [ring[(first + i) % 3][0] for i in range(4)]
        entry = f"name_en: {ring[first][1]}, tier: "
        text = (damage.folder / damage.file).read_text()
        entry = text[text.index(entry):].split("parent: ")[0] + "parent: "
        lines.append(f"{damage.place(entry, skip=len(entry))}: a cycle in the areas: {' → '.join(codes)}; "
                     "expected parents to end at the district")
    return lines


def missing_department(root, folder):
    damage = Damage(root, folder, "departments.yaml", "  - {code: gas, name: 燃气热力公司, name_en: Gas and Heating, "
                    "tier: district}\n", "")
    return [f"{damage.place('department: gas', file, len('department: '))}: no department 'gas'"
            for file in ("routing.yaml", "people.yaml")]


def check(root, build, scratch, damage):
    """drumctl names every error; each daemon refuses with the first, before it makes anything; both exit with 1."""
    book, data = scratch / damage.__name__, scratch / f"{damage.__name__}-data"
    lines = damage(root, book)
    status, _, told = run([build / "tools/drumctl", "check", book])
    expect(status, 1, f"exit status of drumctl check, which said {told!r}")
    for line in lines:
        expect_in(line, told, "drumctl check")
    expect_in("nothing can start with this book", told.splitlines()[-1], "the last line of drumctl check")
    data.mkdir(mode=0o700)
    for daemon in DAEMONS:
        status, _, said = run([build / daemon, "--data", data, "--book", book])
        expect((status, said), (1, f"{daemon.partition('/')[2]}: {told.splitlines()[0]}\n"), daemon)
    expect(list(data.iterdir()), [], "what was made in the data folder")


ROWS = """case_enquiry_id,open_dt,closed_dt,type,location
1,2026-07-01 09:00:00,,P0101,one
2,2026-07-01 09:00:00,2026-07-01 08:59:59,P0101,closed before it was opened
3,,,P0101,never opened
4,2026-07-01 09:01:00,,P0101,a "quote
5,2026-07-01 09:02:00,,P0101,"another
6,2026-07-01 09:03:00,,P0101,six
"""
REFUSED_ROWS = ["line 3: closed_dt 2026-07-01 08:59:59 is before open_dt 2026-07-01 09:00:00", "line 4: no open_dt",
                "line 5: a quote inside a field that is not quoted", "line 6: a quoted field does not end"]


def check_rows(root, build, scratch):
    """Each row that cannot be right is refused with its line and reason and counted; the others become cases."""
    rows = scratch / "rows.csv"
    rows.write_text(ROWS)
    status, out, told = run([build / "tools/replay311", "--book", f"{root}/examples/gulou", "--csv", rows])
    expect([line.removeprefix("refused: ") for line in told.splitlines() if line.startswith("refused: ")], REFUSED_ROWS,
           "refused")
    counted = json.loads(out.splitlines()[-1])
    expect([counted[name] for name in ("rows", "accepted", "refused", "lost")], [6, 2, 4, 0], f"counts of {counted}")
    expect(status, 0, "exit status")
