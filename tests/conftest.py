"""What tests of several layers share: small stores in every state, and the commands, run in this process.

Each store is made once a session; a test that changes one gets a copy. A :class:`Site` is a folder with a store,
its keys, and what is handed to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import itertools
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from hereabouts.cli.main import main

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
"""The windows in which the made-up pings lie."""

_PLAN = """\
name = {name}
purpose = {purpose}
region = {{ bbox = [-1.6, 52.0, -0.6, 52.6] }}
window = {window}
epsilon = {epsilon}
delta = {delta}
statistics = {statistics}
[presence]
resolutions = {resolutions}
[flows]
resolutions = [5]
[publish]
minimum = {minimum}
max_relative_halfwidth = {max_relative_halfwidth}
"""
_PLAN_VALUES = {
    "name": "weekday movement",
    "purpose": "transport-planning",
    "window": FIRST,
    "epsilon": 1.0,
    "delta": 1e-6,
    "statistics": ["presence", "flows"],
    "resolutions": [5],
    "minimum": 20,
    "max_relative_halfwidth": 0.5,
}


def needs(met: bool, what: str) -> None:
    """Skip a test for want of `what`; fail it where HEREABOUTS_REQUIRE=all says that nothing may be wanting."""
    if met:
        return
    if os.environ.get("HEREABOUTS_REQUIRE") == "all":
        pytest.fail(f"HEREABOUTS_REQUIRE=all, and there is no {what}")
    pytest.skip(f"needs {what}")


@dataclass(frozen=True)
class Done:
    """What a command that has ended said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refuses(self, code: int, *words: str) -> None:
        """See that it ended with `code`, results nowhere, and one sentence that holds the words on stderr."""
        assert (self.code, self.out) == (code, ""), self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("hereabouts: "), self.err
        for word in words:
            assert word in self.err


def hereabouts(*args: object) -> Done:
    """Run a command in this process, through the entry point of the real one."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(arg) for arg in args])
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Site:
    """A folder with a store, its keys, and what is handed to it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence.txt"

    @property
    def keys(self) -> Path:
        """Where the keys of the windows lie."""
        (found,) = (self.folder / "store.keys").iterdir()
        return found

    def run(self, command: str, *args: object) -> Done:
        """Run a command on the store."""
        return hereabouts(*command.split(), *args, "--store", self.store)

    def ok(self, command: str, *args: object) -> Any:
        """Run a command that has to succeed; give its JSON document."""
        done = self.run(command, *args, "--json")
        assert (done.code, done.err) == (0, ""), done
        return done.json

    def admit(self, supplier: str, *args: object) -> None:
        """Admit a supplier for long."""
        self.ok("supplier add", supplier, "--consent-evidence", self.evidence, "--expires", "2099-12-31", *args)

    def plan(self, file: str = "plan.toml", **changes: Any) -> Path:
        """Write a plan that costs half the epsilon of a window, with changes."""
        values = {key: json.dumps(value) for key, value in (_PLAN_VALUES | changes).items()}
        path = self.folder / file
        path.write_text(_PLAN.format(**values).replace("Infinity", "inf"), encoding="utf-8")
        return path

    def csv(self, rows: Sequence[str], file: str = "feed.csv", header: str | None = None) -> Path:
        """Write a feed of rows ``id,timestamp,latitude,longitude,consent``."""
        path = self.folder / file
        first = header or "device_id,timestamp,latitude,longitude,consent"
        path.write_text("\n".join([first, *rows]) + "\n", encoding="utf-8")
        return path

    def spent(self, window: str = FIRST) -> str:
        """Exact rho that was spent in a window."""
        found = {known["window"]: known["spent"]["rho"] for known in self.ok("budget")["windows"]}
        return str(found.get(window, "0"))

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement on the store's database."""
        with contextlib.closing(sqlite3.connect(self.store / "state.sqlite")) as connection:
            found = connection.execute(statement).fetchall()
            connection.commit()
            return found

    def copy(self, to: Path) -> Site:
        """Copy the folder; `to` must not exist."""
        shutil.copytree(self.folder, to)
        return Site(to)

    def state(self) -> dict[str, str]:
        """Every folder and file of the store with a digest of it; of its database, what is in it.

        Without its log, where what was refused or came to nothing leaves a trace.
        """
        found = {}
        for path in sorted(self.store.rglob("*")):
            name = path.relative_to(self.store).as_posix()
            if name.partition("/")[0] in ("log", "log.lock"):
                continue
            if path.is_dir():
                found[name] = "folder"
            elif name == "state.sqlite":
                found[name] = dump(path)
            elif name != "lock" and not name.startswith("state.sqlite-"):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def tables(self, window: str = FIRST) -> dict[str, pa.Table]:
        """The tables of a sealed window."""
        folder = self.store / "sealed" / window.replace("/", "_")
        tables = {}
        for table in ("presence", "stays", "trips"):
            files = sorted((folder / table).glob("*.parquet"))
            tables[table] = pa.concat_tables([pq.ParquetFile(file).read() for file in files])
        return tables


_LOGGED = ('INSERT INTO "log_entries"', 'INSERT INTO "policies"')


def dump(database: Path) -> str:
    """What is in a SQLite database, as text; where it is none, a digest of its bytes."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return "\n".join(line for line in connection.iterdump() if not line.startswith(_LOGGED))
    except sqlite3.DatabaseError:
        return hashlib.sha256(database.read_bytes()).hexdigest()


@dataclass(frozen=True)
class ObjectStorage:
    """An object storage that speaks S3, without a bucket at first."""

    url: str

    def ask(self, method: str, path: str, content: str = "", kind: str = "application/xml") -> None:
        """Ask for what hereabouts itself never asks for; it is not signed."""
        scope = "AWS4-HMAC-SHA256 Credential=nobody/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"Content-Type": kind, "Authorization": scope}
        request = urllib.request.Request(self.url + path, content.encode(), headers, method=method)  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310

    def bucket(self, name: str) -> str:
        """Make a bucket; give its address."""
        self.ask("PUT", f"/{name}")
        return f"s3://{name}"

    def keep_versions(self, name: str, status: str = "Enabled") -> None:
        """Have a bucket keep old versions of its objects, or no more."""
        said = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
        self.ask("PUT", f"/{name}?versioning", said)

    @contextlib.contextmanager
    def suspicious(self) -> Iterator[None]:
        """Know nobody: all credentials are wrong."""
        self.ask("POST", "/moto-api/reset-auth", "0", "text/plain")
        try:
            yield
        finally:
            self.ask("POST", "/moto-api/reset-auth", "1000000000", "text/plain")


Command = Callable[..., Done]
Copy = Callable[[Site], Site]
Needs = Callable[[bool, str], None]
NewDatabase = Callable[[], str]


@pytest.fixture(name="needs", scope="session")
def needs_fixture() -> Needs:
    """Skip for want of something, or fail where nothing may be wanting: ``needs(met, what)``."""
    return needs


@pytest.fixture(scope="session")
def command() -> Command:
    """Run a command in this process: ``command("synth", "--devices", 60, …)``."""
    return hereabouts


@pytest.fixture(scope="session")
def postgresql() -> Iterator[NewDatabase]:
    """A PostgreSQL server of our own; gives the URL of a new database on it at each call."""
    programs = {path.name: path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/*"))}
    found = {name: programs.get(name) or shutil.which(name) for name in ("initdb", "pg_ctl", "psql")}
    needs(all(found.values()), "PostgreSQL server (Debian: postgresql)")
    needs(importlib.util.find_spec("psycopg") is not None, "driver of PostgreSQL (hereabouts[postgresql])")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path is
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        account = pwd.getpwnam("nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}

    def run(name: str, *args: str) -> None:
        done = subprocess.run([str(found[name]), *args], check=False, capture_output=True, text=True, **user)
        assert done.returncode == 0, done

    run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "us", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
    number = itertools.count()

    def new() -> str:
        name = f"new{next(number)}"  # a schema, which is a database to whoever works in it, and made in no time
        run("psql", "-h", str(folder), "-U", "us", "-d", "postgres", "-qc", f"CREATE SCHEMA {name}")
        return f"postgresql://us@/postgres?host={folder}&options=-csearch_path%3D{name}"

    try:
        yield new
    finally:
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database that is not made yet, in SQLite and in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/database.sqlite"
    new: NewDatabase = request.getfixturevalue("postgresql")
    return new()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Copy a site for this test."""
    made = iter(range(100))
    return lambda site: site.copy(tmp_path / f"site{next(made)}")


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine days of sixty made-up devices, a file a day: two windows."""
    folder = tmp_path_factory.mktemp("feed") / "feed"
    done = hereabouts("synth", "--devices", 60, "--days", 9, "--seed", 11, "--out", folder)
    assert done.code == 0, done
    return folder


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A new store; `acme` is admitted, and `trusted`, whose devices all consented. Copy it."""
    site = Site(tmp_path_factory.mktemp("empty"))
    assert hereabouts("init", site.store).code == 0
    site.evidence.write_text("Signed by everybody.\n", encoding="utf-8")
    site.admit("acme")
    site.admit("trusted", "--all-consented")
    return site


@pytest.fixture(scope="session")
def taken_site(empty_site: Site, feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store with two open windows that are over. Copy it."""
    site = empty_site.copy(tmp_path_factory.mktemp("taken") / "site")
    site.ok("intake", feed, "--supplier", "acme")
    return site


@pytest.fixture(scope="session")
def sealed_site(taken_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The same, sealed. Copy it."""
    site = taken_site.copy(tmp_path_factory.mktemp("sealed") / "site")
    site.ok("seal")
    return site


@pytest.fixture(scope="session")
def town(empty_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A sealed window of 1500 devices: enough for a release to have rows. Copy it."""
    site = empty_site.copy(tmp_path_factory.mktemp("town") / "site")
    feed = site.folder / "feed"
    assert hereabouts("synth", "--devices", 1500, "--days", 7, "--seed", 5, "--out", feed).code == 0
    site.ok("intake", feed, "--supplier", "acme")
    shutil.rmtree(feed)
    site.ok("seal")
    return site


@pytest.fixture(scope="session")
def object_storage() -> Iterator[ObjectStorage]:
    """An object storage on this machine; commands and tests find it as they would any other, by the environment."""
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("moto_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process, pytest.MonkeyPatch.context() as environment:
        found = ObjectStorage(process.stdout.readline().strip())
        environment.setenv("AWS_ENDPOINT_URL", found.url)
        environment.setenv("AWS_ACCESS_KEY_ID", "hereabouts")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the tests")
        environment.setenv("AWS_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield found
        process.stdin.close()
