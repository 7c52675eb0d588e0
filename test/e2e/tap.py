"""Runs one test after the other and says how each went, in TAP."""
import pathlib
import tempfile
import traceback


class Tap:
    def __init__(self):
        self.count, self.failed = 0, 0

    def test(self, name, check, *arguments):
        self.count += 1
        fault = None
        try:
            check(*arguments)
        except Exception as raised:  # a test's failure is a line of the report
            fault = str(raised) if isinstance(raised, AssertionError) else traceback.format_exc()
        self.failed += fault is not None
        print("not ok" if fault else "ok", self.count, "-", name.replace("#", "no. "), flush=True)
        for line in (fault or "").splitlines():
            print("#", line, flush=True)

    def tell(self, *stories):
        """Each by its name, in a folder of its own."""
        for story in stories:
            with tempfile.TemporaryDirectory() as data:
                self.test(story.__name__.replace("_", " "), story, pathlib.Path(data))
        return self.end()

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0
