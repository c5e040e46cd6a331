// Names links and controls that something else lies upon: who presses them presses the other thing.
() => {
  const found = [];
  const page = document.querySelector("dialog[open]") || document.querySelector("main") || document.querySelector("#content") || document.body;
  for (const element of page.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    element.scrollIntoView({ block: "center", inline: "center" });
    const box = element.getClientRects()[0];
    if (!box || box.width < 2 || box.height < 2) continue;
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const label = element.labels && element.labels[0];
    if (top && (element.contains(top) || top.contains(element) || (label && label.contains(top)))) continue;
    found.push(`${element.outerHTML.slice(0, 90)} under ${top ? top.outerHTML.slice(0, 90) : "nothing"}`);
  }
  scrollTo(0, 0);
  return found.slice(0, 5);
}
