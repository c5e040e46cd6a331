"""What somebody answers to a field about their health lies sealed while nobody knows the word, and afterwards."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from apps.audit.models import AuditEntry
from apps.capture.text import fold
from apps.catalog.models import UnmappedWord
from apps.catalog.private_words import WordText, text_of
from apps.catalog.terms import WordState
from apps.tenancy.models import Address, Counter, TenantModel, Wakeup
from tests.cast import Tenant
from tests.doors import Api
from tests.mapping.test_own_choices import answering, delivered, job, kept
from tests.mapping.test_private_choices import PAGE, dev  # noqa: F401 - who reads health details and keeps mappings

SECRET = "takes lithium"  # noqa: S105 - an answer, no password


def standing_in_the_clear(harbor: Tenant, *texts: str) -> set[str]:
    """Return the tables of which a row holds one of the texts, whatever the column."""
    tables = {each._meta.db_table for each in apps.get_models() if issubclass(each, TenantModel)}
    found = set()
    with harbor.scope(), connection.cursor() as cursor:
        for table in tables | {each._meta.db_table for each in (Address, Counter, Wakeup)}:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS r WHERE lower(r::text) LIKE ANY(%s)', [_like(texts)])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def _like(texts: tuple[str, ...]) -> list[str]:
    # A column of bytes is written out in hexadecimal digits.
    return [f"%{each}%" for text in texts for each in (text.lower(), text.encode().hex())]


@pytest.mark.row("DD-05")
@pytest.mark.parametrize("privacy", ["health", "insurance"])
def test_a_private_answer_lies_in_no_table_in_the_clear_and_its_lead_gets_the_value(
    harbor: Tenant,
    api: Callable[..., Api],
    client_as: Callable[..., Client],
    dev: Client,  # noqa: F811
    privacy: str,
) -> None:
    job(harbor, label="Under treatment", privacy=privacy)
    program = api("bp-1")
    first = delivered(harbor, program, answering(SECRET))
    second = delivered(harbor, program, answering("Takes  LITHIUM!", person={"first_name": "Ola", "last_name": "Berg"}))
    assert standing_in_the_clear(harbor, SECRET, fold(SECRET)) == set()
    client_as("cleo").get(PAGE)
    assert f"“{SECRET}”" in dev.get(PAGE).content.decode()
    with harbor.scope():
        word = UnmappedWord.rows().get()
        assert word.waiting.count() == 2, "one task, however it is written"
        (read,) = AuditEntry.rows().filter(action="unmapped_word.read")
        assert (read.object_id, read.fields) == (word.id, ["job"]), "who may not read opened nothing"
    dev.post(PAGE, {"word": str(word.id), "means": "Nurse", "where": "catalog"})
    harbor.drain()
    assert kept(harbor, first.lead_id) == kept(harbor, second.lead_id) == ["Works as: Nurse"]
    assert standing_in_the_clear(harbor, SECRET) == {"catalog_customfield"}, "a synonym of the tenant's own catalog"
    with harbor.scope():
        word = UnmappedWord.rows().get()
        assert (word.state, word.typed, word.means) == (WordState.MAPPED, "", "")
        assert text_of(word) == WordText(SECRET, "Nurse")


@pytest.mark.row("DD-05")
def test_a_private_answer_that_means_nothing_is_known_again_though_it_is_sealed(
    harbor: Tenant,
    api: Callable[..., Api],
    dev: Client,  # noqa: F811
) -> None:
    job(harbor, label="Under treatment", privacy="health")
    program = api("bp-1")
    delivered(harbor, program, answering(SECRET))
    with harbor.scope():
        word = UnmappedWord.rows().get()
    assert dev.post(PAGE, {"word": str(word.id), "act": "ignore"}).status_code == 302
    harbor.drain()
    again = delivered(harbor, program, answering("TAKES lithium"))
    assert "unmapped_value" not in [each["code"] for each in again.reasons]
    assert "Nothing waits" in dev.get(PAGE).content.decode()
    assert standing_in_the_clear(harbor, SECRET) == set()


@pytest.mark.row("DD-05")
def test_a_field_that_becomes_private_seals_what_came_before_and_stays_sealed_when_it_is_plain_again(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    job(harbor)
    program, cleo = api("bp-1"), client_as("cleo")
    delivered(harbor, program, answering(SECRET))
    assert f"“{SECRET}”" in cleo.get(PAGE).content.decode()
    job(harbor, privacy="health")
    with harbor.scope():
        (word,) = UnmappedWord.rows().all()
        assert (word.typed, text_of(word).typed) == ("", SECRET) and word.word != fold(SECRET)
    assert SECRET not in cleo.get(PAGE).content.decode()
    job(harbor, privacy="plain")
    delivered(harbor, program, answering(SECRET))
    with harbor.scope():
        assert UnmappedWord.rows().get().waiting.count() == 2, "the sealed task is found again"
    assert SECRET not in cleo.get(PAGE).content.decode()


def test_a_word_is_found_again_after_the_master_key_was_rotated(
    harbor: Tenant, api: Callable[..., Api], settings: object
) -> None:
    job(harbor, privacy="health")
    program = api("bp-1")
    delivered(harbor, program, answering(SECRET))
    newer = f"2:{'B' * 43}=,{settings.LEADCRM_MASTER_KEY}"  # type: ignore[attr-defined]
    settings.LEADCRM_MASTER_KEY = newer  # type: ignore[attr-defined]
    delivered(harbor, program, answering(SECRET))
    with harbor.scope():
        assert UnmappedWord.rows().get().waiting.count() == 2
