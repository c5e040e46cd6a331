"""The embedded PostgreSQL cluster: made once, started, given its three roles, stopped.

`leadcrm_owner` owns the schema and may create databases; `leadcrm_app` is the runtime role, which
owns nothing and is held by row-level security. `leadcrm_marketing` signs in nowhere: the runtime role becomes it to
read the figures of marketing, and nothing else (docs/decisions/0026). The superuser is used here and nowhere else.
"""

import contextlib
import locale
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from leadcrm.stack.places import Account, StackError, make_folder, named_account
from leadcrm.stack.processes import Service, end_tenants, launch, service_environment

DATABASE, SUPERUSER, OWNER, RUNTIME = "leadcrm", "postgres", "leadcrm_owner", "leadcrm_app"
MARKETING = "leadcrm_marketing"
START_SECONDS = 60.0
SAFE_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
#: A test's data is thrown away, so nothing has to survive a power cut.
#: Its tables are small, so that no statement is worth planning twice.
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "plan_cache_mode": "force_generic_plan",
}


@dataclass(frozen=True)
class Passwords:
    """What each role that signs in does so with."""

    superuser: str
    owner: str
    runtime: str


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster of ours."""

    home: Path
    programs: Path
    account: Account | None
    port: int
    passwords: Passwords
    log: Path

    @property
    def data(self) -> Path:
        """Return the folder with the cluster's files."""
        return self.home / "postgres"

    @property
    def owner_url(self) -> str:
        """Return the address for migrations."""
        return self._url(OWNER, self.passwords.owner)

    @property
    def runtime_url(self) -> str:
        """Return the address for everything else."""
        return self._url(RUNTIME, self.passwords.runtime)

    def _url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"


def start_cluster(cluster: Cluster, settings: Mapping[str, str] | None = None) -> Service:
    """Make the cluster if it is new, end what an earlier run left, start it, and settle its roles."""
    if not cluster.data.is_dir():
        _initialise(cluster)
    end_tenants(cluster.data, first=signal.SIGINT, seconds=10.0)
    # Whoever wrote it is gone; its number may belong to a stranger by now.
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    chosen = {
        **SAFE_SETTINGS,
        "listen_addresses": "127.0.0.1",
        "port": str(cluster.port),
        "unix_socket_directories": "",
        **(settings or {}),
    }
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    with cluster.log.open("ab") as log:
        process = launch(
            [cluster.programs / "postgres", "-D", cluster.data, *options],
            environment=service_environment(),
            folder=cluster.home,
            account=cluster.account,
            death_signal=signal.SIGINT,
            output=log,
        )
    service = Service("postgres", process, signal.SIGINT)
    try:
        with _first_connection(cluster, service) as connection:
            _settle_roles(connection, cluster.passwords)
    except BaseException:
        service.stop()
        raise
    return service


def _initialise(cluster: Cluster) -> None:
    """Run initdb beside the final place and move the whole result there.

    initdb insists on an account with a name; ours has only a number, so a named one makes the files
    and they change hands afterwards.
    """
    maker = named_account(cluster.account) if cluster.account else None
    stage = Path(tempfile.mkdtemp(prefix="new-", dir=cluster.home))
    secret = stage / "password"
    try:
        secret.write_text(cluster.passwords.superuser + "\n")
        secret.chmod(0o600)
        _hand_over(stage, maker)
        command: list[str | Path] = [
            *(cluster.programs / "initdb", "-D", stage / "data", "-U", SUPERUSER, f"--pwfile={secret}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={_character_locale()}"),
        ]
        with tempfile.TemporaryFile() as output:
            done = launch(command, environment=service_environment(), folder=stage, account=maker, output=output).wait(
                timeout=120
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if done != 0:
            raise StackError(f"PostgreSQL could not make its files in {cluster.home}:\n{said}")
        _hand_over(stage / "data", cluster.account)
        os.sync()
        (stage / "data").rename(cluster.data)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _hand_over(folder: Path, account: Account | None) -> None:
    if account is None:
        return
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(place, name), account.uid, account.gid, follow_symlinks=False)


def _character_locale() -> str:
    """Return a locale that knows letters beyond ASCII, which trigrams of names need, where there is one."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _first_connection(cluster: Cluster, service: Service) -> "psycopg.Connection[tuple[object, ...]]":
    deadline = time.monotonic() + START_SECONDS
    while True:
        ended = service.process.poll()
        if ended is not None:
            raise StackError(f"PostgreSQL ended with status {ended}.\n{_last_lines(cluster.log)}")
        try:
            return psycopg.connect(
                host="127.0.0.1",
                port=cluster.port,
                user=SUPERUSER,
                password=cluster.passwords.superuser,
                dbname="postgres",
                connect_timeout=3,
                autocommit=True,
            )
        except psycopg.OperationalError as problem:
            if time.monotonic() > deadline or "password authentication failed" in str(problem):
                raise StackError(f"PostgreSQL does not let us in: {problem}\n{_last_lines(cluster.log)}") from None
            time.sleep(0.05)


def _settle_roles(connection: "psycopg.Connection[tuple[object, ...]]", passwords: Passwords) -> None:
    """Make the roles and the database where they are missing, and set what they may do."""
    rights = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    wanted = {
        OWNER: (passwords.owner, f"{rights} CREATEDB"),
        RUNTIME: (passwords.runtime, f"{rights} NOCREATEDB"),
    }
    for role, (password, attributes) in wanted.items():
        there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        connection.execute(
            sql.SQL("{verb} ROLE {role} {attributes} PASSWORD {password}").format(
                verb=sql.SQL("ALTER" if there else "CREATE"),
                role=sql.Identifier(role),
                attributes=sql.SQL(attributes),
                password=sql.Literal(password),
            )
        )
    _settle_marketing(connection)
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )


def _settle_marketing(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Make the role of marketing figures: it cannot sign in; the runtime role may become it."""
    there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [MARKETING]).fetchone()
    rights = "NOLOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB"
    role = sql.Identifier(MARKETING)
    verb = sql.SQL("ALTER" if there else "CREATE")
    connection.execute(sql.SQL("{} ROLE {} {}").format(verb, role, sql.SQL(rights)))
    grant = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(role, sql.Identifier(RUNTIME))
    connection.execute(grant)


def _last_lines(log: Path, lines: int = 12) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def prepare_home(home: Path, account: Account | None) -> Path:
    """Make the folder that holds the services' private folders; others may pass through, not look.

    The named account that runs initdb has to pass through it once.
    """
    return make_folder(home, 0o711 if account else 0o700, account)
