"""A form's content as plain JSON and back, so that a version can be frozen. Total: any document gives a content."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from apps.capture.form_terms import Choice, FormContent, FormKind, FormLayout, Question, QuestionKind
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts


def document_of(content: FormContent) -> dict[str, Any]:
    """Return a content as JSON."""
    plain = asdict(content)
    for question in plain["questions"]:
        question["kind"] = str(question["kind"])
        question["choices"] = list(question["choices"])
    return {
        **plain,
        "kind": str(content.kind),
        "layout": str(content.layout or ""),
        "services": list(content.services),
        "questions": list(plain["questions"]),
    }


def content_of(document: object) -> FormContent:
    """Return what a document asks and says; questions of an unknown kind are left out."""
    top = as_document(document)
    kind, cap, layout = as_text(top.get("kind")), top.get("field_cap"), as_text(top.get("layout"))
    return FormContent(
        layout=FormLayout(layout) if layout in set(FormLayout) else None,
        kind=FormKind(kind) if kind in set(FormKind) else FormKind.INQUIRY,
        title=_texts(top.get("title")),
        intro=_texts(top.get("intro")),
        next_steps=_texts(top.get("next_steps")),
        consent_version=_texts(top.get("consent_version")),
        services=tuple(as_texts(top.get("services"))),
        asset=as_text(top.get("asset")),
        field_cap=cap if isinstance(cap, int) else FormContent().field_cap,
        questions=tuple(
            _question(each)
            for each in map(as_document, as_items(top.get("questions")))
            if as_text(each.get("kind")) in set(QuestionKind)
        ),
    )


def _texts(value: object) -> dict[str, str]:
    return {language: as_text(text) for language, text in as_document(value).items()}


def _question(part: Mapping[str, object]) -> Question:
    return Question(
        key=as_text(part.get("key")),
        kind=QuestionKind(as_text(part.get("kind"))),
        is_required=part.get("is_required") is True,
        choices=tuple(
            Choice(as_text(each.get("value")), as_text(each.get("label")), as_text(each.get("label_es")))
            for each in map(as_document, as_items(part.get("choices")))
        ),
        **{name: as_text(part.get(name)) for name in ("label", "hint", "purpose", "criterion", "label_es", "hint_es")},
    )
