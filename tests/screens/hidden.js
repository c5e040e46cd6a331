// Says what has the focus and is wholly hidden, behind a pinned bar for example; "" when a part of it can be seen.
() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return "";
  const label = focused.labels && focused.labels[0];
  const box = (label || focused).getBoundingClientRect();
  for (const x of [0.1, 0.5, 0.9])
    for (const y of [0.15, 0.5, 0.85]) {
      const top = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
      if (top && (focused.contains(top) || top.contains(focused) || (label && label.contains(top)))) return "";
    }
  return focused.outerHTML.slice(0, 120);
}
