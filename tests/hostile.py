"""Texts that have broken other software: markup, code, controls, directions, lengths, formulas, odd numbers."""

LONG = "a" * 20_000

TEXTS: tuple[str, ...] = (
    # markup and script
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"></title><svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>go</a>",
    "</textarea><script>alert(1)</script>",
    '<!--#exec cmd="ls"-->',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;",
    "]]><x>",
    # templates and formats
    "{{ 7|add:7 }} {% debug %}",
    "${7*7} #{7*7} %{7*7}",
    "%s %d %n %(name)s {0} {name.__class__}",
    "%00 %0d%0aSet-Cookie: a=b",
    # databases and shells
    "'; DROP TABLE leads_lead; --",
    "1' OR '1'='1",
    "\\'; SELECT pg_sleep(1); --",
    "$(reboot) `reboot` | reboot ; reboot",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    # formulas
    '=HYPERLINK("http://example.invalid";"x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    # headers of mails and answers
    "Ann\r\nBcc: all@example.invalid",
    "a@example.com\nSubject: x",
    # controls and directions
    "a\x00b",
    "a\x07b\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\u2066\u2067\u2068x\u2069",
    "\ufeffbom",
    "z\u200bero\u200dwidth",
    "\u2028line\u2029paragraph",
    "\x85\xa0\u3000",
    "\ufffe\uffff",
    "\U000e0041\U000e0042",
    # letters
    "Zoë Ångström Łukasz Ñandú",
    "\u0130\u0131 \u00df \ufb03",
    "Z\u0337\u0331\u0310a\u0336\u0301l\u0335\u0302g\u0334\u0303o\u0337\u0304",
    "田中さんにあげて下さい",
    "الرمز \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "עברית",
    "👩\u200d👩\u200d👧\u200d👦 🇺🇸 👍🏽",
    "\U0001d4d7\U0001d4ee\U0001d4f5\U0001d4f5\U0001d4f8",
    "ﷺ" * 30,
    "a\u0301" * 300,
    # numbers and words that mean nothing
    "NaN",
    "Infinity",
    "-1e309",
    "9" * 400,
    "0x1F",
    "١٢٣٤٥٦٧٨٩٠",
    "null",
    "None",
    "undefined",
    "true",
    "[]",
    '{"a": {"$ne": null}}',
    # places and times that are not
    "0000-00-00",
    "2026-02-30",
    "99999",
    # lengths
    " ",
    LONG,
    "word " * 3_000,
    "\n" * 500,
)
