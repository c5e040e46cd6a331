"""The screens that exist: who looks, at which address, and what is opened on the page before it is seen."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import is_valid_path
from playwright.sync_api import Locator, Page

from leadcrm.http.context import WAYS
from tests.screens.morning import Morning

#: Who sees the most on a page of the rail; Ana sees the rest.
READERS = {
    "/board/": "lena",
    "/relationships/": "pia",
    "/exceptions/": "ewa",
    "/duplicates/": "ewa",
    "/quality/": "lena",
    "/chats/": "mia",
    "/quarantine/": "ewa",
    "/forms/": "cleo",
    "/segments/": "cleo",
    "/messages/": "lena",
    "/reports/": "dev",
    "/playbook/": "lena",
    "/compliance/": "dev",
    "/imports/": "cleo",
    "/partner/": "bea",
    "/admin/": "cleo",
}


@dataclass(frozen=True)
class Screen:
    """One screen. `who` is a first name of the cast, "" for somebody who is not signed in."""

    name: str
    who: str
    path: str
    then: Callable[[Page], None] | None = None
    status: int = 200


def screens(morning: Morning) -> list[Screen]:
    """Return every screen of this checkout; pages of the rail that have no address yet are left out."""
    lead, other, slug = f"/leads/{morning.lead_id}/", f"/leads/{morning.other_lead_id}/", morning.tenant.slug
    return [
        *_ways(),
        Screen("queue-late", "ana", "/queue/?view=late"),
        Screen("queue-never", "ana", "/queue/?view=never"),
        Screen("queue-empty", "raj", "/queue/"),
        Screen("my-work-empty", "raj", "/"),
        Screen("search", "ana", "/", _search),
        Screen("leads-new-found", "ana", "/leads/new/", _find_on_file),
        Screen("leads-new-form", "ana", "/leads/new/?blank=1"),
        Screen("leads-new-held", "ana", "/leads/new/?blank=1", _send_papers("button[name=save]"), 422),
        Screen("leads-new-errors", "ana", "/leads/new/?blank=1", _send_empty_entry, 422),
        Screen("lead", "ana", lead),
        Screen("lead-actions", "ana", lead, _unfold),
        Screen("lead-visit", "sue", morning.visit_url, _scroll_to("#visits-title")),
        Screen("lead-of-colleague", "ben", other),
        Screen("lead-other-team", "ewa", lead),
        Screen("why", "ana", f"{lead}why/"),
        Screen("person", "ewa", f"/people/{morning.person_id}/"),
        Screen("touches-joined", "ewa", morning.joined_url.partition("touches")[0], _see_touches),
        Screen("split", "ewa", morning.joined_url),
        Screen("split-preview", "ewa", morning.joined_url, _look_ahead),
        Screen("pair", "ewa", morning.open_pair_url),
        Screen("pair-kept-apart", "ewa", morning.pair_url),
        Screen("unmerge", "ewa", morning.merge_url),
        *(Screen(name, "ana", f"{lead}{name}/") for name in _DEEDS),
        Screen("handoffs", "ewa", "/handoffs/?show=stuck"),
        Screen("ask", "ewa", f"{lead}ask/"),
        Screen("transfer-errors", "ana", f"{lead}transfer/", _send_empty, 422),
        Screen("partner-deliveries", "bea", "/partner/deliveries/"),
        Screen("partner-submit", "lou", "/partner/submit/"),
        Screen("partner-keys", "bea", "/partner/keys/"),
        Screen("partner-test", "bea", "/partner/test/"),
        Screen("quality-disagrees", "lena", "/quality/disagrees/"),
        Screen("quality-change", "lena", "/quality/change/?field=location"),
        Screen("import-checked", "cleo", f"/imports/{morning.import_id}/"),
        Screen("keys", "ana", lead, _press("?", "#keys-sheet")),
        Screen("palette", "ana", lead, _press("Control+k", "#keys-palette")),
        Screen("api-docs", "ana", "/api/v1/docs"),
        Screen("error-404", "ana", "/leads/00000000-0000-7000-8000-000000000000/", status=404),
        Screen("error-403", "ana", "/reports/", status=403),
        Screen("report-lines", "dev", "/reports/lines/"),
        Screen("report-cycle", "dev", "/reports/cycle/"),
        Screen("report-endings", "dev", "/reports/endings/"),
        Screen("report-quality", "dev", "/reports/quality/"),
        Screen("report-routes", "dev", "/reports/routes/"),
        Screen("report-scores", "dev", "/reports/scores/"),
        Screen("report-cadences", "dev", "/reports/cadences/"),
        Screen("segment", "cleo", "/segments/imaging-open/"),
        Screen("second-factor", "ana", "/accounts/2fa/"),
        Screen("change-password", "ana", "/accounts/password/change/"),
        Screen("sign-in", "", "/accounts/login/"),
        Screen("sign-in-errors", "", "/accounts/login/", _sign_in_wrongly),
        Screen("schedule", "", morning.schedule_url),
        Screen("schedule-time", "", morning.schedule_url, _follow(".pick")),
        Screen("form", "", f"/f/{slug}-imaging/"),
        Screen("form-step", "", f"/f/{slug}-visit/"),
        Screen("form-step-spanish", "", f"/f/{slug}-visit/?lang=es", _two_steps_on),
        Screen("form-check", "", f"/f/{slug}-visit/", _to_the_answers),
        Screen("form-referral", "", f"/f/{slug}-refer/"),
        Screen("form-referral-held", "", f"/f/{slug}-refer/", _send_papers("button[type=submit]"), 422),
        Screen("form-embedded", "", f"/f/{slug}-visit/embed/"),
        Screen("form-errors", "", f"/f/{slug}-imaging/", _send_empty, 422),
        Screen("chat", "", f"/chat/{slug}-chat/"),
        Screen("chat-emergency", "", f"/chat/{slug}-chat/", _write("my chest hurts", "[class*=line--visitor]")),
        Screen("queue-chats", "mia", "/queue/"),
        Screen("chat-frame", "", f"/chat/{slug}-chat/embed/", _write("What are your hours?", "[class*=line--visitor]")),
        *_admin(morning),
    ]


_DEEDS = (
    "log-call",
    "message",
    "transfer",
    "book",
    "move",
    "close",
    "opt-out",
    "note",
    "contact-point",
    "verify",
    "qualify",
    "handoff",
    "cadence",
)


def _ways() -> list[Screen]:
    names = [(way.url.strip("/").replace("/", "-") or "my-work", way.url) for way in WAYS if is_valid_path(way.url)]
    return [Screen(name, READERS.get(url, "ana"), url) for name, url in names]


def _admin(morning: Morning) -> list[Screen]:
    version = "/admin/policies/rulesetversion"
    rule = f"{version}/{morning.live_id}/rule/?at=/layers/location/rules/1"
    return [
        Screen("admin-leads", "cleo", "/admin/leads/lead/"),
        Screen("admin-lead", "cleo", f"/admin/leads/lead/{morning.lead_id}/change/"),
        Screen("admin-forms", "cleo", "/admin/capture/form/"),
        Screen("admin-people", "cleo", "/admin/accounts/membership/"),
        Screen("admin-queues", "cleo", "/admin/catalog/queue/"),
        Screen("admin-queue", "cleo", "/admin/catalog/queue/add/"),
        Screen("admin-connection", "cleo", f"/admin/connectors/connection/{morning.connection_id}/change/"),
        Screen("admin-rules", "cleo", "/admin/policies/ruleset/"),
        Screen("admin-rule-set", "cleo", f"/admin/policies/ruleset/{morning.rule_set_id}/change/"),
        Screen("admin-rule", "cleo", rule),
        Screen("admin-rule-versions", "cleo", f"{version}/"),
        Screen("admin-rule-draft", "dev", f"{version}/{morning.draft_id}/change/"),
        Screen("admin-sample-lead", "cleo", f"/admin/try/sample-lead/?version={morning.draft_id}", _show_the_way),
        Screen("admin-who-answers", "cleo", "/admin/try/who-answers/?day=1&time=19:30&service=imaging"),
        Screen("admin-experiments", "cleo", "/admin/experiments/"),
        Screen("admin-experiment", "dev", "/admin/experiments/", _open("Fewer questions")),
        Screen("admin-experiment-new", "cleo", "/admin/experiments/new/"),
        Screen("admin-experiment-form", "ada", "/admin/experiments/new/", _try("Form: ")),
        Screen("admin-experiment-stage", "ada", "/admin/experiments/new/", _try("Stage: ")),
        Screen("admin-ownership", "cleo", "/admin/try/ownership-matrix/?team=elm-calls"),
        Screen("admin-unmapped", "cleo", "/admin/unmapped/"),
        Screen("admin-own-field", "cleo", "/admin/catalog/customfield/add/"),
        Screen("admin-mappings", "cleo", "/admin/mapping/"),
        Screen("admin-mapping", "cleo", "/admin/mapping/imaging-spring/"),
        Screen("admin-dictionary", "cleo", "/admin/dictionary/"),
        Screen("admin-channel", "cleo", "/admin/catalog/channel/", _open("Web form")),
        Screen("admin-field-keeping", "cleo", "/admin/catalog/fieldkeeping/"),
        Screen("admin-chat-answers", "cleo", "/admin/policies/ruleset/", _open("chat", "Edit as a form")),
        Screen("admin-change-log", "cleo", "/admin/change-log/"),
        Screen("admin-audit", "dev", "/admin/audit/auditentry/"),
    ]


def _open(*links: str) -> Callable[[Page], None]:
    """Follow links of the page's own part, one after another."""

    def then(page: Page) -> None:
        for link in links:
            _go_on(page, page.locator("#content").get_by_role("link", name=link).first)

    return then


def _try(word: str) -> Callable[[Page], None]:
    """Choose what an experiment is about: the first whose name begins so."""

    def then(page: Page) -> None:
        chosen = page.locator("select[name=about] option", has_text=word).first.get_attribute("value")
        page.select_option("select[name=about]", chosen)
        _go_on(page, page.get_by_role("button", name="Choose"))

    return then


def _press(keys: str, opened: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.keyboard.press(keys)
        page.wait_for_selector(f"{opened}[open]")

    return then


def _unfold(page: Page) -> None:
    """Open what else one may do with a lead, with its next action above."""
    page.keyboard.press("a")
    page.wait_for_selector(".actions__more[open]")
    page.locator(".next").evaluate("(part) => part.scrollIntoView()")


def _scroll_to(part: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.locator(part).evaluate("(found) => found.scrollIntoView({ block: 'center' })")

    return then


def _follow(link: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        _go_on(page, page.locator(link).first)

    return then


def _see_touches(page: Page) -> None:
    page.evaluate("document.querySelector('#background').scrollIntoView()")
    page.get_by_role("link", name="Not this person").first.wait_for()


def _look_ahead(page: Page) -> None:
    page.fill("#reason", "Her son asked for himself.")
    page.check("[name=told] >> nth=-1")
    page.get_by_role("button", name="See what will happen").click()
    page.get_by_role("button", name="Split it off").wait_for()


def _write(text: str, shown: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.fill("#chat-text", text)
        page.get_by_role("button", name="Send").click()
        page.wait_for_selector(shown)

    return then


def _go_on(page: Page, button: Locator) -> None:
    """Press a button that sends a form, and wait for the page that answers: the old one may look like it."""
    with page.expect_navigation():
        button.click()


def _find_on_file(page: Page) -> None:
    page.fill("#id_q", "(312) 555-0142")
    _go_on(page, page.locator("button[name=find]"))
    page.wait_for_selector("#act")


def _send_empty_entry(page: Page) -> None:
    _go_on(page, page.locator("button[name=save]"))
    page.wait_for_selector(".problems")


def _send_papers(button: str) -> Callable[[Page], None]:
    """Send a referral without its contact: the paper is kept, a program among the files is named."""

    def then(page: Page) -> None:
        if page.locator("#id_lead_class").count():
            page.select_option("#id_lead_class", "referral")
        files = [("operation-report.pdf", b"%PDF-1.7 report"), ("viewer.exe", b"MZ")]
        payloads = [{"name": name, "mimeType": "application/octet-stream", "buffer": raw} for name, raw in files]
        page.set_input_files("#id_documents", payloads)
        _go_on(page, page.locator(f"main form {button}").last)
        page.wait_for_selector(".held")
        page.locator(".held").scroll_into_view_if_needed()

    return then


def _search(page: Page) -> None:
    page.fill("#search", "Patel")
    page.press("#search", "Enter")
    page.wait_for_url("**/search/")


def _two_steps_on(page: Page) -> None:
    for _ in range(2):
        _go_on(page, page.locator("main form button[type=submit]"))


def _to_the_answers(page: Page) -> None:
    for step in range(3):
        _go_on(page, page.locator("main form button[type=submit]"))
        page.wait_for_selector(f"text=Step {step + 2} of 6")
    page.fill("[name=first_name]", "Sol")
    page.fill("[name=phone]", "(312) 555-0177")
    for step in (5, 6):
        _go_on(page, page.locator("main form button[type=submit]"))
        page.wait_for_selector(f"text=Step {step} of 6")


def _send_empty(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    _go_on(page, page.locator("main form button[type=submit]").last)
    page.wait_for_selector(".error-summary:visible, [role=alert]:visible")


def _sign_in_wrongly(page: Page) -> None:
    page.fill("input[name=login]", "nobody@example.org")
    page.fill("input[name=password]", "not the password")
    _go_on(page, page.locator("button[type=submit]"))


def _show_the_way(page: Page) -> None:
    page.locator("summary", has_text="Many at once").click()
    page.fill("textarea[name=many]", "service=orthopedics; location=elm-st\nservice=imaging; postal_code=60614")
    page.select_option("select[name=service]", "orthopedics")
    page.select_option("select[name=location]", "elm-st")
    _go_on(page, page.get_by_role("button", name="Show the way"))
