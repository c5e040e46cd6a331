"""The secrets of a checkout: made once, kept, private, and never replaced by accident."""

import base64
import stat
from pathlib import Path

import pytest

from leadcrm.stack.addresses import own_addresses, variables
from leadcrm.stack.keys import load_secrets
from leadcrm.stack.places import StackError


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    load_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_has_the_same_secrets_and_another_checkout_has_others(tmp_path: Path) -> None:
    first = load_secrets(tmp_path / "secrets.json")
    assert load_secrets(tmp_path / "secrets.json") == first
    other = load_secrets(tmp_path / "other.json")
    assert not set(first.values()) & set(other.values())


def test_the_master_key_is_32_bytes(tmp_path: Path) -> None:
    assert len(base64.b64decode(load_secrets(tmp_path / "secrets.json")["LEADCRM_MASTER_KEY"])) == 32


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("{ cut sh")
    with pytest.raises(StackError, match="damaged"):
        load_secrets(path)
    assert path.read_text() == "{ cut sh"


def test_one_address_serves_both_roles_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = own_addresses({"DATABASE_URL": "postgresql://app@db/x"})
    assert found.owner_url == found.database_url == "postgresql://app@db/x"
    assert "DATABASE_OWNER_URL" in capsys.readouterr().out


def test_an_owner_without_a_runtime_role_is_refused() -> None:
    with pytest.raises(StackError, match="DATABASE_URL"):
        own_addresses({"DATABASE_OWNER_URL": "postgresql://owner@db/x"})


def test_the_runtime_role_is_the_one_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADCRM_RUNTIME_ROLE", raising=False)
    keys = {"LEADCRM_SECRET_KEY": "s", "LEADCRM_MASTER_KEY": "m"}
    told = variables(own_addresses({"DATABASE_URL": "postgresql://crm%2Dapp@db/x"}), keys, 8000)
    assert told["LEADCRM_RUNTIME_ROLE"] == "crm-app"
