"""With a package made here instead of the product's, so that no network is needed."""

import ast
import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from launch import bootstrap

SOURCE = Path(bootstrap.__file__)
# Not the venv's own interpreter: a venv made from a venv's Python shares its fate.
SYSTEM_PYTHON = os.path.realpath(sys.executable)


class Checkout:
    """A folder with bootstrap.py and a lock file that names one small package."""

    def __init__(self, folder):
        self.folder, self.wheels = folder, folder / "wheels"
        (folder / "launch").mkdir(parents=True)
        self.wheels.mkdir()
        shutil.copy(SOURCE, folder / "launch")
        self.lock("1.0")

    def lock(self, version, digest=None):
        """Have the lock name VERSION of the package, which is made."""
        wheel = self.wheels / f"tiny-{version}-py3-none-any.whl"
        info = f"tiny-{version}.dist-info"
        files = {
            "tiny.py": f"version = '{version}'\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},{_record(text)}\n" for name, text in files.items())
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, text in (files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}).items():
                archive.writestr(name, text)
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        for name in (bootstrap.LOCK, bootstrap.DEV_LOCK):
            (self.folder / name).write_text(f"tiny=={version} --hash=sha256:{digest}\n")

    def run(self, *arguments, **environ):
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri()}
        return subprocess.run(
            [SYSTEM_PYTHON, self.folder / "launch" / "bootstrap.py", *arguments],
            env=os.environ | offline | environ,
            cwd="/",
            capture_output=True,
            text=True,
        )

    def tiny(self, *before):
        """What the package says of itself, run through bootstrap."""
        return self.run(*before, "-c", "import os, tiny; print(tiny.version, os.getcwd())")


def _record(text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
    return f"sha256={digest.decode()},{len(text)}"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("with a space") / "porte voix")


def test_the_first_time_it_installs_and_carries_on_inside(checkout):
    done = checkout.tiny()
    assert "making .venv" in done.stdout
    assert done.stdout.endswith(f"1.0 {checkout.folder}\n")
    assert not done.stderr


def test_nothing_is_installed_twice_until_the_lock_changes(checkout):
    checkout.tiny()
    assert checkout.tiny().stdout == f"1.0 {checkout.folder}\n"
    checkout.lock("2.0")
    assert "2.0" in checkout.tiny().stdout
    assert "installing" in checkout.tiny("--dev").stdout
    assert checkout.tiny().stdout == f"2.0 {checkout.folder}\n"


def test_a_package_that_is_not_what_the_lock_says_is_refused(checkout):
    checkout.tiny()
    checkout.lock("3.0", digest="0" * 64)
    done = checkout.tiny()
    assert done.returncode == 1
    assert "pip could not install what requirements.txt names" in done.stderr
    assert "0" * 64 in done.stderr


def test_an_installation_cut_off_starts_over(checkout):
    checkout.lock("4.0")
    (checkout.folder / ".venv" / "unfinished").touch()
    done = checkout.tiny()
    assert "making .venv" in done.stdout
    assert done.stdout.endswith(f"4.0 {checkout.folder}\n")


def half_made(folder):
    """What `python3 -m venv` leaves on Debian, where ensurepip is in a package of its own."""
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", folder], check=True)


def no_environment(folder):
    """A link to the system's Python, whose pip would write into the system."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(SYSTEM_PYTHON)


@pytest.mark.parametrize("leave", [half_made, no_environment])
def test_without_ensurepip_it_says_what_to_install(checkout, tmp_path, leave):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")
    shutil.rmtree(checkout.folder / ".venv", ignore_errors=True)
    leave(checkout.folder / ".venv")
    done = checkout.run(PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not done.stdout
    assert "Traceback" not in done.stderr


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; .* is 3\.9\.2"):
        bootstrap.main([])


def test_an_old_python_can_read_it_to_the_end():
    assert ast.parse(SOURCE.read_text(), feature_version=(3, 7))
