"""Looking into a log: the file stays as it is, byte for byte, and what is wrong with it is told."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import LogError
from runtime.codec import canonical
from runtime.event_log.read_only import ReadOnlyLog
from runtime.event_log.sqlite import SqliteLog
from tests.runtime.test_sqlite_damage import HEADER, RECORDS, change, records, whole_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "town.log"
    file.write_bytes(whole_file())
    return file


def hashes(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_a_whole_log_is_read_and_left_as_it_was(path: Path) -> None:
    before = hashes(path.parent)

    with closing(ReadOnlyLog(path)) as log:
        assert log.damage is None
        assert log.repairs == ()
        assert log.header == HEADER
        assert [canonical(record) for record in log.read()] == [canonical(record) for record in records()]
        assert [record.seq for record in log.read(RECORDS - 2)] == [RECORDS - 1, RECORDS]
        assert list(log.read(RECORDS + 5)) == []

    assert hashes(path.parent) == before


def test_what_a_killed_process_left_beside_the_file_is_read_and_left_there(path: Path) -> None:
    with TemporaryDirectory() as folder:
        killed = Path(folder) / "town.log"
        log = SqliteLog(path)
        log.append(records(RECORDS + 7, after=RECORDS)).result()
        for suffix in ("", "-wal"):
            killed.with_name(killed.name + suffix).write_bytes(
                path.with_name(path.name + suffix).read_bytes()
            )
        log.close()
        before = hashes(killed.parent)
        assert len(before) == 2

        with closing(ReadOnlyLog(killed)) as found:
            assert found.damage is None
            assert sum(1 for _ in found.read()) == RECORDS + 7

        assert hashes(killed.parent) == before


@given(share=st.floats(0, 1), flip=st.integers(0, 255))
@example(share=0.9, flip=0)
def test_damage_anywhere_is_told_and_the_file_is_left_as_it_was(share: float, flip: int) -> None:
    """A byte is flipped, or (``flip`` 0) the file is cut there."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "town.log"
        content = bytearray(whole_file())
        at = int(share * (len(content) - 1))
        if flip:
            content[at] ^= flip
        else:
            del content[at:]
        file.write_bytes(content)
        before = hashes(file.parent)

        check_told(file)

        assert hashes(file.parent) == before


def look_or_refuse(file: Path) -> ReadOnlyLog | None:
    try:
        return ReadOnlyLog(file)
    except LogError as error:
        refusal = str(error)
    assert str(file) in refusal
    return None


def check_told(file: Path) -> None:
    """Look into a file: either a clear refusal, or a good prefix, and what is lost is told."""
    log = look_or_refuse(file)
    if log is None:
        return
    with closing(log):
        good = [canonical(record) for record in log.read()]
        assert good == [canonical(record) for record in records(len(good))]
        if log.damage is None:
            assert len(good) == RECORDS
        else:
            assert log.damage.good == len(good)
            assert log.damage.unreadable in (RECORDS - len(good), None)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "DELETE FROM records WHERE seq = 301",
            "(record 301 is missing): 300 records are good, 100 are lost or unreadable, from record 301 on; ",
        ),
        (
            "UPDATE progress SET last_seq = 500",
            "400 records are good, how many were lost after record 400 can no longer be told; ",
        ),
    ],
)
def test_the_message_says_how_many_are_good_and_how_many_are_lost(
    path: Path, statement: str, told: str
) -> None:
    change(path, statement)

    with closing(ReadOnlyLog(path)) as log:
        assert str(log.damage).startswith(f"{path}: damaged (")
        assert told in str(log.damage)
        assert "peakline serve keeps the damaged file aside" in str(log.damage)


def test_a_repair_is_remembered_by_the_log_itself(path: Path) -> None:
    for last in (350, 300):
        change(path, f"DELETE FROM records WHERE seq = {last - last % 3 + 1}")
        SqliteLog(path).close()

    with closing(ReadOnlyLog(path)) as log, closing(SqliteLog(path)) as opened:
        assert log.damage is None
        assert log.repairs == opened.repairs
        first, second = log.repairs
    assert (first.good_seq, first.kept_aside, first.aside) == (348, 52, "town.log.damaged-1")
    assert (second.good_seq, second.kept_aside, second.aside) == (300, 48, "town.log.damaged-2")
    assert "damaged after record 300, and 48 records were kept aside in town.log.damaged-2" in str(second)


def test_a_log_of_before_there_were_notes_about_repairs_opens(path: Path) -> None:
    change(path, "DROP TABLE repairs")

    with closing(ReadOnlyLog(path)) as log:
        assert (log.damage, log.repairs) == (None, ())
    with closing(SqliteLog(path)) as opened:
        assert (opened.damage, opened.repairs) == (None, ())


def test_nothing_can_be_appended(path: Path) -> None:
    with closing(ReadOnlyLog(path)) as log, pytest.raises(LogError, match="open for reading only"):
        log.append(records(RECORDS + 1, after=RECORDS))


def test_a_log_that_another_process_has_open_is_refused(path: Path) -> None:
    holding = (
        "import sys; from pathlib import Path; from runtime.event_log.sqlite import SqliteLog\n"
        "log = SqliteLog(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); log.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"

        with pytest.raises(LogError, match="in use by another process; stop that one first"):
            ReadOnlyLog(path)

        holder.communicate()
    ReadOnlyLog(path).close()


def test_a_file_that_may_only_be_read_is_enough(path: Path) -> None:
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with closing(ReadOnlyLog(path)) as log:
            assert sum(1 for _ in log.read()) == RECORDS
    finally:
        path.parent.chmod(0o700)


def test_a_file_that_sqlite_cannot_open_at_all_is_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[16:18] = b"\xff\xff"  # the size of its pages
    path.write_bytes(content)

    with pytest.raises(LogError, match=r"town\.log: damaged where the log describes itself"):
        ReadOnlyLog(path)


def test_sqlite_files_of_others_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE guests (name TEXT)")

    with pytest.raises(LogError, match=r"other\.sqlite: not a Peakline event log"):
        ReadOnlyLog(other)
