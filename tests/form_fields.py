"""What a browser would post from a page: the fields of the form that holds a given field, as they stand."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.select: tuple[str, list[str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        name, here = said.get("name", ""), self.forms[-1]
        if tag == "input" and name and (said.get("type") != "checkbox" or "checked" in said):
            here.setdefault(name, []).append(said.get("value", "on"))
        if tag == "select":
            self.select = (name, [], []) if "multiple" not in said else (name, [""], [])
        if tag == "option" and self.select is not None:
            self.select[1].append(said.get("value", ""))
            if "selected" in said:
                self.select[2].append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select is not None:
            name, every, chosen = self.select
            self.forms[-1].setdefault(name, []).extend(chosen or [each for each in every[:1] if each])
            self.select = None


def fields_of(page: str, holding: str = "reason") -> dict[str, list[str]]:
    """Return the fields of the form on a page that has this one."""
    reader = _Fields()
    reader.feed(page)
    return next(each for each in reader.forms if holding in each)
