"""Where the stack keeps things: private, apart for every checkout, and nobody else's."""

import os
import stat
from pathlib import Path

import pytest

from leadcrm.stack import places
from leadcrm.stack.places import StackError, make_folder, own_account, own_home, places_of, read_json, write_json


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_two_checkouts_share_nothing(tmp_path: Path) -> None:
    one, other = places_of(tmp_path / "one"), places_of(tmp_path / "other")
    assert one.data != other.data
    assert one.services != other.services


def test_a_new_checkout_leaves_the_data_of_a_deleted_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SYSTEM_STATE", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    root = tmp_path / "checkout"
    first = places_of(root)
    make_folder(first.data)
    assert own_home(first) == first, "nothing stands there yet"
    make_folder(first.services)
    again = own_home(first)
    assert again.services != first.services and not again.services.exists()
    assert own_home(places_of(root)) == again == places_of(root), "it is remembered"
    write_json(again.secrets_file, {"valkey": "x"})
    make_folder(again.services)
    assert own_home(places_of(root)) == again, "a home that the secrets open is kept"
    assert first.services.is_dir()


def test_root_gets_an_account_that_no_person_has() -> None:
    account = own_account("leadcrm-test")
    if os.geteuid() == 0:
        assert account is not None and account.uid >= places.FIRST_OWN_ID
        assert own_account("leadcrm-test") == account
    else:
        assert account is None


def test_a_new_folder_and_its_parents_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = make_folder(tmp_path / "deep" / "inside")
    finally:
        os.umask(before)
    assert _mode(made) == 0o700
    assert _mode(made.parent) == 0o700


def test_a_folder_that_exists_keeps_its_permissions(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    make_folder(there, 0o700)
    assert _mode(there) == 0o755


def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(StackError, match="not ours"):
        make_folder(tmp_path / "trap")


def test_a_private_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text("old")
    path.chmod(0o644)
    write_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
    assert _mode(path) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_damaged_file_reads_as_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    assert read_json(path) == {}
