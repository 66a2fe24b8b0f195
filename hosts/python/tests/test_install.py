"""install.py over an index of one small package and a host that only describes itself."""
import base64
import contextlib
import hashlib
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import install  # noqa: E402

HOST = """
import json, sys
import tiny
print(json.dumps({"versions": {"tiny": tiny.VERSION}, "capabilities": {"speaks": "plan"}}))
"""


def make_wheel(folder, version):
    """A wheel of one module, as an index would hold it; its sum."""
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    members = {"tiny.py": f"VERSION = {version!r}\n",
               f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
               f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = ""
    for name, text in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{name},sha256={digest.decode()},{len(text)}\n"
    members[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as out:
        for name, text in members.items():
            out.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.here, self.index, self.into = (self.root / name for name in ("here", "index", "into"))
        for path in (self.here / "locks", self.here / "gearbox_host", self.index):
            path.mkdir(parents=True)
        (self.here / "host.py").write_text(HOST)
        self.lock("1.0", make_wheel(self.index, "1.0"))
        for target, value in (("HERE", self.here), ("LOCKS", self.here / "locks")):
            patch = unittest.mock.patch.object(install, target, value)
            patch.start()
            self.addCleanup(patch.stop)
        away = unittest.mock.patch.dict(os.environ, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.index))
        away.start()
        self.addCleanup(away.stop)

    def lock(self, version, digest):
        (self.here / "locks" / "tiny.txt").write_text(f"tiny=={version} \\\n    --hash=sha256:{digest}\n")

    def call(self, verb, engine="tiny"):
        """The exit status and the last line's object."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = install.run(verb, engine, self.into)
        return status, json.loads(out.getvalue().splitlines()[-1])

    def hidden(self):
        return sorted(path.name for path in self.into.glob(".*") if path.name != ".tiny.lock")

    def test_installs_once(self):
        status, said = self.call("install")
        self.assertEqual((status, said["ok"]), (0, True), said)
        manifest = json.loads((self.into / "tiny" / install.MANIFEST).read_text())
        self.assertEqual(manifest["versions"], {"tiny": "1.0"})
        self.assertEqual(manifest["capabilities"], {"speaks": "plan"})
        self.assertEqual(self.hidden(), [])
        with unittest.mock.patch.object(install, "make_environment", side_effect=AssertionError):
            self.assertEqual(self.call("install")[1]["text"], "tiny is installed already")
        self.assertEqual(self.call("doctor"), (0, {"engine": "tiny", "ok": True, "fix": None,
                                                   "text": "tiny 1.0 starts"}))

    def test_a_new_lock_makes_a_new_environment(self):
        self.call("install")
        self.lock("2.0", make_wheel(self.index, "2.0"))
        status, said = self.call("doctor")
        self.assertEqual((status, said["ok"]), (1, False))
        self.assertIn("another version", said["text"])
        self.assertEqual(self.call("install")[0], 0)
        self.assertEqual(self.call("doctor")[1]["text"], "tiny 2.0 starts")

    def test_a_new_host_is_only_asked_again(self):
        self.call("install")
        (self.here / "gearbox_host" / "new.py").write_text("")
        self.assertEqual(self.call("doctor")[0], 1)
        with unittest.mock.patch.object(install, "make_environment", side_effect=AssertionError):
            self.assertEqual(self.call("install")[1]["text"], "tiny is up to date")
        self.assertEqual(self.call("doctor")[0], 0)

    def test_a_wrong_sum_leaves_nothing(self):
        self.lock("1.0", "0" * 64)
        status, said = self.call("install")
        self.assertEqual((status, said["ok"]), (5, False))
        self.assertIn("tiny", said["text"])
        self.assertFalse((self.into / "tiny").exists())
        self.assertEqual(self.hidden(), [])

    def test_a_failed_update_keeps_what_was_there(self):
        self.call("install")
        self.lock("2.0", "0" * 64)
        self.assertEqual(self.call("install")[0], 5)
        self.assertEqual(install.read_manifest(self.into / "tiny")["versions"], {"tiny": "1.0"})

    def test_a_host_that_does_not_start(self):
        (self.here / "host.py").write_text("raise SystemExit('no luck today')")
        status, said = self.call("install")
        self.assertEqual((status, said["text"]), (5, "tiny does not start: no luck today"))
        self.assertFalse((self.into / "tiny").exists())

    def test_the_doctor_finds_damage(self):
        self.assertEqual(self.call("doctor")[1]["text"], "tiny is not installed")
        (self.into / ".tiny.partial").mkdir(parents=True)
        self.assertIn("interrupted", self.call("doctor")[1]["text"])
        self.call("install")
        (self.into / "tiny" / install.MANIFEST).write_text("{")
        self.assertIn("not whole", self.call("doctor")[1]["text"])
        self.call("install")
        next((self.into / "tiny" / "lib").glob("python*/site-packages/tiny.py")).unlink()
        status, said = self.call("doctor")
        self.assertEqual(status, 1)
        self.assertIn("No module named 'tiny'", said["text"])

    def test_removes(self):
        self.call("install")
        self.assertEqual(self.call("remove")[0], 0)
        self.assertFalse((self.into / "tiny").exists())
        self.assertEqual(self.hidden(), [])
        self.assertEqual(self.call("remove")[0], 4)

    def test_an_unknown_engine(self):
        status, said = self.call("install", "huge")
        self.assertEqual(status, 4)
        self.assertIn("choose one of tiny", said["text"])


if __name__ == "__main__":
    unittest.main()
